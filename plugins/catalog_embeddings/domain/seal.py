"""What a run leaves in the lake when it ends, and what a rebuild makes of it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from catalog_embeddings.domain.run import RunState
from catalog_embeddings.domain.version import VersionSpec


class SealedRow(NamedTuple):
    """What became of a planned item: its row in ``item_embeddings`` save for the vector, or a tombstone.

    ``part`` is the place in the manifest's list of the part that holds the vector; None where the version holds no
    row of the item, and then nothing below it is filled either. A tuple, because there are as many as items.
    """

    org_id: UUID
    namespace: str
    item_id: str
    part: int | None = None
    record_hash: bytes | None = None
    content_hash: bytes | None = None
    source_updated_at: datetime | None = None
    generated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A part that sealed rows refer to: its key, the hash (hex) of its bytes, their number, and its texts."""

    key: str
    sha256: str
    bytes: int
    texts: int


@dataclass(frozen=True, slots=True)
class RowsFile:
    """A file of sealed rows."""

    key: str
    sha256: str
    lines: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """How a run left its version. Together with the files it names, all that a rebuild needs.

    ``slice`` is that of a version on trial, in basis points and salt; None where it is made for the whole catalog.
    ``fence`` and ``attempt`` tell the sealings of a run apart: the highest pair counts. ``rows_held`` is the number of
    rows the version held afterwards; ``complete`` says that this manifest's own rows are all of them.
    """

    run_id: str
    version: str
    fingerprint: str
    spec: VersionSpec
    started_at: datetime
    sealed_at: datetime
    fence: int
    attempt: int
    counts: dict[str, Any]
    rows_held: int
    complete: bool
    rows: tuple[RowsFile, ...]
    parts: tuple[SealedPart, ...]
    slice: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class RebuildSummary:
    """What a rebuild did: ``rows`` the version holds now, ``parts`` read for them, and what in the lake is damaged."""

    run_id: str
    version: str
    state: RunState
    rows: int
    parts: int
    damaged: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON types, spelled as the fields are."""
        return asdict(self)
