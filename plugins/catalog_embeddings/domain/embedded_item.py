"""What became of an item that was embedded by itself."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class EmbeddedItem:
    """An item that a version holds a vector of, as the catalog has it now.

    ``outcome``: ``unchanged`` where it was so before. ``run_id`` is the run that answers for the row. ``enrichment`` is
    the verdict on what was written of it now, ``stored`` where that was bought before, None where nothing is written.
    ``chat_calls``, ``requests`` and ``tokens`` were paid for now; of the ``seconds`` it took, ``api_seconds`` were
    spent waiting for the API.
    """

    version: str
    org_id: str
    namespace: str
    item_id: str
    outcome: Literal["embedded", "unchanged"]
    run_id: str | None
    enrichment: str | None
    chat_calls: int
    requests: int
    tokens: int
    seconds: float
    api_seconds: float

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON types."""
        return asdict(self)
