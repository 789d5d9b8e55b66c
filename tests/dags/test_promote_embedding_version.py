"""The promotion by hand: its form, and that what speaks against a version fails the run with every reason."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from catalog_embeddings.cli.airflow_home import AirflowHome, airflow_command
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.connection import Connection


@pytest.fixture
def promotion(parsed: dict[str, Any]) -> dict[str, Any]:
    return dict(parsed["dags"]["promote_embedding_version"])


def test_nobody_but_a_person_starts_it_and_one_at_a_time(promotion: dict[str, Any]) -> None:
    assert (promotion["schedule"], promotion["catchup"], promotion["max_active_runs"]) == (None, False, 1)
    assert promotion["downstream"] == {"promote": []}
    assert promotion["retries"] == {"promote": [3, True]}


def test_its_form_has_a_title_and_a_sentence_for_every_field(promotion: dict[str, Any]) -> None:
    assert promotion["untitled"] == []
    assert {name: param["type"] for name, param in promotion["params"].items()} == {
        "version": "string",
        "namespace": ["null", "string"],
        "org_id": ["null", "string"],
        "force": "boolean",
        "reason": ["null", "string"],
    }
    assert promotion["left_open"] == ["version"]


def test_a_promotion_moves_the_pointer_and_keeps_the_reason(
    connection: Connection, database_url: str, tmp_path: Path
) -> None:
    register_version(connection, "v8", text_spec("emulator", "text-embedding-3-small", dims=8))
    home = AirflowHome(tmp_path / "airflow")
    home.prepare_database(home.environment(os.environ))
    environment = home.environment({**os.environ, "CATALOG_EMBEDDINGS_DATABASE_URL": database_url})
    asked: dict[str, Any] = {"version": "v8", "namespace": "shoes", "force": False, "reason": None, "org_id": None}

    def promote(**changed: Any) -> str:
        finished = subprocess.run(
            airflow_command("dags", "test", "promote_embedding_version", "--conf", json.dumps(asked | changed)),
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return finished.stdout + finished.stderr

    refused = promote()
    assert "version v8 was not promoted" in refused
    assert "It has never been run" in refused
    assert connection.execute("select count(*) from embedding_aliases").fetchone() == (0,)
    promote(force=True, reason="a drill")
    assert connection.execute("select namespace, version from embedding_aliases").fetchall() == [("shoes", "v8")]
    assert connection.execute("select reason, forced from embedding_alias_history").fetchall() == [("a drill", True)]
