"""The table runs, for rebuilds: such a run has no plan, and until it has ended no other may touch its version."""

from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("rebuilds")


def open_rebuild(connection: Connection, run_id: str, version: str, started_by: str) -> str:
    """Begin to rebuild a version, or go on with the rebuild that was left unfinished; returns its run's id.

    Raises:
        InputError: the version holds rows that no unfinished rebuild has written.
    """
    if left := connection.execute(_QUERIES["unfinished"], [version]).fetchone():
        return str(left[0])
    if connection.execute(_QUERIES["holds_rows"], [version]).fetchone():
        raise InputError(
            f"version {version} holds rows in this database, and a rebuild fills an empty one: "
            "set CATALOG_EMBEDDINGS_DATABASE_URL to a new database and run `catalog-embeddings migrate` there first"
        )
    connection.execute(_QUERIES["open"], {"run_id": run_id, "version": version, "started_by": started_by})
    return run_id
