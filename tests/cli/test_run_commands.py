"""The commands plan and run: what they answer, what they cost, and how they end."""

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.plan import Limits, make_plan
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import runs
from catalog_embeddings.postgres.embedding_versions import find_version
from tests.cli.conftest import TITLES, Ended, World


def _leave_unfinished(world: World) -> str:
    """A run with a frozen plan, in which everything has to be paid for again; returns its id."""
    run_id = f"left-{uuid.uuid4().hex}"
    world.connection.execute("delete from pipeline.lake_parts")
    world.connection.execute("delete from item_embeddings")
    runs.open_run(world.connection, run_id, "v1", "a test")
    version = find_version(world.connection, "v1")
    make_plan(world.connection, Lake(world.lake.as_uri()), run_id, version, Limits(128, 10))
    return run_id


def test_the_first_run(world: World) -> None:
    ended = world.first
    assert ended.code == 0
    answer = ended.answer
    assert {name: answer[name] for name in ("version", "state", "planned", "embedded", "reused", "loaded")} == {
        "version": "v1",
        "state": "verified",
        "planned": 5,
        "embedded": 4,
        "reused": 0,
        "loaded": 4,
    }
    assert (answer["deleted"], answer["dead"], answer["requests"], answer["retries"]) == (0, 1, 1, 0)
    assert answer["tokens"] > 0
    assert answer["price_usd"] == pytest.approx(answer["tokens"] * 0.02 / 1e6)
    assert answer["seconds"] > 0
    assert "Plan for version v1" in ended.err
    assert "changed_catalog_items" in ended.err
    assert not any(title.split()[0] in ended.err for title in TITLES.values() if title)


def test_plan_says_what_a_run_would_do_and_calls_nobody(world: World, cli: Callable[..., Ended]) -> None:
    world.connection.execute("delete from analytics.catalog_features_raw where item_id = 'lamp'")
    world.connection.execute("update analytics.catalog_features_raw set title = 'New' where item_id = 'desk'")
    ended = cli("plan", "--json")
    assert ended.code == 0
    answer = ended.answer
    assert {name: answer[name] for name in ("version", "new", "changed", "unchanged", "deleted")} == {
        "version": "v1",
        "new": 0,
        "changed": 1,
        "unchanged": 2,
        "deleted": 1,
    }
    assert (answer["distinct_texts"], answer["reusable"], answer["requests"]) == (1, 0, 1)
    assert set(answer["price_usd"]) == {"low", "expected", "high"}
    assert set(answer["price_batch_usd"]) == {"low", "expected", "high"}
    assert {"slice", "tokens", "seconds", "bytes_postgres", "bytes_lake"} <= set(answer)
    assert world.requests() == 0
    assert world.ask("select count(*) from pipeline.runs") == [(1,)]


def test_a_second_run_calls_nobody_and_changes_no_row(world: World, cli: Callable[..., Ended]) -> None:
    rows = "select item_id, xmin, ctid from item_embeddings order by item_id"
    before = world.ask(rows)
    ended = cli("run")
    assert ended.code == 0
    assert "0 API calls" in ended.out
    assert world.requests() == 0
    assert world.ask(rows) == before


def test_too_many_failures_end_with_three_after_the_answer(
    world: World, cli: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_FAILURE_THRESHOLD", "0.1")
    world.connection.execute("delete from pipeline.dead_letters")
    _leave_unfinished(world)
    ended = cli("run", "--json")
    assert ended.code == 3
    assert (ended.answer["state"], ended.answer["loaded"], ended.answer["dead"]) == ("failed", 4, 1)
    assert "ThresholdExceeded: 1 of 5 attempted items failed (20.00%), more than 10.0%" in ended.err


def test_an_empty_quota_ends_with_four_and_the_next_run_goes_on(world: World, cli: Callable[..., Ended]) -> None:
    run_id = _leave_unfinished(world)
    world.emulator.faults(fail_next=[{"kind": "insufficient_quota"}])
    ended = cli("run", "--json")
    assert (ended.code, ended.out) == (4, "")
    assert "RunPaused: the API's quota is used up" in ended.err
    resumed = cli("run", "--json")
    assert resumed.code == 0
    assert (resumed.answer["run_id"], resumed.answer["embedded"]) == (run_id, 4)


def test_an_outage_ends_with_four_before_anything_is_sent(
    world: World, cli: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    _leave_unfinished(world)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    ended = cli("run")
    assert (ended.code, ended.out) == (4, "")
    assert "no answer from http://127.0.0.1:9/v1" in ended.err


def test_a_price_above_the_limit_ends_with_two_and_sends_nothing(world: World, cli: Callable[..., Ended]) -> None:
    world.connection.execute("update analytics.catalog_features_raw set title = 'New' where item_id = 'desk'")
    ended = cli("run", "--max-cost", "0", "--json")
    assert (ended.code, ended.out) == (2, "")
    assert "more than the limit of 0.0 USD" in ended.err
    assert world.requests() == 0
    assert world.ask("select count(*) from pipeline.run_plan where run_id <> %s", world.first.answer["run_id"]) == [
        (0,)
    ]


def test_a_cost_limit_that_is_reached_ends_with_four_and_a_higher_one_goes_on(
    world: World, cli: Callable[..., Ended]
) -> None:
    run_id = _leave_unfinished(world)
    ended = cli("run", "--max-cost", "0.0000001", "--json")
    assert (ended.code, ended.out) == (4, "")
    assert f"RunPaused: the cost limit of 0.0000001 USD is reached: run {run_id} has spent" in ended.err
    assert "run again with a higher --max-cost to go on" in ended.err
    assert world.requests() == 0
    resumed = cli("run", "--max-cost", "0.01", "--json")
    assert (resumed.code, resumed.answer["run_id"], resumed.answer["embedded"]) == (0, run_id, 4)


def test_a_slice_is_planned_and_run_and_only_grows(world: World, cli: Callable[..., Ended]) -> None:
    register_version(world.connection, "v8", text_spec("emulator", "text-embedding-3-small", dims=8))
    # The desk and the armchair, as it happens.
    planned = cli("plan", "--version", "v8", "--slice", "65%", "--json").answer
    assert (planned["slice"], planned["new"]) == ("65%", 2)
    ended = cli("run", "--version", "v8", "--slice", "65%", "--json")
    assert (ended.code, ended.answer["planned"]) == (0, 2)
    again = cli("plan", "--version", "v8", "--json").answer
    assert (again["slice"], again["new"], again["unchanged"]) == ("65%", 0, 2)
    for arguments, sentence in (
        (("run", "--version", "v8", "--slice", "5%"), "at 5% the others would go stale unnoticed"),
        (("plan", "--version", "v8", "--slice", "80%", "--salt", "theirs"), "'theirs' draws other items"),
        (("plan", "--slice", "five"), "'five' is no slice: write a percentage such as 5%"),
    ):
        refused = cli(*arguments)
        assert (refused.code, refused.out) == (2, "")
        assert sentence in " ".join(refused.err.split())


def test_without_an_endpoint_nothing_begins(
    world: World, cli: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    ended = cli("run")
    assert (ended.code, ended.out) == (2, "")
    assert "no embeddings API is configured: set OPENAI_API_KEY for OpenAI, or OPENAI_BASE_URL" in ended.err


def test_a_version_that_is_worked_on_ends_with_one(world: World, cli: Callable[..., Ended]) -> None:
    world.connection.execute("update pipeline.leases set expires_at = now() + interval '1 hour', holder = 'host-9'")
    ended = cli("run", "--version", "v1")
    assert (ended.code, ended.out) == (1, "")
    assert "RunLocked: version v1 is locked by run" in ended.err
    assert "on host-9; wait for it to end" in ended.err
    assert cli("run", "--version", "v9").code == 2


def test_a_run_through_the_batch_api_can_be_interrupted_and_goes_on(world: World, cli: Callable[..., Ended]) -> None:
    run_id = _leave_unfinished(world)
    world.emulator.faults(batch_seconds=3600)
    command = [str(Path(sys.executable).with_name("catalog-embeddings")), "run", "--via", "batch-api"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not world.ask("select 1 from pipeline.batches where batch_id is not null"):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupt this whenever you like: run again, and it goes on." in " ".join(said.split())
    refused = cli("run", "--via", "api")
    assert refused.code == 2
    assert f"run {run_id} has batches under way" in " ".join(refused.err.split())
    world.emulator.faults(batch_seconds=0)
    ended = cli("run", "--json")
    assert ended.code == 0
    assert (ended.answer["run_id"], ended.answer["embedded"], ended.answer["requests"]) == (run_id, 4, 1)
    assert (world.emulator.stats()["batches"], world.requests()) == (1, 0)
    assert cli("run", "--via", "pigeon").code == 2
