"""What a ranking chooses among: candidates for an item, why each is one, and how alike it is."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class BlendWeights:
    """How much shared tags and similar vectors count in a candidate's score; only their proportion matters.

    Raises:
        ValueError: one is negative, or both are 0.
    """

    tags: float = 0.5
    similarity: float = 0.5

    def __post_init__(self) -> None:
        if min(self.tags, self.similarity) < 0 or not self.tags + self.similarity:
            raise ValueError("weights of a blend are 0 or more, and not all of them 0")

    def score(self, tag_overlap: float, similarity: float | None) -> float:
        """The weighted mean; an item without a vector is taken for one that is like nothing."""
        return (self.tags * tag_overlap + self.similarity * (similarity or 0.0)) / (self.tags + self.similarity)


@dataclass(frozen=True, slots=True)
class CandidateData:
    """One candidate for an item.

    ``source`` says how it came in: by a tag that both have, or as a neighbour that filled up. ``tag_overlap`` is the
    share of their tags that both have, 0 to 1. ``similarity`` is the cosine of their vectors in ``version``, None where
    either has none. ``score`` blends the two.
    """

    item_id: str
    namespace: str
    title: str | None
    source: Literal["tags", "neighbours"]
    tag_overlap: float
    similarity: float | None
    score: float
    version: str

    def as_json(self) -> dict[str, Any]:
        """The candidate as JSON types, spelled as the fields are."""
        return asdict(self)
