"""A run: who does it, how far it has come, and what it did."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

#: leased (no plan yet) -> planned (frozen) -> verified; paused and planned are taken up again by the next run.
RunState = Literal["leased", "previewed", "planned", "verified", "paused", "held", "failed"]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write a version's vectors. A worker whose fence is no longer the lease's may write nothing."""

    version: str
    run_id: str
    fence: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did.

    In items, ``planned`` = ``loaded`` + ``dead`` + ``deleted`` + ``unresolved``; ``embedded`` and ``reused`` count
    distinct texts. ``price_usd`` is None where the price is unknown.
    """

    run_id: str
    version: str
    state: RunState
    planned: int
    embedded: int
    reused: int
    loaded: int
    deleted: int
    dead: int
    unresolved: int
    requests: int
    retries: int
    tokens: int
    price_usd: float | None
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON types, spelled as the fields are."""
        return asdict(self)
