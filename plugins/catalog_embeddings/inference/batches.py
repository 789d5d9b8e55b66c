"""The client of OpenAI's Batch API: files go up, batches are made of them, their answers come down.

It knows nothing of what the lines hold. To upload a file or to create a batch again is not harmless: whenever one may
have got through, be it that its answer was lost or its worker, it is looked for first, by the name that it was given.
"""

from __future__ import annotations  # the SDK is imported late

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from catalog_embeddings.domain.batch import AnsweredLine, BatchReport, Endpoint
from catalog_embeddings.errors import RequestRefused, RunPaused, UntrustedAnswer
from catalog_embeddings.inference import endpoint
from catalog_embeddings.inference.batch_lines import Listed, parse_batch, parse_file_id, parse_lines, parse_page
from catalog_embeddings.inference.endpoint import Question
from catalog_embeddings.inference.limits import Gate

if TYPE_CHECKING:
    import openai

    List = Callable[[str | openai.Omit], Any]

#: The key of a batch's metadata that says which intent it was created for.
INTENT = "catalog_embeddings_intent"

_PAGE = 100

# Two clocks may differ by so much: seconds.
_SKEW = 3_600.0

Value = TypeVar("Value")


@dataclass(frozen=True)
class _Told(Generic[Value]):
    """An answer that nothing is billed for."""

    value: Value
    tokens: int = 0


class BatchesApi:
    """Files and batches of one account. For one thread."""

    def __init__(self, *, api_key: str | None, base_url: str | None, gate: Gate) -> None:
        """A client all of whose requests pass ``gate``. None is made yet."""
        look: Question[_Told[Any]] = Question(
            0,
            lambda client: client.batches.with_raw_response.list(limit=1),
            lambda body: _Told(parse_page(body)),
        )
        self._endpoint = endpoint.Endpoint(look, api_key=api_key, base_url=base_url, gate=gate)

    def upload(self, name: str, content: bytes, *, sent_before: datetime | None = None) -> str:
        """Upload an input file and return its id; one of this name and size that is there already is used again.

        ``sent_before`` is when it may have been sent for the first time, None where it surely was not.

        Raises:
            RunPaused: quota, auth, an outage, or a server without a Batch API.
        """
        since = sent_before

        def send(client: openai.OpenAI) -> Any:
            nonlocal since
            if since is not None:
                files = _newest(
                    lambda after: client.files.with_raw_response.list(purpose="batch", limit=_PAGE, after=after), since
                )
                same = (file for file in files if (file.entry.get("filename"), file.entry.get("bytes")) == wanted)
                if (found := next(same, None)) is not None:
                    return client.files.with_raw_response.retrieve(found.id)
            since = since or now
            return client.files.with_raw_response.create(file=(name, content), purpose="batch")

        wanted, now = (name, len(content)), datetime.now().astimezone()
        return self._ask(send, parse_file_id)

    def create(
        self, input_file_id: str, url: Endpoint, intent_id: str, *, sent_before: datetime | None = None
    ) -> BatchReport:
        """Create the batch of an intent, at most once: one that is there already is taken for it.

        ``sent_before`` is when it may have been created for the first time, None where it surely was not.

        Raises:
            RunPaused: quota, auth, an outage, or a server that refuses it.
        """
        since = sent_before

        def send(client: openai.OpenAI) -> Any:
            nonlocal since
            if since is not None and (found := _batch_of(client, intent_id, since)) is not None:
                return client.batches.with_raw_response.retrieve(found.id)
            since = since or now
            return client.batches.with_raw_response.create(
                input_file_id=input_file_id,
                endpoint=url,
                completion_window="24h",
                metadata={INTENT: intent_id},
            )

        now = datetime.now().astimezone()
        return self._ask(send, parse_batch)

    def find(self, intent_id: str, since: datetime) -> BatchReport | None:
        """The batch of an intent, the first if there are several, or None; it was not created before ``since``.

        Raises:
            RunPaused: quota, auth, an outage, or a server without a Batch API.
        """
        found: list[Listed] = []

        def send(client: openai.OpenAI) -> Any:
            found[:] = filter(None, [_batch_of(client, intent_id, since)])
            return client.batches.with_raw_response.list(limit=1)

        self._ask(send, parse_page)
        return self.get(found[0].id) if found else None

    def get(self, batch_id: str) -> BatchReport:
        """How far a batch has come.

        Raises:
            RunPaused: quota, auth, an outage, or the account has no such batch.
        """
        return self._ask(lambda client: client.batches.with_raw_response.retrieve(batch_id), parse_batch)

    def cancel(self, batch_id: str) -> None:
        """Have no further line of a batch sent. One that has ended stays as it is.

        Raises:
            RunPaused: quota, auth, an outage, or the account has no such batch.
        """
        import openai

        def send(client: openai.OpenAI) -> Any:
            try:
                return client.batches.with_raw_response.cancel(batch_id)
            except openai.ConflictError:
                return client.batches.with_raw_response.retrieve(batch_id)

        self._ask(send, parse_batch)

    def lines(self, report: BatchReport) -> Iterator[AnsweredLine]:
        """What became of the lines of a batch that has ended, one file in memory at a time.

        Raises:
            RunPaused: quota, auth, an outage, or a file that never is what it should be.
        """
        for file_id, lines in ((report.output_file_id, report.completed), (report.error_file_id, report.failed)):
            if file_id is not None:
                yield from self._ask(_content_of(file_id), _at_least(lines))

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()

    def _ask(self, send: Callable[[openai.OpenAI], Any], read: Callable[[bytes], Value]) -> Value:
        try:
            told: _Told[Value] = self._endpoint.ask(Question(0, send, lambda body: _Told(read(body))))
        except RequestRefused as refused:
            raise RunPaused(
                f"the Batch API does not do what it is asked: {refused}; run again later, or with --via api"
            ) from refused
        return told.value


def _content_of(file_id: str) -> Callable[[openai.OpenAI], Any]:
    return lambda client: client.files.with_raw_response.content(file_id)


def _at_least(expected: int) -> Callable[[bytes], list[AnsweredLine]]:
    def read(content: bytes) -> list[AnsweredLine]:
        lines = parse_lines(content)
        if len(lines) < expected:
            raise UntrustedAnswer(f"the file holds {len(lines)} lines, and the batch says {expected}")
        return lines

    return read


def _batch_of(client: openai.OpenAI, intent_id: str, since: datetime) -> Listed | None:
    listed = _newest(lambda after: client.batches.with_raw_response.list(limit=_PAGE, after=after), since)
    # All of them are looked at, so that everybody who looks takes the same one: the first.
    return next((each for each in reversed(list(listed)) if _metadata(each).get(INTENT) == intent_id), None)


def _metadata(listed: Listed) -> Mapping[str, object]:
    metadata = listed.entry.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _newest(list_after: List, since: datetime) -> Iterator[Listed]:
    """The entries of a list, newest first, page by page, down to those that are older than ``since``."""
    import openai

    after: str | openai.Omit = openai.omit
    more = True
    while more:
        entries, more = parse_page(list_after(after).content)
        for entry in entries:
            if entry.created_at < since.timestamp() - _SKEW:
                return
            yield entry
        if not entries:
            return
        after = entries[-1].id
