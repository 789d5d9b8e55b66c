"""The partitions of item_embeddings, one a version: how large one is, and how it goes.

A partition is first detached, then dropped. To drop it at once would take a lock on the whole table, and every reader
of every version would queue behind it.
"""

import tenacity
from psycopg import sql
from psycopg.errors import LockNotAvailable

from catalog_embeddings.errors import ServerFailed
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("version_partitions")

# From where a partition stands to the statement that brings it on.
_NEXT = {"attached": "detach", "half detached": "finish_detaching", "detached": "drop_detached"}

# Whoever waits for a lock may have others wait behind it: it gives up soon, and asks again.
_ONE_WAIT_SECONDS = 5.0


def size_in_bytes(connection: Connection, version: str) -> int:
    """What a version's partition takes on disk, its indexes included; 0 once it is gone."""
    row = connection.execute(_QUERIES["bytes"], {"version": version}).fetchone()
    return int(row[0] or 0) if row else 0


def drop_partition(connection: Connection, version: str, patience_seconds: float = 60.0) -> None:
    """Detach a version's partition and drop it, or go on where an earlier call was cut off.

    Readers of other versions are not kept waiting. Outside of any transaction.

    Raises:
        ServerFailed: somebody keeps the partition open for longer than ``patience_seconds``.
    """
    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(LockNotAvailable),
        stop=tenacity.stop_after_delay(patience_seconds),
        wait=tenacity.wait_random(0, 0.2),
        reraise=True,
    )
    connection.execute(_QUERIES["patience"], [f"{min(_ONE_WAIT_SECONDS, patience_seconds):.3f}s"])
    try:
        while attempts.copy()(_step, connection, version):
            pass
    except LockNotAvailable as error:
        raise ServerFailed(
            f"the partition of version {version} is kept open by another session (a reader of it, a backup, a vacuum); "
            f"once it has ended, `catalog-embeddings versions drop {version}` goes on"
        ) from error
    finally:
        connection.execute(_QUERIES["patience"], ["0"])


def _step(connection: Connection, version: str) -> bool:
    """Bring the partition one step on; False once it is gone."""
    found = connection.execute(_QUERIES["state"], {"version": version}).fetchone()
    if found is None:
        return False
    partition = sql.Identifier(f"item_embeddings_{version}")
    connection.execute(sql.SQL(_QUERIES[_NEXT[found[0]]]).format(partition=partition))
    return True
