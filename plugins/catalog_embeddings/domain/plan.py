"""What a run would do, and what it would cost: said before the first call is made."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars. Every figure is None where the model's price is unknown: unknown is never shown as 0."""

    low: float | None
    expected: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class EnrichmentPlan:
    """What a language model is to be asked for, before its answers are embedded.

    ``records`` are the distinct ones among new and changed items, ``items`` those that share them; ``reusable``
    records are enriched already, and ``calls`` are expected for the others. ``scrubbed`` counts personal data that is
    not sent, by kind. ``left`` items have no enrichment although they were to: the next run takes them up.
    """

    enrichment: str
    model: str
    items: int
    records: int
    reusable: int
    calls: int
    tokens: int
    price_usd: Price
    seconds: float
    scrubbed: dict[str, int]
    left: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The plan of which ``asdict`` made these JSON types."""
        return cls(**{**row, "price_usd": Price(**row["price_usd"])})


@dataclass(frozen=True, slots=True)
class Plan:
    """The change set of a version, frozen or merely looked at.

    All counts are of the version's ``slice`` of the catalog; only ``deleted`` items may lie outside it.
    ``refused`` items have no text that could be embedded; ``known_dead`` ones failed before and are unchanged.
    ``reusable`` texts are already paid for; ``tokens``, ``requests`` and prices concern only those that are not.
    ``seconds`` is at the given limits. ``bytes_postgres`` and ``bytes_lake`` are what it adds to either.
    ``enrichment`` is what a language model is asked for before, at a price of its own; None where none is.
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
    enrichment: EnrichmentPlan | None = None

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON types, spelled as the fields are."""
        return asdict(self)
