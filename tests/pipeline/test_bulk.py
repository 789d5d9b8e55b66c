"""A shard through the Batch API: each text is paid once, in as few batches as need be, whatever becomes of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog_embeddings.domain.batch import EMBEDDINGS, Batch, BatchReport
from catalog_embeddings.errors import BatchesUnderWay, RunPaused
from catalog_embeddings.pipeline.bulk import waiting_for
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.postgres import dead_letters, run_plan
from tests.pipeline.batch_steps import look, stats, through, written
from tests.pipeline.conftest import Steps
from tests.pipeline.test_embed import EMBEDDABLE, _planned


@pytest.fixture(autouse=True)
def four_a_request(steps: Steps) -> None:
    steps.limits = Limits(batch_size=4, parallelism=2)


def test_one_batch_answers_for_half_the_price_what_requests_would_have(steps: Steps) -> None:
    lease = _planned(steps)
    counts = through(steps, lease)
    assert steps.loaded() == EMBEDDABLE
    assert (counts["texts"], counts["embedded"], counts["reused"], counts["loaded"]) == (9, 9, 0, 10)
    told = stats(steps)
    assert (told["batches"], told["batch_lines_paid"], told["embedding_requests"]) == (1, 3, 0)
    assert steps.paid() == (9, 0)
    assert (counts["requests"], counts["retries"], counts["tokens"]) == (3, 0, told["prompt_tokens"])
    assert written(steps) == [(0, "collected", 3, 9, None)]
    assert len(steps.parts()) == 3
    assert run_plan.pending_shards(steps.connection, "run-1") == []
    summary, error = steps.finish(lease, 0.5)
    assert error is None
    assert summary.unresolved == 0


def test_while_a_batch_is_under_way_nothing_more_is_sent(steps: Steps) -> None:
    steps.emulator.faults(batch_seconds=3600)
    lease = _planned(steps)
    for _ in range(3):
        with pytest.raises(BatchesUnderWay, match="1 batches are under way, 0 of their 3 requests are answered"):
            look(steps, lease)
    assert stats(steps)["batches"] == 1
    assert steps.loaded() == []
    steps.emulator.faults(batch_seconds=0)
    through(steps, lease)
    assert steps.loaded() == EMBEDDABLE
    assert (stats(steps)["batches"], *steps.paid()) == (1, 9, 0)


def test_an_expired_batch_keeps_what_it_answered_and_the_rest_goes_into_another(steps: Steps) -> None:
    steps.emulator.faults(batch_expires_after=0.7)
    lease = _planned(steps)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    steps.emulator.faults(batch_expires_after=None)
    through(steps, lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (9, 0)
    assert [row[:3] for row in written(steps)] == [(0, "expired", 3), (1, "collected", 1)]
    assert stats(steps)["embedding_requests"] == 0


def test_a_poison_item_is_found_one_by_one_and_the_others_load(steps: Steps) -> None:
    steps.emulator.faults(poison=["Marrowby"])
    lease = _planned(steps)
    counts = through(steps, lease)
    assert steps.loaded() == [item for item in EMBEDDABLE if item != "chair"]
    assert counts["embedded"] == 8
    # The canary that confirms the refusal is the tenth input.
    assert steps.paid()[1] == 0
    assert stats(steps)["batches"] == 1
    [letter] = [letter for letter in dead_letters.open_letters(steps.connection) if letter.stage == "embed"]
    assert (letter.item_id, letter.reason) == ("chair", "refused_by_api")


def test_a_system_that_refuses_everything_makes_no_dead_letters(steps: Steps) -> None:
    steps.emulator.faults(poison=[" "])
    steps.found(new=tuple(EMBEDDABLE))
    lease = _planned(steps)
    with pytest.raises(RunPaused, match="the API refuses even a plain sentence"):
        through(steps, lease)
    assert dead_letters.open_letters(steps.connection) == []
    steps.emulator.faults(poison=[])
    through(steps, lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid()[1] == 0


@pytest.mark.parametrize(("age", "seconds"), [(0, 2), (5, 2), (600, 60), (86_400, 300)])
def test_the_older_a_batch_is_the_less_often_it_is_looked_at(age: float, seconds: float) -> None:
    now = datetime.now(UTC)
    batch = Batch(
        "one", "run-1", EMBEDDINGS, 0, 0, 7, "submitted", "batch-1", Decimal(0), now, now - timedelta(seconds=age)
    )
    waiting = waiting_for([(batch, BatchReport("batch-1", "in_progress", "file-1", 0, 3, 1, None, None, None))])
    assert waiting.seconds == pytest.approx(seconds, rel=0.05)
    assert (waiting.batches, waiting.answered, waiting.requests) == (1, 4, 7)
