"""What the emulator counts, so that a test can say how often the API was called and what it cost.

Knows sums only, no texts: what was paid for is remembered as digests. It is written by the event loop alone;
other threads may read it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Literal

EndpointName = Literal["embeddings", "chat", "models", "files", "batches"]


class Counters:
    """Running sums since the start or the last reset."""

    def __init__(self) -> None:
        self._in_flight = 0
        self.zero()

    def zero(self) -> None:
        """Begin again; requests still in flight stay counted as such."""
        self._requests: Counter[EndpointName] = Counter()
        self._ok = 0
        self._errors: Counter[str] = Counter()
        self._batches = 0
        self._batch_lines_paid = 0
        self._inputs_paid = 0
        self._paid: set[bytes] = set()
        self._prompt_tokens = 0
        self._completion_tokens = 0
        self._largest_batch = 0
        self._max_in_flight = self._in_flight

    @property
    def in_flight(self) -> int:
        """Requests that are being answered now."""
        return self._in_flight

    @contextmanager
    def request(self, endpoint: EndpointName) -> Iterator[None]:
        """One request, from its arrival until its answer is ready."""
        self._requests[endpoint] += 1
        # To ask which models there are is free, and in nobody's way.
        weight = int(endpoint != "models")
        self._in_flight += weight
        self._max_in_flight = max(self._max_in_flight, self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= weight

    def answered(self, outcome: int | str) -> None:
        """How a request ended: an HTTP status, or ``dropped`` where no answer was sent."""
        if outcome == 200:
            self._ok += 1
        else:
            self._errors[str(outcome)] += 1

    def embedded(self, model: str, dims: int, texts: Sequence[str], tokens: int) -> None:
        """Vectors were made, so they are paid for: also when the answer is then spoilt or lost on its way."""
        self._inputs_paid += len(texts)
        self._paid.update(blake2b(f"{model}\0{dims}\0{t}".encode(), digest_size=16).digest() for t in texts)
        self._prompt_tokens += tokens
        self._largest_batch = max(self._largest_batch, len(texts))

    def completed(self, prompt_tokens: int, completion_tokens: int) -> None:
        """A chat answer was made, and is paid for."""
        self._prompt_tokens += prompt_tokens
        self._completion_tokens += completion_tokens

    def batch_created(self) -> None:
        """A batch was accepted; what is wrong with its file comes to light later."""
        self._batches += 1

    def batch_line_paid(self) -> None:
        """A line of a batch was answered; its inputs and tokens are counted as those of any request are."""
        self._batch_lines_paid += 1

    def snapshot(self) -> dict[str, object]:
        """The sums as one JSON object. Texts of different models or dims are different purchases."""
        return {
            "requests": self._requests.total(),
            "embedding_requests": self._requests["embeddings"],
            "chat_requests": self._requests["chat"],
            "batches": self._batches,
            "batch_lines_paid": self._batch_lines_paid,
            "ok": self._ok,
            "errors": dict(self._errors),
            "inputs_paid": self._inputs_paid,
            "inputs_paid_distinct": len(self._paid),
            "inputs_paid_twice": self._inputs_paid - len(self._paid),
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": self._completion_tokens,
            "in_flight": self._in_flight,
            "max_in_flight": self._max_in_flight,
            "largest_batch": self._largest_batch,
        }
