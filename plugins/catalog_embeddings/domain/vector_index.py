"""What is known of a version's vector index: how it was built, and the recall it was measured to have."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class IndexBuild:
    """How far a build has come; ``share`` of its rows is None where the phase counts none."""

    phase: str
    share: float | None


@dataclass(frozen=True, slots=True)
class IndexReport:
    """A version's vector index as it was built and measured; stands in the version's row as JSON.

    ``rows`` are those it was built over, ``changes`` the rows written since. ``memory_mb`` and ``workers`` are what
    the build was allowed, ``fits_memory`` whether its graph fitted; with ``seconds`` they are None when whoever built
    it did not live to tell. ``recall_at_10`` is the share of the 10 nearest that searches with ``ef_search`` find,
    over ``sampled`` points between rows.
    """

    index: str
    m: int
    ef_construction: int
    ef_search: int
    rows: int
    changes: int
    seconds: float | None
    bytes: int
    memory_mb: int | None
    workers: int | None
    fits_memory: bool | None
    recall_at_10: float
    sampled: int
    measured_at: str

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return asdict(self)
