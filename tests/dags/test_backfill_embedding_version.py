"""The backfill by hand: its form, and one run of it by Airflow's own task runner."""

import json
import os
import subprocess
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog_embeddings.cli.airflow_home import AirflowHome, airflow_command
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import version_slices
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.slicing import slice_bucket

ORG = uuid.UUID(int=1)


@pytest.fixture
def backfill(parsed: dict[str, Any]) -> dict[str, Any]:
    return dict(parsed["dags"]["backfill_embedding_version"])


def test_nobody_but_a_person_starts_it(backfill: dict[str, Any]) -> None:
    assert (backfill["schedule"], backfill["catchup"]) == (None, False)


def test_its_form_has_a_title_and_a_sentence_for_every_field(backfill: dict[str, Any]) -> None:
    assert backfill["untitled"] == []
    assert {name: param["type"] for name, param in backfill["params"].items()} == {
        "version": "string",
        "slice": ["null", "string"],
        "salt": ["null", "string"],
        "via": ["null", "string"],
        "max_cost_usd": ["null", "number"],
        "dry_run": "boolean",
    }
    assert backfill["left_open"] == ["version"]


@pytest.fixture
def backfilled(
    connection: Connection, database_url: str, emulator: Emulator, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the DAG on a catalog of twenty items and a version v8 that holds nothing, with these parameters."""
    for number in range(20):
        connection.execute(
            "insert into analytics.catalog_features_raw (org_id, item_id, title) values (%s, %s, %s)",
            [ORG, f"item-{number}", f"Thing number {number}"],
        )
    register_version(connection, "v8", text_spec("emulator", "text-embedding-3-small", dims=8))
    home = AirflowHome(tmp_path / "airflow")
    home.prepare_database(home.environment(os.environ))
    environment = {
        **os.environ,
        "CATALOG_EMBEDDINGS_DATABASE_URL": database_url,
        "CATALOG_EMBEDDINGS_STATE_DIRECTORY": str(tmp_path),
        "OPENAI_BASE_URL": emulator.url,
    }

    def run(**asked: object) -> subprocess.CompletedProcess[str]:
        asked = {"version": "v8", "slice": None, "salt": None, "max_cost_usd": 1, "dry_run": False} | asked
        finished = subprocess.run(
            airflow_command("dags", "test", "backfill_embedding_version", "--conf", json.dumps(asked)),
            env=home.environment(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout[-4_000:] + finished.stderr[-4_000:]
        return finished

    return run


def test_a_backfill_fills_the_slice_and_makes_it_the_versions(
    connection: Connection, emulator: Emulator, backfilled: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    backfilled(slice="50%")
    half = Slice(Decimal(50), "trial")
    drawn = {f"item-{number}" for number in range(20) if half.contains(slice_bucket(ORG, f"item-{number}", "trial"))}
    assert {row[0] for row in connection.execute("select item_id from item_embeddings")} == drawn
    assert version_slices.find_slice(connection, "v8") == half
    assert emulator.stats()["inputs_paid"] == len(drawn)
    assert connection.execute("select state, plan ->> 'slice' from pipeline.runs").fetchall() == [("verified", "50%")]


def test_a_backfill_through_the_batch_api_gives_its_slot_back_while_it_waits(
    connection: Connection, emulator: Emulator, backfilled: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    emulator.faults(batch_seconds=3)
    finished = backfilled(via="batch-api")
    assert "Pausing task as DEFERRED" in finished.stdout + finished.stderr
    assert connection.execute("select count(*) from item_embeddings").fetchone() == (20,)
    stats = emulator.stats()
    assert (stats["batches"], stats["embedding_requests"], stats["inputs_paid"], stats["inputs_paid_twice"]) == (
        1,
        0,
        20,
        0,
    )
    assert connection.execute("select state, via, error from pipeline.runs").fetchall() == [
        ("verified", "batch-api", None)
    ]


def test_records_and_texts_of_a_backfill_both_wait_for_the_batch_api_without_a_slot(
    connection: Connection, emulator: Emulator, backfilled: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    emulator.faults(batch_seconds=3)
    register_version(connection, "v9", text_spec("emulator", "text-embedding-3-small", 8, "product.v4", "review.v1"))
    finished = backfilled(version="v9", via="batch-api")
    assert (finished.stdout + finished.stderr).count("Pausing task as DEFERRED") >= 2
    assert connection.execute("select count(*) from item_embeddings where version = 'v9'").fetchone() == (20,)
    lines = connection.execute("select endpoint, requests from pipeline.batches order by endpoint").fetchall()
    assert lines == [("/v1/chat/completions", 20), ("/v1/embeddings", 1)]
    stats = emulator.stats()
    assert (stats["batches"], stats["batch_lines_paid"], stats["embedding_requests"]) == (2, 21, 0)
