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
class EnrichmentSummary:
    """What a language model was asked for in a run, and what became of its answers.

    ``records`` are those that the run has enriched, by verdict; ``rules`` counts those that each rule objected to, and
    ``scrubbed`` the personal data that was not sent, by kind. ``calls`` are answers that were paid for.
    """

    records: int
    accepted: int
    repaired: int
    rejected: int
    rules: dict[str, int]
    scrubbed: dict[str, int]
    calls: int
    tokens: int
    price_usd: float | None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did.

    In items, ``planned`` = ``loaded`` + ``dead`` + ``deleted`` + ``unresolved``; ``embedded`` and ``reused`` count
    distinct texts. ``price_usd`` is that of the embeddings, None where it is unknown; ``enrichment`` has a price of its
    own, and is None where no language model is asked.
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
    enrichment: EnrichmentSummary | None = None

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON types, spelled as the fields are."""
        return asdict(self)
