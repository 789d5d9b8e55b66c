"""What an evaluation reads: the items that the compared versions have in common, and their vectors a piece at a time.

The candidates are numbered in a temporary table of the connection, so that both versions and every figure speak of the
same items, whatever changes in the catalog meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("evaluation")

# 3,072 dims: 6 MB as they come, 12 MB as float32.
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the catalog is looked at; None stands for all of it."""

    namespace: str | None = None
    org_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item as a number; ``richness`` is the size of its record in bytes."""

    number: int
    richness: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Items of the catalog, how many of them a version holds, and vectors of items that have left the catalog."""

    catalog_items: int
    held: int
    stale: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often what a version recommended was shown and clicked."""

    version: str
    impressions: int
    clicks: int


def number_candidates(
    connection: Connection, version: EmbeddingVersion, against: EmbeddingVersion | None, scope: Scope
) -> int:
    """Number the items of the catalog that every one of these versions holds; returns how many there are.

    Lasts as long as the connection, or until it is called again.
    """
    with connection.transaction():
        connection.execute(_QUERIES["drop_candidates"])
        connection.execute(_QUERIES["create_candidates"])
        found = connection.execute(
            _QUERIES["number_candidates"],
            {
                **_where(version, scope),
                "against": against.version if against else None,
                "against_modality": against.spec.modality if against else None,
            },
        ).rowcount
        connection.execute(_QUERIES["analyze_candidates"])
    return found


def candidates_of(connection: Connection, item_ids: Sequence[str]) -> dict[str, Candidate]:
    """The candidates among these items.

    Raises:
        InputError: one of the ids stands in several namespaces or orgs.
    """
    found: dict[str, Candidate] = {}
    for item_id, number, richness in connection.execute(_QUERIES["candidates_of"], [list(item_ids)]):
        if item_id in found:
            raise InputError(
                f"item {item_id!r} stands in several namespaces or orgs: name one with --namespace or --org"
            )
        found[item_id] = Candidate(number, richness)
    return found


def categories_of(connection: Connection, candidates: Sequence[int]) -> dict[int, str | None]:
    """The category of each of these candidates."""
    return dict(connection.execute(_QUERIES["categories_of"], [list(candidates)]).fetchall())


def purity_by_chance(connection: Connection) -> float | None:
    """How likely two candidates that have a category are of the same one; None where none has."""
    row = connection.execute(_QUERIES["purity_by_chance"]).fetchone()
    return None if row is None or row[0] is None else float(row[0])


def candidate_vectors(
    connection: Connection, version: EmbeddingVersion, among: Sequence[int] | None = None
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
    """The candidates and a version's vectors of them, in pieces of (up to 1,000,) and (up to 1,000, dims) float16.

    The order is any. The connection is busy until the last piece was taken.
    """
    # A halfvec is sent as its dims, an unused int16, and big-endian float16s (pgvector, src/halfvec.c).
    layout = np.dtype([("dims", ">i2"), ("unused", ">i2"), ("vector", ">f2", (version.spec.dims,))])
    parameters = {
        "version": version.version,
        "modality": version.spec.modality,
        "among": None if among is None else list(among),
    }
    with connection.transaction(), connection.cursor("evaluation_vectors", binary=True) as cursor:
        # A version that was just loaded has no statistics, and looks empty: a loop over it took minutes.
        connection.execute(_QUERIES["never_loop"])
        cursor.execute(_QUERIES["candidate_vectors"], parameters)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            numbers = np.array([row[0] for row in rows], dtype=np.int64)
            vectors = np.frombuffer(b"".join(row[1] for row in rows), dtype=layout)["vector"]
            yield numbers, vectors.astype(np.float16)


def coverage(connection: Connection, version: EmbeddingVersion, scope: Scope) -> Coverage:
    """How much of the catalog a version holds."""
    row = connection.execute(_QUERIES["coverage"], _where(version, scope)).fetchone()
    return Coverage(*row) if row else Coverage(0, 0, 0)


def exposures(connection: Connection, versions: Sequence[str]) -> list[Exposure]:
    """What was shown and clicked, for those of these versions that were shown at all."""
    return [Exposure(*row) for row in connection.execute(_QUERIES["exposures"], [list(versions)])]


def _where(version: EmbeddingVersion, scope: Scope) -> dict[str, object]:
    return {
        "version": version.version,
        "modality": version.spec.modality,
        "namespace": scope.namespace,
        "org_id": scope.org_id,
    }
