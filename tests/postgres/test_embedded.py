"""The embedded PostgreSQL: pgvector is there, who comes second joins, the last one to leave stops it."""

import subprocess
import sys
from pathlib import Path

from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.embedded import embedded_postgres

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
