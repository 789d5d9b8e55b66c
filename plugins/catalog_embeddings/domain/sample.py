"""A few items enriched for a person to look at, before anything is bought for all of them."""

from dataclasses import asdict, dataclass
from typing import Any

from catalog_embeddings.domain.plan import Price


@dataclass(frozen=True, slots=True)
class SamplePrice:
    """What asking about a sample will cost: ``records`` distinct ones, of which ``calls`` were not asked about yet."""

    enrichment: str
    model: str
    records: int
    calls: int
    tokens: int
    price_usd: Price

    def as_json(self) -> dict[str, Any]:
        """The figures as JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SampledItem:
    """An item of a sample: the record as it is sent, what was written, and what the guards made of it.

    ``written`` is the last answer, as JSON where it is any; ``draft`` what may be used of it, None where it was
    rejected for ``reason``. ``findings`` are the rule, the place, the words objected to and why.
    """

    item_id: str
    namespace: str
    record: dict[str, Any]
    written: Any
    verdict: str
    reason: str
    findings: list[dict[str, Any]]
    draft: dict[str, Any] | None
    attempts: int

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON types."""
        return asdict(self)
