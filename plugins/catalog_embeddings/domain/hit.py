"""What a search finds."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Hit:
    """One item near the query; ``score`` is the cosine similarity, 1 for the same direction."""

    item_id: str
    namespace: str
    score: float
    title: str | None

    def as_json(self) -> dict[str, Any]:
        """The hit as JSON types, spelled as the fields are."""
        return asdict(self)
