"""Replaying: the manifests of a version, in the order they were sealed, say which rows it holds.

What a damaged manifest or file of rows would have said is not guessed: the rest is replayed, and it is named.
"""

from contextlib import closing
from dataclasses import dataclass, field

from catalog_embeddings.domain.seal import Manifest, SealedPart, SealedRow
from catalog_embeddings.errors import InputError
from catalog_embeddings.lake.layout import sealing_of
from catalog_embeddings.lake.manifests import manifest_keys, read_manifest
from catalog_embeddings.lake.reading import read_ahead
from catalog_embeddings.lake.sealed_rows import read_rows
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.postgres import replayed_rows
from catalog_embeddings.postgres.connection import Connection


@dataclass(frozen=True)
class History:
    """The manifests from the last complete one on, the highest fence of all, and the keys of damaged ones."""

    manifests: list[Manifest]
    fence: int
    damaged: list[str]

    @property
    def newest(self) -> Manifest:
        """How the version was left."""
        return self.manifests[-1]


@dataclass
class Replay:
    """What the lines refer to: parts by the number that ``replayed_rows`` knows them by; and what was damaged."""

    parts: list[SealedPart] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, part: SealedPart) -> int:
        """The number of a part, which is the same in every manifest."""
        number = self._numbers.setdefault(part.key, len(self.parts))
        if number == len(self.parts):
            self.parts.append(part)
        return number


def read_history(lake: Lake, version: str) -> History:
    """What is known of a version; manifests of another spec that once bore its name are left out.

    Raises:
        InputError: the lake holds no manifest of it.
    """
    keys = manifest_keys(lake, version)
    with closing(read_ahead(lake, keys, read_manifest)) as read:
        found = dict(read)
    manifests = sorted((each for each in found.values() if each), key=lambda each: (each.sealed_at, each.fence))
    damaged = [key for key, manifest in found.items() if manifest is None]
    if not manifests:
        raise InputError(
            f"the lake at {lake.address} holds no {'undamaged ' * bool(damaged)}manifest of version {version}: "
            "is CATALOG_EMBEDDINGS_LAKE_URL the lake that its runs wrote to?"
        )
    manifests = [each for each in manifests if each.fingerprint == manifests[-1].fingerprint]
    start = max((number for number, each in enumerate(manifests) if each.complete), default=0)
    return History(manifests[start:], max(sealing_of(key)[1] for key in keys), damaged)


def replay(connection: Connection, lake: Lake, history: History) -> Replay:
    """Bring every line into the database, where ``replayed_rows`` keeps the last of each item."""
    told = Replay(damaged=list(history.damaged))
    replayed_rows.begin(connection)
    for sealing, manifest in enumerate(history.manifests):
        numbers = [told.number(part) for part in manifest.parts]
        with closing(read_ahead(lake, [file.key for file in manifest.rows], read_rows)) as read:
            for key, rows in read:
                if rows is None:
                    told.damaged.append(key)
                else:
                    replayed_rows.add(connection, sealing, (_renumbered(row, numbers) for row in rows))
    return told


def _renumbered(row: SealedRow, numbers: list[int]) -> SealedRow:
    return row if row.part is None else row._replace(part=numbers[row.part])
