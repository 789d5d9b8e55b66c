"""What a run may still spend: before a batch is handed out, the most that it can cost is reserved.

A token is at least a byte, so a batch's bytes bound its price; what is billed takes the reservation's place once it
is known. Reserved is block by block, and only where there is a limit. Whoever is killed leaves its reservation
behind, where it counts as spent: nobody knows what the API has billed of it.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from types import TracebackType
from typing import Self

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import ConfigurationError, RunPaused
from catalog_embeddings.pipeline.ask import Answered
from catalog_embeddings.postgres import spend
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.batching import Text
from catalog_embeddings.transform.pricing import token_price

# Batches reserved for at a time: a statement for each would cost a large run seconds, and a killed worker leaves
# no more than these behind besides those under way.
_BLOCK = 8


class Budget:
    """The account of a run, for one shard. Used by the thread of the connection alone, outside transactions."""

    def __init__(
        self,
        connection: Connection,
        run_id: str,
        spec: VersionSpec,
        spent: Callable[[], Spent],
        batches: Iterator[list[Text]],
    ) -> None:
        """A budget for asking the spec's model for ``batches``; ``spent`` tells what the API was asked so far."""
        self._connection = connection
        self._run_id = run_id
        self._price = token_price(spec)
        self._spent = spent
        self._batches = batches
        self._waiting: list[Text] | None = None
        self._limited = False
        self._tokens_recorded = 0
        # All in bytes, that is in tokens at the most: reserved, of these in batches under way, and answered since
        # the last record.
        self._reserved = 0
        self._under_way = 0
        self._answered = 0
        self._batches_under_way = 0

    def __enter__(self) -> Self:
        self._limited = spend.open_account(self._connection, self._run_id).limit is not None
        if self._limited and self._price is None:
            raise unknown_price(self._run_id)
        self._tokens_recorded = self._spent().tokens
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        # Nothing is under way any more. Where the connection is lost, what was reserved goes on counting as spent.
        if not self._connection.closed:
            self._under_way = 0
            self._record()

    def take(self, room: int) -> Iterator[list[Text]]:
        """Up to ``room`` further batches, each reserved for; fewer where the next has to wait for an answer.

        Raises:
            RunPaused: nothing is under way, and the limit leaves no room for the next.
        """
        while room and (batch := self._waiting or next(self._batches, None)) is not None:
            self._waiting = batch
            size = sum(sum(text.sizes) for text in batch)
            if not self._cover(size):
                if self._batches_under_way:
                    return
                raise limit_reached(self._connection, self._run_id, self._usd(size))
            self._waiting = None
            self._batches_under_way += 1
            self._under_way += size
            room -= 1
            yield batch

    def settle(self, answered: Answered) -> None:
        """A batch has come back: what it cost is known, and its reservation is free again."""
        size = sum(texts.text_bytes for _, texts in answered.parts)
        self._answered += size
        self._batches_under_way -= 1
        # The bytes of what was refused are not known here; they come free when nothing is under way.
        self._under_way = self._under_way - size if self._batches_under_way else 0

    def _cover(self, size: int) -> bool:
        if not self._limited or self._under_way + size <= self._reserved:
            return True
        self._record()
        for wanted in (_BLOCK * size, size):
            if spend.reserve(self._connection, self._run_id, self._usd(wanted)):
                self._reserved += wanted
                return True
        return False

    def _record(self) -> None:
        """Write down what was billed, and give back what is reserved beyond the batches under way."""
        tokens = self._spent().tokens
        billed, free = tokens - self._tokens_recorded, max(0, self._reserved - self._under_way)
        if billed or free or self._answered:
            spend.settle(
                self._connection,
                self._run_id,
                released=self._usd(free),
                spent=self._usd(billed),
                tokens=billed,
                text_bytes=self._answered,
            )
        self._tokens_recorded = tokens
        self._reserved -= free
        self._answered = 0

    def _usd(self, tokens: int) -> Decimal:
        return (self._price or Decimal(0)) * tokens


def limit_reached(connection: Connection, run_id: str, usd: Decimal) -> RunPaused:
    """What to raise when the limit leaves no room for the next request, which may cost so much."""
    account = spend.open_account(connection, run_id)
    unseen = f" {account.reserved:.6f} USD are reserved for requests whose answers nobody has seen," * bool(
        account.reserved
    )
    return RunPaused(
        f"the cost limit of {(account.limit or Decimal(0)).normalize():f} USD is reached: run {run_id} has "
        f"spent {account.spent:.6f} USD,{unseen} and the next request may cost up to {usd:.6f} USD; "
        "what is paid for is kept: run again with a higher --max-cost to go on"
    )


def unknown_price(run_id: str) -> ConfigurationError:
    """What to raise when there is a limit, and no price to hold against it."""
    return ConfigurationError(f"the price of the model is unknown, so the cost limit of run {run_id} cannot be kept")
