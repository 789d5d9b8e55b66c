"""The wiring that every command needs: settings, and the database that they name or the embedded one."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.postgres.connection import Connection, connect, explained
from catalog_embeddings.postgres.embedded import embedded_postgres
from catalog_embeddings.postgres.migrations import MigrationReport, migrate
from catalog_embeddings.settings import Settings


def settings() -> Settings:
    """The settings of this environment.

    Raises:
        ConfigurationError: one of them is wrong; the message names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        name = name if name.startswith(("OPENAI", "BLEND")) else f"CATALOG_EMBEDDINGS_{name}"
        raise ConfigurationError(f"{name} is wrong: {first['msg']}") from None


@contextmanager
def database_address(configured: Settings) -> Iterator[str]:
    """The configured database, or the embedded one, which is started and brought up to date."""
    if configured.database_url is not None:
        yield configured.database_url.get_secret_value()
        return
    with embedded_postgres(configured.state_directory / "postgres") as address:
        migrate(address)
        yield address


@contextmanager
def open_database() -> Iterator[Connection]:
    """A connection to the configured (or embedded) database."""
    with explained(), database_address(settings()) as address, connect(address) as connection:
        yield connection


def migrate_database() -> MigrationReport:
    """Bring the configured database to the schema of this release."""
    configured = settings()
    if configured.database_url is not None:
        return migrate(configured.database_url.get_secret_value())
    with embedded_postgres(configured.state_directory / "postgres") as address:
        return migrate(address)
