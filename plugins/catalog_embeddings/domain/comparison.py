"""Two versions beside each other: how they are made, how far they are, what they have cost, how alike they see."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class VersionState:
    """How far a version is, and what it has cost.

    ``items`` are those of the catalog within ``slice``; of them ``held`` have a vector, ``dead`` a dead letter that
    says why not, ``missing`` neither; ``stale`` were written by the feed since. ``index_valid`` is None where there is
    no index, ``price_usd`` None where the price of some of its tokens is unknown.
    """

    version: str
    status: str
    slice: str
    rows: int
    items: int
    held: int
    dead: int
    missing: int
    stale: int
    index_valid: bool | None
    index_recall: float | None
    bytes: int
    runs: int
    requests: int
    tokens: int
    price_usd: float | None
    last_generated_at: datetime | None


@dataclass(frozen=True, slots=True)
class SpecDifference:
    """A part of the spec in which two versions differ."""

    field: str
    version: Any
    against: Any


@dataclass(frozen=True, slots=True)
class NeighbourOverlap:
    """Of the ``k`` nearest of ``sample`` items, the share that both versions name; None where there are none."""

    k: int
    sample: int
    overlap: float | None


@dataclass(frozen=True, slots=True)
class LatestEvaluation:
    """The last evaluation of the one against the other; figures are None where it had no judgments.

    ``low`` and ``high`` are the 95 % interval of the difference.
    """

    k: int
    ndcg: float | None
    ndcg_against: float | None
    low: float | None
    high: float | None
    evaluated_at: datetime


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """What is known of two versions; ``neighbours`` and ``evaluation`` are None where nobody looked."""

    version: VersionState
    against: VersionState
    spec: tuple[SpecDifference, ...]
    neighbours: NeighbourOverlap | None
    evaluation: LatestEvaluation | None

    def as_json(self) -> dict[str, Any]:
        """The comparison as JSON types, spelled as the fields are; times are in ISO format."""
        row = asdict(self)
        for part, name in (("version", "last_generated_at"), ("against", "last_generated_at")):
            row[part][name] = row[part][name] and row[part][name].isoformat(timespec="seconds")
        if row["evaluation"]:
            row["evaluation"]["evaluated_at"] = row["evaluation"]["evaluated_at"].isoformat(timespec="seconds")
        row["spec"] = list(row["spec"])
        return row
