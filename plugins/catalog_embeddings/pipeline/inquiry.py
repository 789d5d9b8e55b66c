"""What a shard asks through the Batch API: which lines are to be sent, and what is done with the answers.

Texts are asked about for their vectors (``text_inquiry``), records for what a language model writes of them
(``record_inquiry``). How batches are sent, looked for, and settled is the same for both and not known here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from catalog_embeddings.domain.batch import Batch, BatchRequest, Billed
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.postgres.batches import Place


@dataclass(frozen=True, slots=True)
class Line:
    """A request as a line of a batch: what it may cost and the bytes of its answer are bounds, no estimates."""

    request: BatchRequest
    content: bytes
    usd: Decimal
    answer_bytes: int


class Inquiry(Protocol):
    """One shard's. ``priced`` says whether the price is known that ``Line.usd`` is made of."""

    lease: Lease
    place: Place
    priced: bool

    def unsent(self) -> set[bytes]:
        """The hashes of what the next batch is to ask about."""

    def lines(self, unsent: set[bytes]) -> Iterator[Line]:
        """The lines that ask about these, in their planned order."""

    def lines_again(self, requests: Iterable[BatchRequest]) -> Iterator[Line]:
        """The lines of an intent, as they were written down."""

    def take(self, batch: Batch, request: BatchRequest, body: bytes) -> Billed:
        """Make an answer durable; returns what it was billed. Again is harmless.

        Raises:
            UntrustedAnswer: it is not what was asked for.
        """

    def flush(self) -> None:
        """Be done with all that was taken."""

    def settle(self, batch: Batch, sent: int, billed: Billed) -> None:
        """Inside the transaction that ends a batch: book what its ``sent`` lines were billed, once."""
