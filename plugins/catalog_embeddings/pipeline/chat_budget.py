"""What a run may still spend on a language model: before a record is handed out, the most it can cost is reserved.

The account is the one that the embeddings are paid from (see ``budget``). What a killed worker has reserved counts as
spent: nobody knows what the API has billed of it.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from types import TracebackType
from typing import Self

from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.errors import ConfigurationError, RunPaused
from catalog_embeddings.lake.worklists import Wanted
from catalog_embeddings.pipeline.ask_chat import Asked
from catalog_embeddings.postgres import spend
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.pricing import ChatPrice


class ChatBudget:
    """The account of a run, for one shard. Used by the thread of the connection alone, outside transactions."""

    def __init__(
        self,
        connection: Connection,
        run_id: str,
        price: ChatPrice | None,
        at_most: Callable[[Wanted, ChatPrice], Decimal],
        records: Iterator[Wanted],
    ) -> None:
        """A budget for asking about ``records``, each of which costs ``at_most`` so much."""
        self._connection = connection
        self._run_id = run_id
        self._price = price
        self._at_most = at_most
        self._records = records
        self._waiting: Wanted | None = None
        self._limited = False
        self._reserved: dict[bytes, Decimal] = {}

    def __enter__(self) -> Self:
        self._limited = spend.open_account(self._connection, self._run_id).limit is not None
        if self._limited and self._price is None:
            raise ConfigurationError(
                f"the price of the language model is unknown, so the cost limit of run {self._run_id} cannot be kept"
            )
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        # Nothing is under way any more. Where the connection is lost, what was reserved goes on counting as spent.
        if self._reserved and not self._connection.closed:
            self._settle(sum(self._reserved.values(), Decimal(0)), ChatSpent())
            self._reserved = {}

    def take(self, room: int) -> Iterator[Wanted]:
        """Up to ``room`` further records, each reserved for; fewer where the next has to wait for an answer.

        Raises:
            RunPaused: nothing is under way, and the limit leaves no room for the next.
        """
        while room and (wanted := self._waiting or next(self._records, None)) is not None:
            self._waiting = wanted
            cost = self._at_most(wanted, self._price) if self._limited and self._price else Decimal(0)
            if self._limited and not spend.reserve(self._connection, self._run_id, cost):
                if self._reserved:
                    return
                raise self._limit_reached(cost)
            self._waiting = None
            self._reserved[wanted.record_hash] = cost
            room -= 1
            yield wanted

    def settle(self, asked: Asked) -> None:
        """A record has come back: what it cost is known, and its reservation is free again."""
        self._settle(self._reserved.pop(asked.enrichment.record_hash), asked.paid)

    def _settle(self, released: Decimal, paid: ChatSpent) -> None:
        cost = self._price.usd(paid.prompt_tokens, paid.completion_tokens) if self._price else Decimal(0)
        if released or paid.calls:
            spend.settle_chat(self._connection, self._run_id, released=released, spent=cost, paid=paid)

    def _limit_reached(self, cost: Decimal) -> RunPaused:
        account = spend.open_account(self._connection, self._run_id)
        return RunPaused(
            f"the cost limit of {(account.limit or Decimal(0)).normalize():f} USD is reached: run {self._run_id} has "
            f"spent {account.spent:.6f} USD, {account.reserved:.6f} USD are reserved, and the next record may cost up "
            f"to {cost:.6f} USD; what is paid for is kept: run again with a higher --max-cost to go on"
        )
