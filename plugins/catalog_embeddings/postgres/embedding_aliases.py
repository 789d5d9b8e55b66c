"""The table embedding_aliases: which version readers see. A promotion moves a pointer and nothing else.

Its history is a stack: undoing takes the last promotion of a place off it, whoever made it. Versions' statuses follow
every move in the same transaction. Whether a move is wise is left to the pipeline.
"""

from typing import Any
from uuid import UUID

from catalog_embeddings.domain.promotion import EVERY_NAMESPACE, Move, Place
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres import embedding_versions
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("embedding_aliases")


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


def all_aliases(connection: Connection) -> list[tuple[Place, str]]:
    """Every place that has a pointer of its own, and the version it points to."""
    return [
        (Place(org_id, namespace), version)
        for org_id, namespace, version in connection.execute(_QUERIES["all_aliases"])
    ]


def hold(connection: Connection) -> None:
    """Until the transaction ends, nobody else moves a pointer; readers go on."""
    connection.execute(_QUERIES["hold"])


def own_alias(connection: Connection, place: Place) -> str | None:
    """The version that a place's own pointer names; None where it has none and follows a more general one."""
    row = connection.execute(_QUERIES["own_alias"], _where(place)).fetchone()
    return str(row[0]) if row else None


def point(
    connection: Connection,
    version: str,
    *,
    reason: str,
    org_id: UUID | None = None,
    namespace: str = EVERY_NAMESPACE,
    forced: bool = False,
    unmet: tuple[str, ...] = (),
) -> Move:
    """Let readers of an org and namespace see ``version`` from now on, and record the move."""
    place = Place(org_id, namespace)
    with connection.transaction():
        hold(connection)
        before, replaced = _seen(connection, place), own_alias(connection, place)
        connection.execute(_QUERIES["point"], {**_where(place), "version": version})
        moved = {"to_version": version, "reason": reason, "replaced_version": replaced, "undoes": None}
        return _record(connection, place, {**moved, "from_version": before, "forced": forced, "unmet": list(unmet)})


def undo(connection: Connection, place: Place) -> Move:
    """Take back the last promotion at a place that has not been taken back yet.

    A place that had no pointer of its own before follows the more general one again.

    Raises:
        InputError: there is none, or before it readers there saw nothing, or what was dropped since.
    """
    with connection.transaction():
        hold(connection)
        last = connection.execute(_QUERIES["last_promotion"], _where(place)).fetchone()
        if last is None:
            raise InputError(f"nothing was ever promoted at {place}, or all of it has been taken back")
        undoes, undone, replaced = last
        before = _seen(connection, place)
        if replaced is None:
            connection.execute(_QUERIES["remove"], _where(place))
        else:
            embedding_versions.find_version(connection, replaced)
            connection.execute(_QUERIES["point"], {**_where(place), "version": replaced})
        after = _seen(connection, place)
        if after is None:
            raise InputError(f"{undone} is the first version that was promoted at {place}: there is none to go back to")
        moved = {"to_version": after, "reason": f"undo the promotion of {undone}", "replaced_version": undone}
        return _record(
            connection, place, {**moved, "from_version": before, "undoes": undoes, "forced": False, "unmet": []}
        )


def _seen(connection: Connection, place: Place) -> str | None:
    return active_version(connection, org_id=place.org_id, namespace=place.namespace)


def _record(connection: Connection, place: Place, moved: dict[str, Any]) -> Move:
    embedding_versions.follow_aliases(connection)
    row = connection.execute(_QUERIES["record_move"], {**_where(place), **moved}).fetchone()
    moved_at, moved_by = row or (None, None)
    return Move(
        version=moved["to_version"],
        from_version=moved["from_version"],
        place=place,
        moved_at=moved_at,
        moved_by=moved_by,
        reason=moved["reason"],
        forced=moved["forced"],
        unmet=tuple(moved["unmet"]),
    )


def _where(place: Place) -> dict[str, Any]:
    return {"org_id": place.org_id, "namespace": place.namespace}
