"""A worker's share of the requests in flight: the whole deployment together never has more than are configured.

Several shards may be embedded at once, by several processes. Each opens its client's gate only as wide as the
request slots it holds, gives some up when others arrive, and takes over those that become free.
"""

import time
from types import TracebackType
from typing import Self

from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.request_slots import RequestSlots

#: Seconds between two looks at how many workers there are.
ADJUST_EVERY = 0.5


class RequestShare:
    """Keeps a gate as wide as the slots that are held. Used by the thread of the connection alone."""

    def __init__(self, connection: Connection, gate: Gate, parallelism: int) -> None:
        """A share of ``parallelism`` requests in flight; it is taken on entering the context."""
        self._gate = gate
        self._slots = RequestSlots(connection, parallelism)
        self._next_look = 0.0

    def __enter__(self) -> Self:
        self._gate.resize(0)
        self._slots.join()
        self.adjust()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._gate.resize(0)
        self._slots.leave()

    def adjust(self) -> None:
        """Follow the number of workers. Cheap to call often: it looks only every ``ADJUST_EVERY`` seconds."""
        if (now := time.monotonic()) < self._next_look:
            return
        self._next_look = now + ADJUST_EVERY
        share = self._slots.fair_share()
        self._slots.take(share)
        self._gate.resize(min(share, self._slots.held))
        # A slot goes back only when no request of ours is left on it.
        self._slots.give_back(kept=max(share, self._gate.in_flight))
