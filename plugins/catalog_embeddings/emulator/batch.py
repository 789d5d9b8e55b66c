"""One batch and how far it has come.

Knows its statuses and how it is written as JSON; what moves it from one to the next is in ``batch_run``.
"""

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from catalog_embeddings.emulator.batch_lines import BatchEndpoint

Moment = Literal["in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled"]
_MOMENTS: tuple[Moment, ...] = get_args(Moment)
_WINDOW_S = 86_400


@dataclass(eq=False)
class Batch:
    """A batch. ``completed`` and ``failed`` count lines that were sent; ``moments`` are Unix seconds."""

    endpoint: BatchEndpoint
    input_file_id: str
    metadata: Mapping[str, str] | None = None
    id: str = field(default_factory=lambda: f"batch_{uuid.uuid4().hex}")
    created_at: int = field(default_factory=lambda: int(time.time()))
    status: Moment | Literal["validating"] = "validating"
    moments: dict[Moment, int] = field(default_factory=dict)
    model: object = None
    errors: list[dict[str, object]] | None = None
    total: int = 0
    completed: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    output_file_id: str | None = None
    error_file_id: str | None = None
    cancel_asked: asyncio.Event = field(default_factory=asyncio.Event)

    def become(self, status: Moment) -> None:
        """Enter a status, now."""
        self.status = status
        self.moments[status] = int(time.time())

    def as_json(self) -> dict[str, object]:
        """The batch's JSON object."""
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": self.endpoint,
            "model": self.model,
            "errors": None if self.errors is None else {"object": "list", "data": self.errors},
            "input_file_id": self.input_file_id,
            "completion_window": "24h",
            "status": self.status,
            "output_file_id": self.output_file_id,
            "error_file_id": self.error_file_id,
            "created_at": self.created_at,
            "expires_at": self.created_at + _WINDOW_S,
            **{f"{moment}_at": self.moments.get(moment) for moment in _MOMENTS},
            "request_counts": {"total": self.total, "completed": self.completed, "failed": self.failed},
            "usage": {
                "input_tokens": self.input_tokens,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": self.output_tokens,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": self.input_tokens + self.output_tokens,
            },
            "metadata": self.metadata,
        }
