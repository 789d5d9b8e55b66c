"""What decides whether a version is fit to be read: how much of the catalog it holds, how old that is, its last run.

Coverage is the view embedding_coverage's: what an item without a vector may be excused by is said there alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from catalog_embeddings.domain.promotion import Place
from catalog_embeddings.domain.run import RunState
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("readiness")


@dataclass(frozen=True, slots=True)
class PlaceCoverage:
    """Items of the catalog at a place; of these, without vector or dead letter, and with one that the feed outdated."""

    items: int
    missing: int
    stale: int


def coverage_of(connection: Connection, version: str, place: Place) -> PlaceCoverage:
    """How much of the catalog at a place a version covers."""
    where = {"version": version, "org_id": place.org_id, "namespace": place.namespace}
    row = connection.execute(_QUERIES["coverage"], where).fetchone()
    return PlaceCoverage(*map(int, row or (0, 0, 0)))


def last_run(connection: Connection, version: str) -> tuple[str, RunState] | None:
    """The last run of a version that had anything to do, and its state, dry runs left out; None: there was none."""
    return cast("tuple[str, RunState] | None", connection.execute(_QUERIES["last_run"], [version]).fetchone())


def last_generated_at(connection: Connection, version: str) -> datetime | None:
    """When a vector of a version was last written; None where it holds none."""
    row = connection.execute(_QUERIES["last_generated_at"], [version]).fetchone()
    return row[0] if row else None
