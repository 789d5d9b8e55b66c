"""Request slots: how many requests each worker of a deployment may have in flight.

A slot is a session lock, so no two workers hold the same one, and a worker that dies gives its slots back. A
deployment is whoever shares this database. How a share is put to use is left to the pipeline.
"""

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("request_slots")


class RequestSlots:
    """The slots that one connection holds of ``total``. For one thread: that of the connection."""

    def __init__(self, connection: Connection, total: int) -> None:
        """A worker that holds no slot yet, and is not counted yet."""
        self._connection = connection
        self._total = total
        self._held: list[int] = []

    @property
    def held(self) -> int:
        """How many slots this worker holds."""
        return len(self._held)

    def join(self) -> None:
        """Be counted among the workers that share the slots."""
        self._connection.execute(_QUERIES["join_workers"])

    def fair_share(self) -> int:
        """How many slots a worker may hold at present: at least one, and together never less than all of them."""
        row = self._connection.execute(_QUERIES["count_workers"]).fetchone()
        workers = max(1, row[0] if row else 1)
        return -(-self._total // workers)

    def take(self, wanted: int) -> None:
        """Take free slots until ``wanted`` are held, or none is free."""
        for slot in range(self._total):
            if len(self._held) >= wanted:
                return
            # A session may lock twice what it holds, so what it holds is not asked for.
            if slot not in self._held and self._locked(slot):
                self._held.append(slot)

    def give_back(self, kept: int = 0) -> None:
        """Free all slots but ``kept``. No request may still be in flight on them."""
        while len(self._held) > kept:
            self._connection.execute(_QUERIES["free_slot"], [self._held[-1]])
            self._held.pop()

    def leave(self) -> None:
        """Free every slot and be counted no more. A connection that was lost has done both by itself."""
        if self._connection.closed:
            return
        self.give_back()
        self._connection.execute(_QUERIES["leave_workers"])

    def _locked(self, slot: int) -> bool:
        row = self._connection.execute(_QUERIES["try_slot"], [slot]).fetchone()
        return bool(row and row[0])
