"""A batch: many requests in one file, which the API answers within a day, for half the price."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

#: How a run asks the API.
Via = Literal["api", "batch-api"]

Endpoint = Literal["/v1/embeddings", "/v1/chat/completions"]

EMBEDDINGS: Endpoint = "/v1/embeddings"
CHAT: Endpoint = "/v1/chat/completions"

#: intended (written down, perhaps sent) -> submitted (the API has it) -> one of the others, as the batch has ended.
BatchState = Literal["intended", "submitted", "collected", "failed", "expired", "cancelled"]

#: What became of a request: its answer is stored, the API refuses what it holds, it was sent and has no answer that
#: can be used, or it was never sent.
RequestOutcome = Literal["answered", "refused", "failed", "unsent"]


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """A line of a batch: which texts it asks about, how many chunks each has, and how many bytes each chunk.

    One that puts a record to a language model asks about that alone, by its record hash, and is one chunk.
    """

    content_hashes: list[bytes]
    chunks: list[int]
    sizes: list[int]

    @property
    def custom_id(self) -> str:
        """The name by which its answer is found: made of what it asks about, and of nothing else."""
        return hashlib.sha256(b"".join(self.content_hashes)).hexdigest()


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it is written down before it is sent. ``batch_id`` is None until the API has it."""

    intent_id: str
    run_id: str
    endpoint: Endpoint
    shard: int
    number: int
    requests: int
    state: BatchState
    batch_id: str | None
    reserved_usd: Decimal
    intended_at: datetime
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchReport:
    """A batch as the API tells of it. ``completed`` and ``failed`` requests were sent; ``error`` is a code."""

    batch_id: str
    status: str
    input_file_id: str
    total: int
    completed: int
    failed: int
    output_file_id: str | None
    error_file_id: str | None
    error: str | None

    @property
    def end(self) -> BatchState | None:
        """How it has ended; None while it is under way."""
        return _ENDS.get(self.status)


@dataclass(frozen=True, slots=True)
class Billed:
    """What lines of a batch were billed: those answered, the bytes they asked about, tokens read and written."""

    answers: int = 0
    text_bytes: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: "Billed") -> "Billed":
        """Both together."""
        return Billed(
            self.answers + other.answers,
            self.text_bytes + other.text_bytes,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """What became of one line: the status and the body it would have been answered with alone, or why it was not sent.

    ``status`` is None where it was not.
    """

    custom_id: str
    status: int | None
    body: bytes


_ENDS: dict[str, BatchState] = {
    "completed": "collected",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "cancelled",
}
