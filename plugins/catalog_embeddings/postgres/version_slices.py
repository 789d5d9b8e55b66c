"""The table embedding_version_slices: the share of the catalog that a version is made for.

dbt reads the table when it looks for changes. Which slice may follow which is left to ``pipeline.register``.
"""

from decimal import Decimal

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from catalog_embeddings.domain.slice import BUCKETS, Slice
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("version_slices")


def find_slice(connection: Connection, version: str) -> Slice | None:
    """The version's slice; None when nobody ever set one, so that the version is made for the whole catalog."""
    row = connection.execute(_QUERIES["of_version"], [version]).fetchone()
    return slice_of(*row) if row else None


def set_slice(connection: Connection, version: str, chosen: Slice) -> None:
    """Make the version for this slice from now on; who set it, and when, stays where it is the same."""
    if find_slice(connection, version) == chosen:
        return
    connection.execute(
        _QUERIES["set"], {"version": version, "slice_buckets": chosen.buckets, "slice_salt": chosen.salt}
    )


def holds_vectors(connection: Connection, version: str) -> bool:
    """Whether the version holds a vector of any item."""
    row = connection.execute(_QUERIES["holds_vectors"], [version]).fetchone()
    return bool(row and row[0])


def slice_of(buckets: int, salt: str) -> Slice:
    """A slice as tables hold it."""
    return Slice(Decimal(buckets) / (BUCKETS // 100), salt)


def trying(database_url: str, version: str, tried: Slice) -> str:
    """The same address, for sessions in which dbt looks at the version in another slice than the table's.

    Nothing is written down, so nothing is left behind by whoever looks and is killed.
    """
    option = f"-c catalog_embeddings.tried_slice={version}:{tried.buckets}:{tried.salt}"
    options = conninfo_to_dict(database_url).get("options")
    return make_conninfo(database_url, options=f"{options} {option}" if options else option)
