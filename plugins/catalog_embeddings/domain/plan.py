"""What a run would do, and what it would cost: said before the first call is made."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars. Every figure is None where the model's price is unknown: unknown is never shown as 0."""

    low: float | None
    expected: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The change set of a version, frozen or merely looked at.

    All counts are of the version's ``slice`` of the catalog; only ``deleted`` items may lie outside it.
    ``refused`` items have no text that could be embedded; ``known_dead`` ones failed before and are unchanged.
    ``reusable`` texts are already paid for; ``tokens``, ``requests`` and prices concern only those that are not.
    ``seconds`` is at the given limits. ``bytes_postgres`` and ``bytes_lake`` are what it adds to either.
    """

    version: str
    slice: str
    new: int
    changed: int
    unchanged: int
    deleted: int
    refused: int
    known_dead: int
    distinct_texts: int
    reusable: int
    requests: int
    tokens: int
    price_usd: Price
    price_batch_usd: Price
    seconds: float
    bytes_postgres: int
    bytes_lake: int
    shards: int

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON types, spelled as the fields are."""
        return asdict(self)
