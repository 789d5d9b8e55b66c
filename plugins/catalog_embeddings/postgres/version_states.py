"""How far versions are and how alike two of them see, as the views and embedding_diff say it."""

from typing import cast

from psycopg.rows import dict_row

from catalog_embeddings.domain.comparison import NeighbourOverlap, VersionState
from catalog_embeddings.postgres import version_slices
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("version_states")


def state_of(connection: Connection, version: str) -> VersionState:
    """How far a version is that was not dropped, and what it has cost.

    Raises:
        LookupError: there is none of that name.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_QUERIES["state"], {"version": version}).fetchone()
    if row is None:
        raise LookupError(version)
    return VersionState(slice=str(version_slices.find_slice(connection, version) or "100%"), **row)


def overlap_of(connection: Connection, version: str, against: str, k: int, sample: int) -> NeighbourOverlap:
    """How many neighbours two versions share over a sample of their items; reads every vector for each of these."""
    asked = {"version": version, "against": against, "k": k, "sample": sample}
    found = connection.execute(_QUERIES["overlap"], asked).fetchone()
    sampled, overlap = cast("tuple[int, float | None]", found)
    return NeighbourOverlap(k=k, sample=sampled, overlap=overlap)
