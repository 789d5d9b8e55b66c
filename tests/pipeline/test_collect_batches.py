"""Collecting: only what is exactly what was asked for is stored, and every other line goes where it belongs."""

import pytest
from openai import OpenAI

from catalog_embeddings.errors import BatchesUnderWay, RunFenced, RunPaused
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.postgres import dead_letters, spend
from catalog_embeddings.transform.pricing import batch_token_price
from tests.pipeline.batch_steps import look, opened_api, stats, through, written
from tests.pipeline.conftest import KEY, Steps
from tests.pipeline.test_embed import EMBEDDABLE, _planned


@pytest.fixture(autouse=True)
def three_a_request(steps: Steps) -> None:
    steps.limits = Limits(batch_size=3, parallelism=2)


def test_what_a_batch_cost_is_half_of_what_its_tokens_cost_and_is_booked_once(steps: Steps) -> None:
    lease = _planned(steps)
    through(steps, lease)
    tokens = stats(steps)["prompt_tokens"]
    account = spend.open_account(steps.connection, "run-1")
    assert account.reserved == 0
    assert account.spent == tokens * (batch_token_price(steps.version.spec) or 0)
    assert steps.column("select tokens from pipeline.batches") == [tokens]
    summary, _ = steps.finish(lease, 0.5)
    assert summary.tokens == tokens
    assert summary.price_usd == pytest.approx(tokens * 0.01 / 1e6)


def test_a_request_that_fails_goes_into_another_batch_and_at_last_is_asked_for_by_itself(steps: Steps) -> None:
    steps.found(new=tuple(EMBEDDABLE))
    steps.emulator.faults(poison=["Marrowby"], poison_status=500)
    lease = _planned(steps)
    for _ in range(200):
        try:
            look(steps, lease)
        except BatchesUnderWay:
            continue
        break
    # Three batches could not answer it. Alone, the API fails on it while it answers others: it is dead.
    assert [row[:3] for row in written(steps)] == [(0, "collected", 3), (1, "collected", 1), (2, "collected", 1)]
    assert steps.loaded() == [item for item in EMBEDDABLE if item != "chair"]
    [letter] = dead_letters.open_letters(steps.connection)
    assert (letter.item_id, letter.reason) == ("chair", "failed_by_api")


def test_a_request_that_fails_once_is_answered_by_the_next_batch(steps: Steps) -> None:
    steps.emulator.faults(poison=["Marrowby"], poison_status=429)
    lease = _planned(steps)
    while not written(steps) or written(steps)[0][1] != "collected":
        with pytest.raises(BatchesUnderWay):
            look(steps, lease)
        if stats(steps)["batch_lines_paid"] == 2:
            steps.emulator.faults(poison=[])
    through(steps, lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (9, 0)
    assert stats(steps)["embedding_requests"] == 0


@pytest.mark.parametrize(("status", "sentence"), [(401, "refuses the key"), (402, "asks for payment")])
def test_lines_that_were_refused_for_the_account_pause_and_are_sent_again(
    steps: Steps, status: int, sentence: str
) -> None:
    steps.found(new=tuple(EMBEDDABLE))
    steps.emulator.faults(poison=["Marrowby"], poison_status=status)
    lease = _planned(steps)
    with pytest.raises(RunPaused, match=sentence):
        through(steps, lease)
    assert dead_letters.open_letters(steps.connection) == []
    # What was answered is loaded nevertheless.
    assert len(steps.loaded()) > 5
    steps.emulator.faults(poison=[])
    through(steps, lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (9, 0)


def test_a_batch_that_is_refused_as_a_whole_pauses_and_costs_nothing(steps: Steps) -> None:
    lease = _planned(steps)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    # As if it had been another's file.
    steps.connection.execute("update pipeline.batches set batch_id = %s", [_failed_batch(steps)])
    with pytest.raises(RunPaused, match=r"refuses batch batch_\w+ as a whole \(invalid_json_line\)"):
        through(steps, lease)
    assert [row[1] for row in written(steps)] == ["failed"]
    assert spend.open_account(steps.connection, "run-1").reserved == 0


def _failed_batch(steps: Steps) -> str:
    with OpenAI(api_key=KEY, base_url=steps.emulator.url) as client:
        file = client.files.create(file=("bad.jsonl", b"not json"), purpose="batch")
        return client.batches.create(input_file_id=file.id, endpoint="/v1/embeddings", completion_window="24h").id


def test_while_the_accounts_queue_is_full_the_run_pauses_and_then_goes_on(steps: Steps) -> None:
    steps.emulator.faults(batch_fails=True)
    lease = _planned(steps)
    with pytest.raises(RunPaused, match="leave no room for one more"):
        through(steps, lease)
    assert stats(steps)["batches"] == 1
    steps.emulator.faults(batch_fails=False)
    through(steps, lease)
    assert steps.loaded() == EMBEDDABLE
    assert [row[1] for row in written(steps)] == ["failed", "collected"]


def test_a_batch_that_somebody_cancelled_keeps_what_it_answered_and_the_run_pauses(steps: Steps) -> None:
    steps.emulator.faults(batch_seconds=3600)
    lease = _planned(steps)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    with opened_api(steps) as api:
        api.cancel(steps.column("select batch_id from pipeline.batches")[0])
    with pytest.raises(RunPaused, match="somebody has cancelled batch"):
        through(steps, lease)
    steps.emulator.faults(batch_seconds=0)
    through(steps, lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (9, 0)


def test_a_batch_that_expired_without_an_answer_pauses(steps: Steps) -> None:
    steps.emulator.faults(batch_expires_after=0)
    lease = _planned(steps)
    with pytest.raises(RunPaused, match="has expired without an answer"):
        through(steps, lease)
    assert stats(steps)["batches"] == 1


def test_a_superseded_worker_collects_nothing(steps: Steps) -> None:
    lease = _planned(steps)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    steps.connection.execute("update pipeline.leases set fence = fence + 1")
    with pytest.raises(RunFenced):
        through(steps, lease)
    assert steps.loaded() == []
    assert [row[1] for row in written(steps)] == ["submitted"]
