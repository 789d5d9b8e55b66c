"""A world to break: a database and a lake after one whole night, a second night's plan waiting, and workers to kill.

dbt and the first night happen once a session; each test gets a copy.
"""

import multiprocessing
import os
import shutil
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psutil
import pytest
from psycopg import sql

from catalog_embeddings.domain.batch import Via
from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.migrations import migrate
from tests.faults import catalog, invariants
from tests.faults.child import Job, Moment, Place, work
from tests.faults.compiled_models import CompiledModel, build_models

BATCH = 4
PARALLELISM = 3

# A worker that hangs is a failure with a name, long before pytest's own limit.
_PATIENCE_SECONDS = 60.0


@dataclass
class Worker:
    """A process at work, or what it left."""

    process: ForkServerProcess

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def ends(self) -> int:
        """Wait for its end; returns the exit code, negative for a signal."""
        self.process.join(_PATIENCE_SECONDS)
        assert self.process.exitcode is not None, "the worker hangs"
        return self.process.exitcode

    def comes_to(self, moment: Callable[[], bool]) -> None:
        """Wait until that is so."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not moment():
            assert self.process.is_alive(), "it ended before"
            assert time.monotonic() < deadline, "it never came to that"
            time.sleep(0.01)

    def stands_still(self) -> None:
        """Wait until it has stopped itself."""
        self.comes_to(lambda: psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)

    def goes_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@dataclass
class World:
    """One database, one lake, one API, and whoever works on them."""

    database_url: str
    connection: Connection
    lake: Path
    log: Path
    emulator: Emulator
    models: list[CompiledModel]
    context: ForkServerContext
    batch: int = BATCH
    parallelism: int = PARALLELISM
    #: Where workers find the database, if not at its own address.
    worker_url: str | None = None
    via: Via | None = None
    #: The version that workers choose and that is held against the invariants.
    version_name: str = "v1"
    workers: list[Worker] = field(default_factory=list)

    def start(
        self,
        moment: Moment | Place | None = None,
        *,
        holder: str = "a scheduler",
        command: tuple[str, ...] = (),
        places: Path | None = None,
    ) -> Worker:
        """A worker in a process of its own."""
        job = Job(self.surroundings(), self.log, holder, self.models, command, self.via, moment, places)
        process = self.context.Process(target=work, args=[job], daemon=True)
        process.start()
        self.workers.append(Worker(process))
        return self.workers[-1]

    def surroundings(self) -> dict[str, str]:
        """The environment that a worker finds itself in."""
        return {
            "CATALOG_EMBEDDINGS_DATABASE_URL": self.worker_url or self.database_url,
            "CATALOG_EMBEDDINGS_LAKE_URL": self.lake.as_uri(),
            "CATALOG_EMBEDDINGS_STATE_DIRECTORY": str(self.log.parent / "state"),
            "CATALOG_EMBEDDINGS_BATCH_SIZE": str(self.batch),
            "CATALOG_EMBEDDINGS_PARALLELISM": str(self.parallelism),
            # The catalog is full of what cannot be embedded.
            "CATALOG_EMBEDDINGS_FAILURE_THRESHOLD": "0.5",
            "OPENAI_BASE_URL": self.emulator.url,
            "OPENAI_API_KEY": catalog.KEY,
        }

    def dies(self, moment: Moment) -> None:
        """A worker is killed at that moment, which therefore came."""
        ended = self.start(moment).ends()
        assert ended == -signal.SIGKILL, f"{moment} never came: the worker ended with {ended}\n{self.said()}"

    def finishes(self) -> None:
        """A worker comes through."""
        ended = self.start().ends()
        assert ended == 0, f"the worker ended with {ended}\n{self.said()}"

    def check(self, paid_twice_at_most: int) -> None:
        """Everything that must hold once a run is done, and that a further run finds nothing to do."""
        self.holds(paid_twice_at_most)
        before, asked = invariants.fingerprint(self.connection), self.asked()
        self.finishes()
        assert self.asked() == asked, "I11: a further run asked the API"
        assert invariants.fingerprint(self.connection) == before, "I11: a further run wrote rows"
        self.holds(paid_twice_at_most)

    def holds(self, paid_twice_at_most: int) -> None:
        """Everything that must hold once a run is done."""
        broken = self.broken(paid_twice_at_most)
        assert not broken, "\n".join([*map(str, broken), self.said()])

    def broken(self, paid_twice_at_most: int) -> list[invariants.Violation]:
        return invariants.violations(
            invariants.Evidence(
                connection=self.connection,
                lake=self.lake,
                stats=self.emulator.stats(),
                said=self.said(),
                poison=catalog.POISON,
                secret=catalog.KEY,
                word=catalog.WORD,
                version_name=self.version_name,
            ),
            paid_twice_at_most,
        )

    def asked(self) -> dict[str, object]:
        """What the API was asked for; that it was asked for its models costs nothing and is left out."""
        stats = self.emulator.stats()
        return {name: stats[name] for name in ("embedding_requests", "chat_requests", "inputs_paid")}

    def paid(self) -> int:
        return int(str(self.emulator.stats()["inputs_paid"]))

    def paid_twice(self) -> int:
        return int(str(self.emulator.stats()["inputs_paid_twice"]))

    def cut_off(self) -> None:
        """End every connection to the database but the test's own."""
        self.ask(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )

    def reconnect(self) -> None:
        """Look at the database over a new connection: the old one was lost with the server."""
        self.connection = connect(self.database_url, application_name="the test")

    def time_passes(self) -> None:
        """The time is over for which a lease outlives a worker."""
        self.ask("update pipeline.leases set expires_at = now() returning version")

    def everything(self) -> dict[str, str]:
        """A digest of every table that the platform writes, row versions included: it shows any write at all.

        Of the leases only who has them: that a lease lasts longer writes nothing of the run.
        """
        tables = self.ask(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname in ('pipeline', 'public') and tablename <> 'leases'"
        )
        seen = {table: "string_agg(tableoid::text || ctid || xmin, ',' order by tableoid, ctid)" for (table,) in tables}
        seen["pipeline.leases"] = "string_agg(concat(version, run_id, fence, holder), ',' order by version)"
        return {table: str(self.ask(f"select {what} from {table}")) for table, what in seen.items()}

    def said(self) -> str:
        """What all workers have logged and printed."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def last_word(self) -> str:
        """The last line of the log: what a person reads who looks why a worker ended."""
        return self.said().strip().splitlines()[-1]

    def ask(self, question: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(question.encode(), parameters or None).fetchall()


@dataclass(frozen=True)
class Evening:
    """What every world begins with: a database to copy, its lake, and dbt's statements."""

    database: str
    lake: Path
    models: list[CompiledModel]


def address_of(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    with background(api_key=catalog.KEY) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def workers() -> ForkServerContext:
    """Where workers are forked from: a process that has imported everything once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.child"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return context


def prepare(address: str, folder: Path, emulator: Emulator, workers: ForkServerContext) -> list[CompiledModel]:
    """The first night on an empty database, for real, and the catalog of the second; returns dbt's statements."""
    migrate(address)
    emulator.reset(poison=[catalog.POISON])
    with connect(address) as connection:
        register_version(connection, "v1", text_spec("emulator", "text-embedding-3-small", dims=16))
        catalog.first_night(connection)
        models = build_models(address, folder / "dbt")
        world = World(address, connection, folder / "lake", folder / "log", emulator, models, workers)
        world.finishes()
        world.holds(paid_twice_at_most=0)
        catalog.second_night(connection)
    return models


@pytest.fixture(scope="session")
def evening(
    postgres_server: str,
    running_emulator: Emulator,
    workers: ForkServerContext,
    tmp_path_factory: pytest.TempPathFactory,
) -> Evening:
    with connect(postgres_server) as connection:
        connection.execute("create database evening")
    folder = tmp_path_factory.mktemp("evening")
    models = prepare(address_of(postgres_server, "evening"), folder, running_emulator, workers)
    return Evening("evening", folder / "lake", models)


@contextmanager
def copied(
    server: str,
    evening: Evening,
    folder: Path,
    emulator: Emulator,
    workers: ForkServerContext,
    tablespace: str = "pg_default",
) -> Iterator[World]:
    """A copy of the evening before the second run, gone afterwards with whoever works on it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    shutil.copytree(evening.lake, folder / "lake")
    emulator.reset(poison=[catalog.POISON])
    _administer(server, "create database {} template {} tablespace {}", name, evening.database, tablespace)
    address = address_of(server, name)
    with connect(address, application_name="the test") as connection:
        world = World(address, connection, folder / "lake", folder / "log", emulator, evening.models, workers)
        yield world
        world.connection.close()
    for worker in world.workers:
        worker.process.kill()
    _administer(server, "drop database {} with (force)", name)


def _administer(server: str, statement: LiteralString, *names: str) -> None:
    with connect(server) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture
def world(
    postgres_server: str, evening: Evening, emulator: Emulator, workers: ForkServerContext, tmp_path: Path
) -> Iterator[World]:
    with copied(postgres_server, evening, tmp_path, emulator, workers) as world:
        yield world
