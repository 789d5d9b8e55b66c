"""The table embedding_versions: one immutable row a version. Only its status changes, and what its dropping leaves."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from psycopg.errors import CheckViolation, InsufficientPrivilege, UniqueViolation
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from catalog_embeddings.domain.version import Chunking, EmbeddingVersion, VersionSpec, VersionStatus
from catalog_embeddings.errors import ConfigurationError, InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("embedding_versions")


@dataclass(frozen=True, slots=True)
class Dropping:
    """When a version was dropped, from when on its files in the lake may go, and when they went (None: not yet)."""

    dropped_at: datetime
    lake_due_at: datetime
    lake_removed_at: datetime | None


def register(connection: Connection, version: str, spec: VersionSpec, fingerprint: str) -> None:
    """Write a new version and make its partition.

    Raises:
        InputError: the name is taken or cannot be one, or another version has the same spec.
        ConfigurationError: this database user may not make versions.
    """
    row = {
        **asdict(spec),
        "version": version,
        "fingerprint": fingerprint,
        "record_fields": list(spec.record_fields),
        "chunking": Jsonb(asdict(spec.chunking)),
    }
    try:
        with connection.transaction():
            connection.execute(_QUERIES["register"], row)
            connection.execute(_QUERIES["create_partition"], [version])
    except UniqueViolation as error:
        taken = error.diag.constraint_name == "embedding_versions_pkey"
        same = f"a version named {version!r}" if taken else "a version with this very spec"
        raise InputError(f"there is already {same}; see `catalog-embeddings versions list`") from error
    except CheckViolation as error:
        if error.diag.constraint_name != "embedding_versions_version_check":
            raise
        raise InputError(f"{version!r} cannot name a version: at most 40 lower-case letters, digits and _") from error
    except InsufficientPrivilege as error:
        raise _not_a_migrator("make") from error


def all_versions(connection: Connection) -> list[EmbeddingVersion]:
    """Every version, oldest first, those that were dropped too."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_version(row) for row in cursor.execute(_QUERIES["all_versions"])]


def find_version(connection: Connection, version: str) -> EmbeddingVersion:
    """The version of that name, to read from or to write to.

    Raises:
        InputError: there is none, or it was dropped.
    """
    found = find_registered(connection, version)
    if found.dropped_at is not None:
        raise InputError(
            f"version {version} was dropped on {found.dropped_at:%Y-%m-%d}: its vectors are gone; "
            "`catalog-embeddings versions create` registers its spec again, under another name"
        )
    return found


def find_registered(connection: Connection, version: str) -> EmbeddingVersion:
    """The version of that name, even if it was dropped.

    Raises:
        InputError: there is none.
    """
    versions = {found.version: found for found in all_versions(connection)}
    if version not in versions:
        known = ", ".join(name for name, found in versions.items() if found.dropped_at is None) or "none yet"
        raise InputError(f"there is no embedding version {version!r}; there are: {known}")
    return versions[version]


def set_status(connection: Connection, version: str, status: VersionStatus) -> None:
    """Move a version to another status; one that readers see stays active."""
    connection.execute(_QUERIES["set_status"], {"version": version, "status": status})


def follow_aliases(connection: Connection) -> None:
    """What an alias points to is active; what was active and is pointed at no more is retired."""
    connection.execute(_QUERIES["follow_aliases"])


def mark_dropped(connection: Connection, version: str, lake_after_days: int | None, otherwise_days: int = 30) -> None:
    """Write down that a version is dropped, unless it is written: nothing reads or writes it from then on.

    Its files in the lake are due ``lake_after_days`` later; None leaves what was said before, at first
    ``otherwise_days``.

    Raises:
        ConfigurationError: this database user may not drop versions.
    """
    days = {"lake_after_days": lake_after_days, "otherwise_days": otherwise_days}
    try:
        connection.execute(_QUERIES["mark_dropped"], {"version": version, **days})
    except InsufficientPrivilege as error:
        raise _not_a_migrator("drop") from error


def dropping_of(connection: Connection, version: str) -> Dropping:
    """When what happens, or happened, to a version that is dropped."""
    row = connection.execute(_QUERIES["dropping_of"], [version]).fetchone()
    return Dropping(*cast("tuple[Any, ...]", row))


def lake_due(connection: Connection) -> list[str]:
    """Dropped versions whose files in the lake are due to go."""
    return [row[0] for row in connection.execute(_QUERIES["lake_due"])]


def lake_needed(connection: Connection) -> set[str]:
    """Versions whose files in the lake must stay: the living, and those dropped not long ago."""
    return {row[0] for row in connection.execute(_QUERIES["lake_needed"])}


def mark_lake_removed(connection: Connection, version: str) -> None:
    """Write down that nothing of a version is left in the lake that only it needed."""
    connection.execute(_QUERIES["mark_lake_removed"], [version])


def _not_a_migrator(what: str) -> ConfigurationError:
    return ConfigurationError(
        f"this database user may not {what} versions: set CATALOG_EMBEDDINGS_DATABASE_URL to one in the role "
        "catalog_embeddings_migrator, or to the owner of item_embeddings"
    )


def _version(row: dict[str, Any]) -> EmbeddingVersion:
    version, fingerprint, status = row.pop("version"), row.pop("fingerprint"), row.pop("status")
    dropped_at = row.pop("dropped_at")
    row["chunking"] = Chunking(**row["chunking"])
    row["record_fields"] = tuple(row["record_fields"])
    return EmbeddingVersion(version, VersionSpec(**row), fingerprint, cast("VersionStatus", status), dropped_at)
