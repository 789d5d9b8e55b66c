"""Asking a language model about one record: every answer is durable before it is read, and a bad one is asked again.

Runs in worker threads and knows nothing of the database. What was ever answered about a record lies in the lake under
its hash and is looked for first, so whoever goes on after a crash, and whoever else needs the same, asks for nothing
that is paid for.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog_embeddings.domain.enrichment import Checked, Enrichment
from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import RequestRefused
from catalog_embeddings.inference.chat import ChatApi
from catalog_embeddings.inference.responses import ChatAnswer
from catalog_embeddings.lake.answers import Answer, Asking, find_answers, store_answer
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.lake.worklists import Wanted
from catalog_embeddings.pipeline.suspicion import Suspicion
from catalog_embeddings.transform.enrichment_templates import EnrichmentTemplate, Message, load_enrichment
from catalog_embeddings.transform.enrichment_verdict import Judged, best_of, judge, settle
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.hashing import enrichment_recipe

# What the client says of a request that fails again and again while the API answers others.
_FAILS_ALONE = {"server_failed", "untrusted_answer"}


@dataclass(frozen=True)
class Asked:
    """What came of one record, and what it cost now; ``refused`` by the API, which has written nothing of it."""

    enrichment: Enrichment
    paid: ChatSpent
    refused: bool = False


def asking_of(spec: VersionSpec) -> Asking:
    """Where the lake holds the answers to what a version asks.

    Raises:
        ValueError: the version asks nothing.
    """
    if spec.enrichment is None:
        raise ValueError("a version without an enrichment asks nothing")
    return Asking(spec.enrichment, enrichment_recipe(spec))


class ChatAsker:
    """Asks about the records of one version. Safe to call from many threads."""

    def __init__(self, api: ChatApi, lake: Lake, spec: VersionSpec) -> None:
        """An asker for the enrichment of ``spec``."""
        self._api = api
        self._lake = lake
        self._asking = asking_of(spec)
        self._template = load_enrichment(self._asking.prompt_version)
        self._suspicion = Suspicion(api.check_canary)
        self._unstored = threading.BoundedSemaphore(api.gate.parallelism)

    def ask(self, wanted: Wanted) -> Asked:
        """The enrichment of a record, asked for as often as needed: not at all, once, or once more.

        Raises:
            RunPaused: quota, auth or an outage.
            ServerFailed: the lake did not take an answer.
        """
        record = Record.of(wanted.record)
        answers = find_answers(self._lake, self._asking, wanted.record_hash)
        judged = [judge_answer(answer, self._template, record) for _, answer in answers]
        paid = ChatSpent()
        while (chosen := settle(judged)) is None:
            try:
                key, answer = self._buy(wanted, answers, judged)
            except RequestRefused as refused:
                self._suspicion.refused(refused.code)
                if not judged:
                    return Asked(_refused(wanted, refused), paid, refused=True)
                chosen = best_of(judged)
                break
            paid += ChatSpent(1, answer.prompt_tokens, answer.completion_tokens)
            answers.append((key, answer))
            judged.append(judge_answer(answer, self._template, record))
        return Asked(enrichment_of(wanted.record_hash, answers, chosen), paid)

    def confirm_refusals(self) -> None:
        """Make sure that the API answers at all, if the last records were refused.

        Raises:
            RunPaused: it does not; no record is to blame.
        """
        self._suspicion.confirm()

    def _buy(self, wanted: Wanted, answers: list[tuple[str, Answer]], judged: list[Judged]) -> tuple[str, Answer]:
        """Ask, and make the answer durable; a crash loses no more of them than may be in flight."""
        with self._unstored:
            answer = self._complete(wanted, answers, judged)
            return store_answer(self._lake, self._asking, answer), answer

    def _complete(self, wanted: Wanted, answers: list[tuple[str, Answer]], judged: list[Judged]) -> Answer:
        messages = self._template.messages(wanted.record)
        if judged:
            messages += _reminded(self._template, answers[-1][1], judged[-1])
        answer = self._api.complete(
            messages,
            self._template.schema,
            temperature=self._template.temperature,
            max_tokens=self._template.max_tokens,
        )
        self._suspicion.answered()
        return answer_about(wanted, len(answers) + 1, answer)


def answer_about(wanted: Wanted, attempt: int, answer: ChatAnswer) -> Answer:
    """The answer to the ``attempt``-th request about a record, as the lake keeps it."""
    return Answer(
        record_hash=wanted.record_hash,
        attempt=attempt,
        record=wanted.record,
        raw=answer.raw,
        content=answer.content,
        finish_reason=answer.finish_reason,
        refusal=answer.refusal,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
    )


def judge_answer(answer: Answer, template: EnrichmentTemplate, record: Record) -> Judged:
    """What a stored answer comes to, by what this release thinks of it."""
    return judge(answer.content, answer.finish_reason, answer.refusal, template.schema, record)


def enrichment_of(record_hash: bytes, answers: list[tuple[str, Answer]], chosen: Judged) -> Enrichment:
    """An enrichment as it is stored."""
    return Enrichment(
        record_hash=record_hash,
        checked=chosen.checked,
        reason=chosen.reason,
        attempts=len(answers),
        answer_keys=tuple(key for key, _ in answers),
        prompt_tokens=sum(answer.prompt_tokens for _, answer in answers),
        completion_tokens=sum(answer.completion_tokens for _, answer in answers),
    )


def _reminded(template: EnrichmentTemplate, answer: Answer, judged: Judged) -> list[Message]:
    """The answer that was of no use, and what was wrong with it."""
    return [{"role": "assistant", "content": answer.content or ""}, template.reminder(judged.errors)]


def _refused(wanted: Wanted, refused: RequestRefused) -> Enrichment:
    reason = "failed_by_api" if refused.code in _FAILS_ALONE else "refused_by_api"
    return Enrichment(wanted.record_hash, Checked("rejected", (), None), f"{reason}: {refused.code}")


def message_bytes(template: EnrichmentTemplate, record: Mapping[str, Any]) -> int:
    """The size of the first request about a record, in bytes: more than its tokens."""
    return sum(len(message["content"].encode()) for message in template.messages(record))
