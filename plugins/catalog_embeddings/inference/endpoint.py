"""What the clients of every OpenAI-compatible API share: one model's endpoint, asked through a gate.

The SDK brings the protocol; its own retries are off, because two retry policies multiply. When a request may be
sent is the gate's business, whether it is sent again that of ``retry``; what an error means is told by ``responses``.
What is asked, and how its answer is read, a client says in a ``Question``.
"""

from __future__ import annotations  # the SDK is imported late

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import httpx2

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.errors import RequestRefused, RunPaused, ServerFailed, Transient
from catalog_embeddings.inference.deadline import DeadlineTransport, proxy_for
from catalog_embeddings.inference.limits import Gate, Passage
from catalog_embeddings.inference.responses import allowances, error_of, pause_asked
from catalog_embeddings.inference.retry import retrying

if TYPE_CHECKING:
    import openai

# An input that every model takes: it tells a poisoned item from a broken system, and an outage that is
# over from one that is not, without paying for a batch each time.
CANARY = "A plain wooden chair."

_OPENAI = "https://api.openai.com/v1"


class _Billed(Protocol):
    """What every answer tells."""

    @property
    def tokens(self) -> int: ...


class _Response(Protocol):
    """What is used of the SDK's raw response."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def content(self) -> bytes: ...


Answer = TypeVar("Answer", bound=_Billed)


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """A request: the bytes of its text, how it is sent, and how the body of its answer is read."""

    text_bytes: int
    send: Callable[[openai.OpenAI], _Response]
    read: Callable[[bytes], Answer]


class Endpoint(Generic[Answer]):
    """Questions in, answers out. Safe to call from many threads; it counts what it spends."""

    def __init__(self, canary: Question[Answer], *, api_key: str | None, base_url: str | None, gate: Gate) -> None:
        """An endpoint all of whose requests pass ``gate``, and which answers ``canary`` if it works. No call yet."""
        import openai

        transport = DeadlineTransport(
            gate.pace.request,
            httpx2.Limits(max_connections=gate.parallelism),
            proxy_for(httpx2.URL(base_url or _OPENAI)),
        )
        self._client = openai.OpenAI(
            api_key=api_key or "none",
            base_url=base_url,
            max_retries=0,
            timeout=httpx2.Timeout(gate.pace.read, connect=gate.pace.connect),
            http_client=openai.DefaultHttpxClient(transport=transport),
        )
        self.gate = gate
        self._canary = canary
        self._lock = threading.Lock()
        self._spent = Spent()

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return self._spent

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer to a question, tried again while that may help.

        Outages shorter than ``Pace.patience`` are sat out: in one, only a canary is sent now and then.

        Raises:
            RequestRefused: the API refuses this question, or fails on it each time while it answers others.
            RunPaused: quota, auth, a missing model, a longer outage. Every other call raises it too from then on.
        """
        for attempt in retrying(self.gate):
            with attempt:
                answer = self._attempt(question, is_retry=attempt.retry_state.attempt_number > 1)
        return answer

    def check_canary(self) -> None:
        """Ask what any working API answers.

        Raises:
            RunPaused: even that is refused, so the system is at fault and no item is.
        """
        try:
            self.ask(self._canary)
        except RequestRefused as refused:
            paused = RunPaused(f"the API refuses even a plain sentence: {refused}")
            self.gate.stop(paused)
            raise paused from refused

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _attempt(self, question: Question[Answer], *, is_retry: bool) -> Answer:
        """Wait for the gate and send the request once; on the way the gate may ask whether an outage is over."""
        while (passage := self.gate.enter(question.text_bytes)).is_probe:
            # What comes of it the gate learns by itself.
            with suppress(Transient, RequestRefused), passage:
                self._request(self._canary, passage, is_retry=True)
        with passage:
            return self._request(question, passage, is_retry=is_retry)

    def _request(self, question: Question[Answer], passage: Passage, *, is_retry: bool) -> Answer:
        import openai

        self._count(requests=1, retries=int(is_retry))
        try:
            response = question.send(self._client)
        except openai.APIStatusError as refused:
            status, headers = refused.response.status_code, refused.response.headers
            passage.learn(allowances(headers))
            if (seconds := pause_asked(status, headers)) is not None:
                self.gate.pause(seconds)
            # From None: the SDK's own error repeats the body, which may quote the input.
            raise error_of(status, headers, refused.response.content) from None
        except openai.APIError as error:
            # Time-outs, refused or broken connections. From None: below may stand the header that holds the key.
            cause = type(error.__cause__ or error).__name__
            raise ServerFailed(f"no answer from the API ({cause})") from None
        passage.learn(allowances(response.headers))
        answer = question.read(response.content)
        passage.billed = answer.tokens
        self._count(tokens=answer.tokens)
        return answer

    def _count(self, *, requests: int = 0, retries: int = 0, tokens: int = 0) -> None:
        with self._lock:
            now = self._spent
            self._spent = Spent(now.requests + requests, now.retries + retries, now.tokens + tokens)
