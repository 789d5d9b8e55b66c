"""Promotions: whose readers are meant, the move of a pointer, and how far a version has fallen behind."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

#: The namespace of the alias that stands for every namespace without one of its own.
EVERY_NAMESPACE = "*"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose readers an alias is for: those of an org or of every org (None), of a namespace or of every one."""

    org_id: UUID | None = None
    namespace: str = EVERY_NAMESPACE

    def __str__(self) -> str:
        """The place as it is written in lists: ``*``, ``shoes``, ``<org>/*``, ``<org>/shoes``."""
        return self.namespace if self.org_id is None else f"{self.org_id}/{self.namespace}"


EVERYWHERE = Place()


@dataclass(frozen=True, slots=True)
class Move:
    """What readers of a place see since ``moved_at``, and what they saw before (None: nothing).

    ``unmet`` is what spoke against it, one sentence each, where it was forced; ``warnings`` did not stand in its way.
    """

    version: str
    from_version: str | None
    place: Place
    moved_at: datetime
    moved_by: str
    reason: str
    forced: bool = False
    unmet: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The move as JSON types, its place spelled as the columns of an alias."""
        row = asdict(self)
        place = row.pop("place")
        return row | {
            "org_id": None if self.place.org_id is None else str(self.place.org_id),
            "namespace": place["namespace"],
            "moved_at": self.moved_at.isoformat(timespec="seconds"),
            "unmet": list(self.unmet),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Behind:
    """What has happened in the catalog since a version was kept up: items that came, and that the feed wrote again.

    ``last_generated_at`` is when a vector was last written; None where the version holds none.
    """

    came: int
    rewritten: int
    last_generated_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """The figures as JSON types, spelled as the fields are."""
        written = self.last_generated_at
        return asdict(self) | {"last_generated_at": written and written.isoformat(timespec="seconds")}
