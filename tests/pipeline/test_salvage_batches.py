"""Salvaging: a run that is over has its batches cancelled, and nobody pays again for what they had answered."""

import time

import pytest

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.errors import BatchesUnderWay, RunFenced
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.pipeline.salvage_batches import cancel_left_over, salvage
from catalog_embeddings.postgres import batches, runs
from tests.pipeline.batch_steps import look, opened_api, stats, through
from tests.pipeline.conftest import Steps
from tests.pipeline.test_embed import EMBEDDABLE, _planned


@pytest.fixture
def given_up(steps: Steps) -> Steps:
    """A run that has come to a bad end while its batch was under way: two of its three requests are answered."""
    steps.limits = Limits(batch_size=4, parallelism=1)
    steps.emulator.faults(batch_seconds=3600, batch_expires_after=0.7)
    lease = _planned(steps)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    runs.set_state(steps.connection, "run-1", "held")
    return steps


def _salvaged(steps: Steps, lease: Lease) -> None:
    for _ in range(200):
        try:
            salvage(steps.connection, steps.lake, lambda: opened_api(steps), lease, steps.version)
        except BatchesUnderWay:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the batches were never cancelled")


def test_what_was_answered_for_it_is_found_paid_for_by_the_next(given_up: Steps) -> None:
    given_up.emulator.faults(batch_seconds=0)
    while not stats(given_up)["inputs_paid"]:
        time.sleep(0.01)
    lease = given_up.lease("run-2")
    _salvaged(given_up, lease)
    assert given_up.paid() == (8, 0)
    assert given_up.plan(lease).reusable == 8
    given_up.emulator.faults(batch_expires_after=None)
    counts = through(given_up, lease)
    assert (counts["embedded"], counts["reused"]) == (1, 8)
    assert given_up.loaded() == EMBEDDABLE
    assert given_up.paid() == (9, 0)
    # What it cost is in the account of the run that had sent it.
    assert given_up.column("select tokens > 0 from pipeline.spend order by run_id") == [True, True]


def test_what_is_still_under_way_is_cancelled_and_waited_for(given_up: Steps) -> None:
    lease = given_up.lease("run-2")
    with pytest.raises(BatchesUnderWay):
        salvage(given_up.connection, given_up.lake, lambda: opened_api(given_up), lease, given_up.version)
    _salvaged(given_up, lease)
    assert given_up.column("select state from pipeline.batches") == ["cancelled"]
    assert given_up.plan(lease).reusable == 0


def test_what_was_never_created_is_forgotten(given_up: Steps) -> None:
    given_up.connection.execute("update pipeline.batches set state = 'intended', batch_id = null")
    # As if the API had never heard of it.
    given_up.emulator.reset()
    _salvaged(given_up, given_up.lease("run-2"))
    assert given_up.column("select state from pipeline.batches") == ["cancelled"]


def test_a_batch_whose_worker_was_lost_is_salvaged_too(given_up: Steps) -> None:
    given_up.connection.execute("update pipeline.batches set state = 'intended', batch_id = null")
    given_up.emulator.faults(batch_seconds=0)
    lease = given_up.lease("run-2")
    while stats(given_up)["inputs_paid"] < 8:
        time.sleep(0.01)
    _salvaged(given_up, lease)
    assert given_up.plan(lease).reusable == 8


def test_at_the_end_of_a_run_nothing_more_is_sent(given_up: Steps) -> None:
    cancel_left_over(given_up.connection, lambda: opened_api(given_up), "v1")
    [left] = batches.left_over(given_up.connection, "v1")
    given_up.emulator.faults(batch_seconds=0)
    with opened_api(given_up) as api:
        assert api.get(left.batch_id or "").status in {"cancelling", "cancelled"}


def test_a_run_under_way_keeps_its_batches(steps: Steps) -> None:
    steps.emulator.faults(batch_seconds=3600)
    lease = _planned(steps)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    cancel_left_over(steps.connection, lambda: opened_api(steps), "v1")
    salvage(steps.connection, steps.lake, lambda: opened_api(steps), lease, steps.version)
    with pytest.raises(BatchesUnderWay, match="1 batches are under way"):
        look(steps, lease)


def test_a_superseded_worker_salvages_nothing(given_up: Steps) -> None:
    given_up.emulator.faults(batch_seconds=0)
    lease = given_up.lease("run-2")
    while stats(given_up)["inputs_paid"] < 8:
        time.sleep(0.01)
    given_up.connection.execute("update pipeline.leases set fence = fence + 1")
    with pytest.raises(RunFenced):
        _salvaged(given_up, lease)
    assert given_up.column("select count(*) from pipeline.lake_parts") == [0]
