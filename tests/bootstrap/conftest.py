"""An environment like a user's: a database that one whole run went through, a lake, and the emulator as the API."""

import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from psycopg import sql

from catalog_embeddings import bootstrap
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.migrations import migrate

ITEMS = {
    "lamp": "Zephyrine reading lamp",
    "desk": "Quillwood standing desk",
    "chair": "Marrowby rocking chair",
    "armchair": "Marrowby rocking armchair",
    "silent": None,
}


@dataclass
class Surroundings:
    """What a run finds around it."""

    database_url: str
    connection: Connection
    emulator: Emulator
    lake: Path

    def ask(self, question: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(question.encode(), parameters or None).fetchall()

    def add_ballast(self, count: int) -> None:
        """So many further items, each with a text of its own."""
        for number in range(count):
            self.connection.execute(
                "insert into analytics.catalog_features_raw (org_id, item_id, title) values (%s, %s, %s)",
                [uuid.UUID(int=1), f"bulk-{number}", f"Ballast number {number}"],
            )

    def pay_again(self) -> None:
        """Forget what was paid for, so that the next run has something to ask the API."""
        self.connection.execute("delete from pipeline.lake_parts")

    def requests(self) -> int:
        stats: dict[str, Any] = self.emulator.stats()
        return int(stats["embedding_requests"])


@dataclass(frozen=True)
class FirstRun:
    """The run that every copy of the database has behind it."""

    database: str
    lake: Path
    state_directory: Path
    summary: dict[str, Any]
    models: list[str]
    plans: list[dict[str, Any]]
    texts: int
    requests: int


def _address(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()


def _environment(patch: pytest.MonkeyPatch, address: str, emulator: Emulator, lake: Path, state: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("CATALOG_EMBEDDINGS_", "OPENAI_", "BLEND_"))]:
        patch.delenv(name)
    patch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", address)
    patch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", lake.as_uri())
    patch.setenv("CATALOG_EMBEDDINGS_STATE_DIRECTORY", str(state))
    # One of the five items says nothing.
    patch.setenv("CATALOG_EMBEDDINGS_FAILURE_THRESHOLD", "0.2")
    patch.setenv("OPENAI_BASE_URL", emulator.url)


@pytest.fixture(scope="session")
def first_run(postgres_server: str, running_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """A catalog of five items and a whole run over it, told to an observer."""
    lake, state = tmp_path_factory.mktemp("lake"), tmp_path_factory.mktemp("state")
    with connect(postgres_server) as connection:
        connection.execute("create database first_run")
    address = _address(postgres_server, "first_run")
    migrate(address)
    with connect(address) as connection:
        register_version(connection, "v1", text_spec("emulator", "text-embedding-3-small", dims=16))
        for item, title in ITEMS.items():
            connection.execute(
                "insert into analytics.catalog_features_raw (org_id, item_id, title) values (%s, %s, %s)",
                [uuid.UUID(int=1), item, title],
            )
    models: list[str] = []
    plans: list[dict[str, Any]] = []
    texts: list[int] = []
    observer = bootstrap.RunObserver(
        on_model=lambda name, _status, _seconds: models.append(name), on_plan=plans.append, on_loaded=texts.append
    )
    running_emulator.reset()
    with pytest.MonkeyPatch.context() as patch:
        _environment(patch, address, running_emulator, lake, state)
        summary, error = bootstrap.run(None, "the first", None, observer)
    assert error is None
    stats: dict[str, Any] = running_emulator.stats()
    return FirstRun("first_run", lake, state, summary, models, plans, sum(texts), stats["embedding_requests"])


@pytest.fixture
def around(
    postgres_server: str, first_run: FirstRun, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Surroundings]:
    """A copy of the database and the lake after the first run, and an environment that points to them."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    names = (sql.Identifier(name), sql.Identifier(first_run.database))
    address = _address(postgres_server, name)
    # A lake of its own: what another test seals there is no part of this one's history.
    lake = shutil.copytree(first_run.lake, tmp_path / "lake of its own")
    _environment(monkeypatch, address, emulator, lake, first_run.state_directory)
    with connect(postgres_server) as server:
        server.execute(sql.SQL("create database {} template {}").format(*names))
        with connect(address) as connection:
            yield Surroundings(address, connection, emulator, lake)
        server.execute(sql.SQL("drop database {} with (force)").format(names[0]))
