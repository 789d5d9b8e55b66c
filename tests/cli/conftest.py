"""The program as a person runs it: its exit code, standard output and standard error, on a database of a first run."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from psycopg import sql

from catalog_embeddings.cli.app import main
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.migrations import migrate

TITLES = {
    "lamp": "Zephyrine reading lamp",
    "desk": "Quillwood [oak] standing desk",
    "chair": "Marrowby rocking chair",
    "armchair": "Marrowby rocking armchair",
    "silent": None,
}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON object on standard output; nothing else may stand there."""
        found = json.loads(self.out)
        assert self.out.count("\n") == 1
        assert isinstance(found, dict)
        return found


@dataclass(frozen=True)
class World:
    """What the environment of a command names, and how it got there."""

    database_url: str
    connection: Connection
    emulator: Emulator
    first: Ended
    lake: Path
    state_directory: Path

    def ask(self, question: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(question.encode(), parameters or None).fetchall()

    def requests(self) -> int:
        stats: dict[str, Any] = self.emulator.stats()
        return int(stats["embedding_requests"])


@dataclass(frozen=True)
class _First:
    database: str
    ended: Ended
    lake: Path
    state_directory: Path


def _address(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()


def _environment(address: str, emulator: Emulator, lake: Path, state: Path) -> dict[str, str]:
    return {
        "CATALOG_EMBEDDINGS_DATABASE_URL": address,
        "CATALOG_EMBEDDINGS_LAKE_URL": lake.as_uri(),
        "CATALOG_EMBEDDINGS_STATE_DIRECTORY": str(state),
        "CATALOG_EMBEDDINGS_FAILURE_THRESHOLD": "0.2",
        "OPENAI_BASE_URL": emulator.url,
        "COLUMNS": "200",
    }


def _inherited() -> dict[str, str]:
    """This process's environment without what would decide where a command runs."""
    ours = ("CATALOG_EMBEDDINGS_", "OPENAI_", "BLEND_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="session")
def program() -> Callable[..., Ended]:
    """The installed program, in a process of its own."""
    path = Path(sys.executable).with_name("catalog-embeddings")

    def run(*arguments: str, **environment: str) -> Ended:
        finished = subprocess.run(
            [str(path), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**_inherited(), "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        )
        return Ended(finished.returncode, finished.stdout, finished.stderr)

    return run


@pytest.fixture(scope="session")
def _first(
    postgres_server: str,
    running_emulator: Emulator,
    program: Callable[..., Ended],
    tmp_path_factory: pytest.TempPathFactory,
) -> _First:
    """Five items and the command ``run --json``."""
    lake, state = tmp_path_factory.mktemp("lake"), tmp_path_factory.mktemp("state")
    with connect(postgres_server) as connection:
        connection.execute("create database first_command")
    address = _address(postgres_server, "first_command")
    migrate(address)
    with connect(address) as connection:
        register_version(connection, "v1", text_spec("emulator", "text-embedding-3-small", dims=512))
        for item, title in TITLES.items():
            connection.execute(
                "insert into analytics.catalog_features_raw (org_id, item_id, title, brand) values (%s, %s, %s, %s)",
                [uuid.UUID(int=1), item, title, title and "Acme"],
            )
    running_emulator.reset()
    ended = program("run", "--json", **_environment(address, running_emulator, lake, state))
    return _First("first_command", ended, lake, state)


@pytest.fixture
def world(
    postgres_server: str,
    _first: _First,
    running_emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[World]:
    """A copy of the database and the lake after the first run, and an environment that points to them."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    names = (sql.Identifier(name), sql.Identifier(_first.database))
    address = _address(postgres_server, name)
    for variable in os.environ.keys() - _inherited().keys():
        monkeypatch.delenv(variable)
    # A lake of its own: what another test seals there is no part of this one's history.
    lake = shutil.copytree(_first.lake, tmp_path / "lake of its own")
    for variable, value in _environment(address, running_emulator, lake, _first.state_directory).items():
        monkeypatch.setenv(variable, value)
    running_emulator.reset()
    with connect(postgres_server) as server:
        server.execute(sql.SQL("create database {} template {}").format(*names))
        with connect(address) as connection:
            yield World(address, connection, running_emulator, _first.ended, lake, _first.state_directory)
        server.execute(sql.SQL("drop database {} with (force)").format(names[0]))


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """The program in this process, which spares its start."""

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["catalog-embeddings", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capfd.readouterr()
        return Ended(int(left.value.code or 0), said.out, said.err)

    return run
