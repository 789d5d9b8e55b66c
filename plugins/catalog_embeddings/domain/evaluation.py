"""What an evaluation finds: figures and tests as plain fields, which are also the JSON of a report."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from catalog_embeddings.domain.plan import Price


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean of a version, beside that of the version it is compared with.

    ``low`` and ``high`` are a 95 % bootstrap interval: of the difference, or of the version's own mean where nothing
    is compared. ``p_value`` is the paired t-test's; None where it is undefined, as for values that are all the same.
    """

    version: float
    against: float | None
    difference: float | None
    low: float
    high: float
    p_value: float | None


@dataclass(frozen=True, slots=True)
class ProportionTest:
    """The difference of two shares, its 95 % interval, and the pooled z-test."""

    difference: float
    low: float
    high: float
    z: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class QueryCost:
    """What embedding the judged queries by one version costs; ``tokens`` and ``price_usd`` as expected beforehand.

    ``texts`` is 0 where another version of the same recipe has paid already. ``tokens_billed`` is 0 until it is done.
    """

    version: str
    texts: int
    requests: int
    tokens: int
    price_usd: Price
    tokens_billed: int = 0


@dataclass(frozen=True, slots=True)
class VectorChecks:
    """Counts of vectors, their lengths, and their mean cosine over all pairs (``anisotropy``, 0 is best)."""

    vectors: int
    zero: int
    not_finite: int
    norm_min: float | None
    norm_mean: float | None
    norm_max: float | None
    anisotropy: float | None


@dataclass(frozen=True, slots=True)
class VersionChecks:
    """A version by itself: it holds ``held`` of ``catalog_items``; ``stale`` vectors have lost their item."""

    version: str
    catalog_items: int
    held: int
    coverage: float
    stale: int
    checks: VectorChecks


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """The k nearest of ``sample`` items: how many both versions name, and how many are of the item's own category.

    ``overlaps`` counts the items by the number of shared neighbours, 0 to k. ``purity_by_chance`` is what neighbours
    drawn from the whole catalog would have. None: nothing to compare with, or no categories.
    """

    sample: int
    overlap: Figure | None
    overlaps: list[int] | None
    purity: Figure | None
    purity_by_chance: float | None


@dataclass(frozen=True, slots=True)
class Stratum:
    """A share of the judged queries and every measure over it, spelled ``ndcg@10``."""

    stratum: Literal["all", "head", "tail"]
    queries: int
    measures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """One query: how many items are relevant, the mean weight of these, and NDCG."""

    query_id: str
    query: str
    relevant: int
    weight: float
    version: float
    against: float | None


@dataclass(frozen=True, slots=True)
class JudgedRanking:
    """What the judgments say. ``strata_by`` is what head and tail are told apart by.

    A judgment is left out when its item is not a candidate, a query when none of its candidates is relevant.
    """

    min_rating: float
    judgments: int
    judgments_left_out: int
    queries_left_out: int
    strata_by: Literal["popularity", "richness"]
    strata: list[Stratum]
    queries: list[JudgedQuery]


@dataclass(frozen=True, slots=True)
class Arm:
    """How often what a version recommended was shown and clicked, with the 95 % interval of the share."""

    version: str
    impressions: int
    clicks: int
    ctr: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Clicks:
    """The arms of an experiment, the version's own first; the test where both have been shown."""

    arms: list[Arm]
    test: ProportionTest | None


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Everything an evaluation found; ``cost`` stands first, because it was known before a cent was spent.

    ``candidates`` are the items that every compared version holds a vector of and that are in the catalog.
    """

    cost: list[QueryCost]
    version: str
    against: str | None
    k: int
    candidates: int
    checks: list[VersionChecks]
    neighbours: Neighbourhoods
    judged: JudgedRanking | None
    clicks: Clicks | None
    evaluated_at: str

    def as_json(self) -> dict[str, Any]:
        """The report as JSON types, spelled as the fields are."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """Whether a version is good enough to be promoted. ``unknown``: there was nothing to judge it by."""

    state: Literal["passed", "failed", "unknown"]
    reason: str

    @property
    def passed(self) -> bool:
        """Good enough, and known to be."""
        return self.state == "passed"
