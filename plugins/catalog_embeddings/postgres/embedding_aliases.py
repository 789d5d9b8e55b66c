"""The table embedding_aliases: which version readers see. A promotion moves a pointer and nothing else."""

from uuid import UUID

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("embedding_aliases")

#: The namespace of the alias that stands for every namespace without one of its own.
EVERY_NAMESPACE = "*"


def active_version(connection: Connection, *, org_id: UUID | None = None, namespace: str | None = None) -> str | None:
    """The version that readers of an org and namespace see; None where none was promoted."""
    row = connection.execute(
        _QUERIES["active_version"], {"org_id": org_id, "namespace": namespace or EVERY_NAMESPACE}
    ).fetchone()
    return str(row[0]) if row and row[0] is not None else None


def any_alias(connection: Connection) -> bool:
    """Was any version ever promoted?"""
    row = connection.execute(_QUERIES["any_alias"]).fetchone()
    return bool(row and row[0])


def point(
    connection: Connection,
    version: str,
    *,
    reason: str,
    org_id: UUID | None = None,
    namespace: str = EVERY_NAMESPACE,
) -> None:
    """Let readers of an org and namespace see ``version`` from now on, and record the move."""
    where = {"org_id": org_id, "namespace": namespace}
    with connection.transaction():
        before = active_version(connection, org_id=org_id, namespace=namespace)
        connection.execute(_QUERIES["point"], {**where, "version": version})
        connection.execute(
            _QUERIES["record_move"],
            {**where, "from_version": before, "to_version": version, "reason": reason},
        )
