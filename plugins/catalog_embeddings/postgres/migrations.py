"""Bringing a database to the schema of this release.

Migrations run exactly once and are frozen: their hash is kept, and a changed file is refused. Functions and
views are one object a file and are applied again on every deploy, in the order of their names.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yoyo

from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.locks import held_lock
from catalog_embeddings.postgres.pgvector import require_pgvector
from catalog_embeddings.postgres.queries import named_queries
from catalog_embeddings.resources import sql_directory


@dataclass(frozen=True)
class MigrationReport:
    """What a deploy did: the migrations newly applied, and how many functions and views were refreshed.

    ``not_granted`` are the statements about roles that this user may not run: the rest works without.
    """

    applied: list[str]
    functions: int
    views: int
    not_granted: list[str]


def migrate(database_url: str, *, sql: Path | None = None) -> MigrationReport:
    """Apply pending migrations, then every function and view. Safe to run at any time, and twice at once.

    Raises:
        ConfigurationError: a migration was edited after it was applied, or the server's pgvector is too old.
        ServerFailed: the database cannot be reached.
    """
    folder = sql or sql_directory()
    with connect(database_url) as connection, held_lock(connection, "catalog_embeddings.migrate"):
        require_pgvector(connection)
        _create_ledger(connection)
        _refuse_edited_migrations(connection, folder)
        applied = _apply_migrations(connection, database_url, folder)
        functions = _apply_objects(connection, folder / "functions")
        views = _apply_objects(connection, folder / "views")
        # Migrations alone, without functions, are the schema on its way: there is nothing to grant yet.
        not_granted = _grant_roles(connection) if functions else []
    return MigrationReport(applied=applied, functions=functions, views=views, not_granted=not_granted)


def require_migrated(connection: Connection, *, sql: Path | None = None) -> None:
    """Refuse a database that lacks migrations of this release. Changes nothing.

    Raises:
        ConfigurationError: some are not applied, or one was edited after it was.
    """
    folder = sql or sql_directory()
    queries = named_queries("migration_hashes")
    known = {path.stem for path in (folder / "migrations").glob("*.sql")}
    if connection.execute(queries["is_there"]).fetchone() == (True,):
        _refuse_edited_migrations(connection, folder)
        known -= {migration for migration, _ in connection.execute(queries["recorded"])}
    if known:
        raise ConfigurationError(
            f"{len(known)} of this release's migrations are not applied, {min(known)} first: "
            "run `catalog-embeddings migrate`"
        )


def _create_ledger(connection: Connection) -> None:
    connection.execute(named_queries("migration_hashes")["create_schema"])
    connection.execute(named_queries("migration_hashes")["create_ledger"])


def _refuse_edited_migrations(connection: Connection, folder: Path) -> None:
    recorded = connection.execute(named_queries("migration_hashes")["recorded"]).fetchall()
    for migration, known in recorded:
        path = folder / "migrations" / f"{migration}.sql"
        if path.exists() and _sha256(path) != known:
            raise ConfigurationError(
                f"sql/migrations/{path.name} was changed after it was applied to this database; "
                "restore the file and put the change into a new migration"
            )


def _apply_migrations(connection: Connection, database_url: str, folder: Path) -> list[str]:
    # yoyo names the driver in the scheme: without it, it would look for psycopg2.
    backend = yoyo.get_backend(urlsplit(database_url)._replace(scheme="postgresql+psycopg").geturl())
    try:
        known = yoyo.read_migrations(str(folder / "migrations"))
        # A deploy that was killed may have applied some that it did not record.
        for migration in backend.to_rollback(known):
            _record(connection, folder, migration.id)
        pending = list(backend.to_apply(known))
        # Not under yoyo's own lock: it is a row, which outlives a deploy that is killed. Ours does not.
        for migration in pending:
            backend.apply_one(migration)
            _record(connection, folder, migration.id)
    finally:
        backend.connection.close()
    return [migration.id for migration in pending]


def _record(connection: Connection, folder: Path, migration: str) -> None:
    digest = _sha256(folder / "migrations" / f"{migration}.sql")
    connection.execute(named_queries("migration_hashes")["record"], [migration, digest])


def _apply_objects(connection: Connection, folder: Path) -> int:
    files = sorted(folder.glob("*.sql"))
    with connection.transaction():
        for path in files:
            connection.execute(path.read_bytes())
    return len(files)


def _grant_roles(connection: Connection) -> list[str]:
    row = connection.execute(named_queries("migration_hashes")["grant_roles"]).fetchone()
    return list(row[0]) if row else []


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
