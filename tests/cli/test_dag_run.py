"""A run of the DAG through Airflow that fails: it ends at once, says why, and loses nothing."""

import os
from pathlib import Path

import pytest
from rich.console import Console

from catalog_embeddings.cli.airflow_home import AirflowHome
from catalog_embeddings.cli.dag_run import run_dag
from catalog_embeddings.emulator.serve import background
from catalog_embeddings.errors import Permanent
from catalog_embeddings.postgres.connection import Connection


def test_a_spent_quota_fails_the_run_without_a_retry(
    connection: Connection, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title)"
        " values ('00000000-0000-0000-0000-000000000000', 'kettle', 'A kettle')"
    )
    home = AirflowHome(tmp_path / "airflow")
    home.prepare_database(home.environment(os.environ))
    with background() as emulator:
        emulator.faults(fail_next=[{"kind": "insufficient_quota"}] * 9)
        environment = {
            **os.environ,
            "CATALOG_EMBEDDINGS_DATABASE_URL": database_url,
            "CATALOG_EMBEDDINGS_STATE_DIRECTORY": str(tmp_path),
            "OPENAI_BASE_URL": emulator.url,
            "OPENAI_API_KEY": "any",
        }
        with pytest.raises(Permanent, match=r"the DAG run failed: RunPaused: .*dag\.log"):
            run_dag(home, environment, connection, Console(quiet=True))
        assert emulator.stats()["embedding_requests"] == 1

    log = (home.folder / "logs" / "dag.log").read_text()
    assert "Matched rule for RunPaused" in log
    assert connection.execute("select state from pipeline.runs").fetchall() == [("paused",)]
    assert connection.execute("select count(*) from pipeline.dead_letters").fetchone() == (0,)
