"""What the tables of the pipeline still say of versions that are dropped: runs, dead letters, plans, and parts."""

from collections.abc import Iterable

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("dropped_versions")


def close(connection: Connection, version: str) -> None:
    """Nothing of a version is to be done any more: its unfinished run fails, its dead letters are closed."""
    connection.execute(_QUERIES["close_runs"], [version])
    connection.execute(_QUERIES["close_letters"], [version])


def runs_of(connection: Connection, versions: Iterable[str]) -> set[str]:
    """Every run of these versions."""
    return {row[0] for row in connection.execute(_QUERIES["runs_of"], [list(versions)])}


def plans_of(connection: Connection, version: str) -> list[tuple[str, int]]:
    """The plans of a version and their shards."""
    return [(plan_id, shard) for plan_id, shard in connection.execute(_QUERIES["plans_of"], [version])]


def forget_parts(connection: Connection, run_ids: Iterable[str]) -> None:
    """What these runs have paid for counts as paid no more."""
    connection.execute(_QUERIES["forget_parts"], [list(run_ids)])
