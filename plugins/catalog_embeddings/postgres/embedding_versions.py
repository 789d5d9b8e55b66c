"""The table embedding_versions: one immutable row a version. Only the status of a row ever changes."""

from dataclasses import asdict
from typing import Any, cast

from psycopg.errors import CheckViolation, UniqueViolation
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from catalog_embeddings.domain.version import Chunking, EmbeddingVersion, VersionSpec, VersionStatus
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("embedding_versions")


def register(connection: Connection, version: str, spec: VersionSpec, fingerprint: str) -> None:
    """Write a new version and make its partition.

    Raises:
        InputError: the name is taken or cannot be one, or another version has the same spec.
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


def all_versions(connection: Connection) -> list[EmbeddingVersion]:
    """Every version, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_version(row) for row in cursor.execute(_QUERIES["all_versions"])]


def find_version(connection: Connection, version: str) -> EmbeddingVersion:
    """The version of that name.

    Raises:
        InputError: there is none.
    """
    versions = {found.version: found for found in all_versions(connection)}
    if version not in versions:
        known = ", ".join(versions) or "none yet"
        raise InputError(f"there is no embedding version {version!r}; there are: {known}")
    return versions[version]


def set_status(connection: Connection, version: str, status: VersionStatus) -> None:
    """Move a version to another status."""
    connection.execute(_QUERIES["set_status"], {"version": version, "status": status})


def _version(row: dict[str, Any]) -> EmbeddingVersion:
    version, fingerprint, status = row.pop("version"), row.pop("fingerprint"), row.pop("status")
    row["chunking"] = Chunking(**row["chunking"])
    row["record_fields"] = tuple(row["record_fields"])
    return EmbeddingVersion(version, VersionSpec(**row), fingerprint, cast("VersionStatus", status))
