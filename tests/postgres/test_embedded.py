"""The embedded PostgreSQL: pgvector is there, who comes second joins, the last one to leave stops it."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil

from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.embedded import embedded_postgres, stop_abandoned

USER_OF_POSTGRES = """
import pathlib, sys, time
from catalog_embeddings.postgres.embedded import embedded_postgres
with embedded_postgres(pathlib.Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(300)
"""
STOPPER = """
import pathlib, sys
from catalog_embeddings.postgres.embedded import stop_abandoned
stop_abandoned(pathlib.Path(sys.argv[1]))
"""
PROGRAM = """
import sys
from pathlib import Path
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.embedded import embedded_postgres

with embedded_postgres(Path(sys.argv[1])) as address, connect(address) as connection:
    connection.execute("create table if not exists visits (visitor int)")
    print(connection.execute("insert into visits values (1) returning (select count(*) from visits)").fetchone()[0])
"""


def test_a_second_user_joins_the_running_server(postgres_server: str, tmp_path: Path) -> None:
    with embedded_postgres(tmp_path / "pg") as first, embedded_postgres(tmp_path / "pg") as second:
        assert first == second != postgres_server
        with connect(first) as connection:
            connection.execute("create extension vector")
            assert connection.execute("select '[1,2]'::halfvec <-> '[1,2]'").fetchone() == (0.0,)


def test_the_server_ends_with_its_last_user_and_keeps_the_data(tmp_path: Path) -> None:
    said = []
    for _ in range(2):
        finished = subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path / "pg")],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        said.append(finished.stdout.strip())
        assert not (tmp_path / "pg" / "postmaster.pid").exists()
        assert finished.stderr == ""
    assert said == ["0", "1"]


def test_postgres_outlives_a_living_user_and_no_killed_one(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    users = [
        subprocess.Popen([sys.executable, "-c", USER_OF_POSTGRES, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for user in users:
        assert user.stdout is not None
        assert user.stdout.readline() == "up\n"
    server = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))

    for user, survives in zip(users, (True, False), strict=True):
        user.send_signal(signal.SIGKILL)
        user.wait()
        subprocess.run([sys.executable, "-c", STOPPER, str(folder)], check=True)
        assert (server.is_running() and server.status() != psutil.STATUS_ZOMBIE) is survives
    stop_abandoned(folder)  # nothing is there any more, and that is fine
