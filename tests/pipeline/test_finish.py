"""Finishing: everything planned has ended somehow, the verdict is exact, and only the first version promotes itself."""

from typing import Any

import pytest

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.errors import Permanent, RunFenced, RunHeld, ThresholdExceeded
from catalog_embeddings.pipeline.finish import finish_run
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import dead_letters, embedding_aliases, embedding_versions, item_embeddings, runs
from catalog_embeddings.postgres.embedding_versions import find_version
from tests.pipeline.conftest import Steps


def _run_of(steps: Steps, good: int, bad: int) -> Lease:
    """A run, ready to finish, in which ``good`` items are loaded and ``bad`` ones are dead."""
    steps.connection.execute("delete from pipeline.dead_letters")
    items = [f"good-{number}" for number in range(good)]
    for item in items:
        steps.put(item, title=f"A good thing named {item}")
    silent = [f"bad-{number}" for number in range(bad)]
    for item in silent:
        steps.put(item)
    steps.found(new=(*items, *silent))
    lease = steps.lease()
    steps.plan(lease)
    steps.embed(lease)
    return lease


def _status(steps: Steps, version: str = "v1") -> str:
    return find_version(steps.connection, version).status


def test_everything_that_was_planned_has_ended_somehow(steps: Steps) -> None:
    steps.emulator.faults(poison=["Marrowby"])
    lease = steps.lease()
    steps.plan(lease)
    steps.remove("rug")
    steps.embed(lease)
    summary, error = steps.finish(lease, 0.5)
    assert error is None
    assert (summary.planned, summary.loaded, summary.dead, summary.deleted, summary.unresolved) == (12, 8, 3, 1, 0)
    assert (summary.state, summary.embedded, summary.reused) == ("verified", 8, 0)
    stats: dict[str, Any] = steps.emulator.stats()
    assert (summary.requests, summary.tokens) == (stats["requests"], stats["prompt_tokens"])
    assert summary.price_usd == pytest.approx(summary.tokens * 0.02 / 1e6)
    [row] = steps.ask("select state, summary, error, finished_at is not null from pipeline.runs")
    assert row == ("verified", summary.as_json(), None, True)


def test_the_shards_of_a_run_add_up_to_what_the_api_was_asked(steps: Steps) -> None:
    items = tuple(f"bulk-{number}" for number in range(2_100))
    steps.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title)"
        " select gen_random_uuid(), item, 'A bulky thing called ' || item from unnest(%s::text []) as item",
        [list(items)],
    )
    steps.found(new=items)
    # At one request in flight, a shard of three minutes is 180 requests of one text.
    steps.limits = Limits(batch_size=1, parallelism=1)
    lease = steps.lease()
    assert steps.plan(lease).shards > 1
    steps.limits = Limits(batch_size=512, parallelism=10)
    steps.embed(lease)
    summary, _ = steps.finish(lease)
    stats: dict[str, Any] = steps.emulator.stats()
    assert (summary.embedded, summary.loaded) == (2_100, 2_100)
    assert (summary.requests, summary.tokens) == (stats["requests"], stats["prompt_tokens"])


def test_exactly_the_threshold_is_not_above_it(steps: Steps) -> None:
    summary, error = steps.finish(_run_of(steps, good=19, bad=1), 0.05)
    assert (summary.dead, summary.state, error) == (1, "verified", None)


def test_above_the_threshold_the_good_rows_stay_and_the_version_is_not_published(steps: Steps) -> None:
    summary, error = steps.finish(_run_of(steps, good=18, bad=1), 0.05)
    assert isinstance(error, ThresholdExceeded)
    assert str(error).startswith("1 of 19 attempted items failed (5.26%), more than 5.0%")
    assert (summary.state, summary.loaded, len(steps.loaded())) == ("failed", 18, 18)
    assert embedding_aliases.active_version(steps.connection) is None
    assert _status(steps) == "building"
    assert steps.column("select error from pipeline.runs") == [str(error)]


def test_only_what_was_attempted_counts_for_the_threshold(steps: Steps) -> None:
    steps.run("run-1")
    steps.put("third_twin", title="Gemini candle holder")
    steps.put("still_silent")
    steps.found(new=("third_twin", "still_silent"))
    lease = steps.lease("run-2")
    steps.plan(lease)
    steps.embed(lease)
    _, error = steps.finish(lease, 0.5)
    assert str(error).startswith("1 of 1 attempted items failed")


def test_the_first_version_is_promoted_by_its_first_good_run(steps: Steps) -> None:
    steps.run()
    assert embedding_aliases.active_version(steps.connection) == "v1"
    assert _status(steps) == "active"
    assert steps.ask("select from_version, to_version, reason from embedding_alias_history") == [
        (None, "v1", "the first version")
    ]
    steps.found()
    steps.run("run-2")
    assert steps.column("select count(*) from embedding_alias_history") == [1]


def test_a_first_run_over_an_empty_catalog_promotes_nothing(steps: Steps) -> None:
    steps.found()
    steps.run()
    assert embedding_aliases.active_version(steps.connection) is None
    assert _status(steps) == "building"


def test_any_later_version_waits_for_a_person(steps: Steps) -> None:
    steps.run()
    second = register_version(steps.connection, "v2", text_spec("emulator", "text-embedding-3-small", dims=8))
    runs.open_run(steps.connection, "run-2", "v2", "a test")
    steps.connection.execute("insert into pipeline.leases values ('v2', 'run-2', 1, 'a test', now(), now())")
    steps.version = second
    steps.finish(Lease("v2", "run-2", 1))
    assert _status(steps, "v2") == "building", "it holds nothing yet"
    with steps.connection.transaction():
        item_embeddings.declare_version(steps.connection, second)
        steps.connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " select org_id, item_id, 'v2', 'text', 8, '[1,0,0,0,0,0,0,0]', record_hash, content_hash"
            " from item_embeddings where version = 'v1' and item_id = 'lamp'"
        )
    runs.set_state(steps.connection, "run-2", "planned")
    steps.finish(Lease("v2", "run-2", 1))
    assert _status(steps, "v2") == "candidate"
    assert embedding_aliases.active_version(steps.connection) == "v1"
    embedding_versions.set_status(steps.connection, "v2", "active")
    steps.version = find_version(steps.connection, "v2")
    runs.set_state(steps.connection, "run-2", "planned")
    steps.finish(Lease("v2", "run-2", 1))
    assert _status(steps, "v2") == "active"


def test_an_empty_run_does_not_publish_what_failed(steps: Steps) -> None:
    failed = steps.run("run-1", failure_threshold=0.05)
    assert failed.state == "failed"
    steps.found()
    steps.run("run-2", failure_threshold=0.05)
    assert _status(steps) == "building"
    assert embedding_aliases.active_version(steps.connection) is None


def test_items_without_an_end_hold_the_run(steps: Steps) -> None:
    lease = _run_of(steps, good=3, bad=0)
    steps.connection.execute("delete from item_embeddings where item_id = 'good-1'")
    summary, error = steps.finish(lease)
    assert (summary.state, summary.unresolved) == ("held", 1)
    assert type(error) is RunHeld
    assert str(error).startswith("1 of 3 planned items have neither a vector nor a dead letter")
    assert embedding_aliases.active_version(steps.connection) is None


@pytest.mark.parametrize(("stopped", "state"), [(ThresholdExceeded("too many"), "failed"), (RunHeld("x"), "held")])
def test_a_run_that_was_stopped_ends_with_the_reason(steps: Steps, stopped: Permanent, state: str) -> None:
    lease = steps.lease()
    steps.plan(lease)
    summary, error = finish_run(steps.connection, steps.lake, lease, steps.version, 0.5, steps.started, stopped)
    assert (summary.state, summary.unresolved, error) == (state, 10, stopped)
    assert steps.column("select state from pipeline.runs") == [state]
    assert embedding_aliases.active_version(steps.connection) is None


def test_what_is_gone_from_the_source_is_deleted(steps: Steps) -> None:
    steps.run("run-1")
    for item in ("lamp", "twin_a"):
        steps.remove(item)
    steps.found(deleted=("lamp", "twin_a"))
    summary = steps.run("run-2")
    assert (summary.planned, summary.deleted, summary.requests) == (2, 2, 0)
    assert {"lamp", "twin_a"}.isdisjoint(steps.loaded())
    assert "twin_b" in steps.loaded()


def test_what_came_back_before_the_end_is_not_deleted(steps: Steps) -> None:
    steps.run("run-1")
    steps.remove("lamp")
    steps.found(deleted=("lamp",))
    lease = steps.lease("run-2")
    steps.plan(lease)
    steps.put("lamp", title="Zephyrine reading lamp", brand="Lumora")
    summary, _ = steps.finish(lease)
    assert "lamp" in steps.loaded()
    assert (summary.state, summary.loaded, summary.deleted, summary.unresolved) == ("verified", 1, 0, 0)


def test_a_feed_that_goes_back_in_time_holds_no_run(steps: Steps) -> None:
    steps.run("run-1")
    steps.put("lamp", title="Zephyrine lamp of old")
    steps.connection.execute("update analytics.catalog_features_raw set updated_at = '2001-01-01'")
    steps.found(changed=("lamp",))
    newer = steps.ask("select item_id, vector::text from item_embeddings order by item_id")
    summary = steps.run("run-2")
    assert (summary.state, summary.unresolved) == ("verified", 0)
    assert steps.ask("select item_id, vector::text from item_embeddings order by item_id") == newer


def test_a_dead_letter_is_settled_when_its_item_gets_a_vector(steps: Steps) -> None:
    steps.emulator.faults(poison=["Marrowby"])
    steps.run("run-1")
    steps.emulator.faults(poison=[])
    steps.put("chair", title="Marrowby garden chair")
    steps.put("silent", title="A speaking item")
    steps.found(new=("chair", "silent"))
    steps.run("run-2")
    assert [letter.item_id for letter in dead_letters.open_letters(steps.connection)] == ["listed"]
    assert {"chair", "silent"} <= set(steps.loaded())


def test_a_second_run_over_the_same_catalog_calls_nobody_and_changes_no_row(steps: Steps) -> None:
    steps.run("run-1")
    rows = "select item_id, xmin, ctid from item_embeddings order by item_id"
    before, requests = steps.ask(rows), steps.emulator.stats()["requests"]
    # Also when dbt would find everything anew: the same text is paid for, and the same row is not written.
    for run_id, found in (("run-2", ()), ("run-3", tuple(steps.loaded()))):
        steps.found(new=found)
        steps.connection.execute(
            "update catalog.changed_catalog_items as c set record_hash = h.record_hash"
            " from item_embeddings as h where c.item_id = h.item_id"
        )
        summary = steps.run(run_id)
        assert (summary.state, summary.requests, summary.embedded) == ("verified", 0, 0)
        assert steps.emulator.stats()["requests"] == requests
        assert steps.ask(rows) == before


def test_a_superseded_worker_closes_nothing(steps: Steps) -> None:
    lease = _run_of(steps, good=2, bad=0)
    steps.remove("good-1")
    steps.connection.execute("update pipeline.leases set fence = fence + 1")
    with pytest.raises(RunFenced):
        steps.finish(lease)
    assert steps.column("select state from pipeline.runs") == ["planned"]
    assert embedding_aliases.active_version(steps.connection) is None
