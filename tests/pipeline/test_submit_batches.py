"""Submitting: what is sent is written down before, within the cost limit, and found again by whoever goes on."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from catalog_embeddings.domain.batch import EMBEDDINGS
from catalog_embeddings.errors import BatchesUnderWay, ConfigurationError, RunFenced, RunHeld, RunPaused
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.postgres import batches, spend
from catalog_embeddings.postgres.batches import Place
from catalog_embeddings.transform.pricing import batch_token_price
from tests.pipeline.batch_steps import look, stats, through, written
from tests.pipeline.conftest import KEY, Steps
from tests.pipeline.test_embed import EMBEDDABLE, _planned


def _got(steps: Steps, path: str) -> Any:
    return httpx2.get(f"{steps.emulator.url}{path}", headers={"authorization": f"Bearer {KEY}"})


@pytest.fixture(autouse=True)
def three_a_request(steps: Steps) -> None:
    steps.limits = Limits(batch_size=3, parallelism=2)


def test_what_is_sent_is_what_requests_would_have_sent_and_nothing_tells_what_for(steps: Steps) -> None:
    steps.emulator.faults(batch_seconds=3600)
    with pytest.raises(BatchesUnderWay):
        look(steps, _planned(steps))
    [batch] = _got(steps, "/batches").json()["data"]
    [(intent_id, batch_id, file_id, reserved)] = steps.ask(
        "select intent_id, batch_id, input_file_id, reserved_usd from pipeline.batches"
    )
    assert (batch["id"], batch["input_file_id"], batch["endpoint"]) == (batch_id, file_id, EMBEDDINGS)
    assert batch["metadata"] == {"catalog_embeddings_intent": intent_id}
    assert _got(steps, f"/files/{file_id}").json()["filename"] == f"{intent_id}.jsonl"
    lines = [json.loads(line) for line in _got(steps, f"/files/{file_id}/content").text.split("\n")[:-1]]
    assert [len(line["body"]["input"]) for line in lines] == [3, 3, 3]
    assert {line["body"]["dimensions"] for line in lines} == {16}
    known = {request.custom_id: request for request in batches.requests_of(steps.connection, intent_id)}
    assert [known[line["custom_id"]].sizes for line in lines] == [
        [len(text.encode()) for text in line["body"]["input"]] for line in lines
    ]
    text_bytes = sum(len(text.encode()) for line in lines for text in line["body"]["input"])
    assert reserved == text_bytes * (batch_token_price(steps.version.spec) or 0)


def test_within_a_cost_limit_batches_are_as_large_as_there_is_room(steps: Steps) -> None:
    lease = _planned(steps)
    price = batch_token_price(steps.version.spec) or Decimal(0)
    # Room for about half of the bytes; tokens are fewer, so the second batch finds room again.
    [text_bytes] = steps.column("select sum(length(concat_ws(' ', title, brand))) from analytics.catalog_features_raw")
    spend.set_limit(steps.connection, "run-1", price * int(text_bytes * 0.55))
    steps.limits = Limits(batch_size=1, parallelism=2)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    [(_, _, requests, _, _)] = written(steps)
    assert 0 < requests < 9
    account = spend.open_account(steps.connection, "run-1")
    assert account.reserved <= (account.limit or 0)
    through(steps, lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (9, 0)
    after = spend.open_account(steps.connection, "run-1")
    assert after.reserved == 0
    assert after.spent == price * stats(steps)["prompt_tokens"] <= (after.limit or 0)


def test_a_limit_without_room_for_a_single_text_pauses_before_anything_is_sent(steps: Steps) -> None:
    lease = _planned(steps)
    spend.set_limit(steps.connection, "run-1", Decimal("0.0000000001"))
    with pytest.raises(RunPaused, match=r"the cost limit of 0\.0000000001 USD is reached"):
        look(steps, lease)
    assert stats(steps)["batches"] == 0
    assert written(steps) == []
    spend.set_limit(steps.connection, "run-1", Decimal(1))
    through(steps, lease)
    assert steps.loaded() == EMBEDDABLE


def test_a_limit_cannot_be_kept_where_the_price_of_batches_is_unknown(steps: Steps) -> None:
    lease = _planned(steps)
    spend.set_limit(steps.connection, "run-1", Decimal(1))
    steps.version = _of_provider(steps, "openai-compatible")
    with pytest.raises(ConfigurationError, match="the price of the model is unknown"):
        look(steps, lease)
    assert stats(steps)["batches"] == 0


def _of_provider(steps: Steps, provider: str) -> Any:
    return replace(steps.version, spec=replace(steps.version.spec, provider=provider))


def _forget_the_batch(steps: Steps) -> None:
    """As if the worker had died before it wrote down what the API has."""
    steps.connection.execute("update pipeline.batches set state = 'intended', batch_id = null, submitted_at = null")


def test_an_intent_whose_batch_is_there_is_not_sent_again(steps: Steps) -> None:
    lease = _planned(steps)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    _forget_the_batch(steps)
    through(steps, lease)
    assert (stats(steps)["batches"], *steps.paid()) == (1, 9, 0)
    assert len(_got(steps, "/files").json()["data"]) == 2  # the input, and the output


def test_an_intent_that_came_to_nothing_is_sent_as_it_was_written_down(steps: Steps) -> None:
    steps.emulator.faults(batch_seconds=3600)
    lease = _planned(steps)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    [sent] = [_got(steps, f"/files/{each}/content").content for each in steps.column(_FILES)]
    _forget_the_batch(steps)
    steps.emulator.reset(batch_seconds=3600)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    [again] = [_got(steps, f"/files/{each}/content").content for each in steps.column(_FILES)]
    assert sorted(again.split(b"\n")) == sorted(sent.split(b"\n"))
    assert len(written(steps)) == 1


_FILES = "select input_file_id from pipeline.batches"


def test_an_intent_whose_texts_are_damaged_holds_the_run(steps: Steps) -> None:
    lease = _planned(steps)
    with pytest.raises(BatchesUnderWay):
        look(steps, lease)
    _forget_the_batch(steps)
    steps.emulator.reset()
    for file in steps.lake_folder.glob("plans/**/*.parquet"):
        file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(RunHeld, match="the frozen plan cannot be read"):
        look(steps, lease)
    assert stats(steps)["batches"] == 0


def test_a_superseded_worker_sends_nothing(steps: Steps) -> None:
    lease = _planned(steps)
    steps.connection.execute("update pipeline.leases set fence = fence + 1")
    with pytest.raises(RunFenced):
        look(steps, lease)
    assert stats(steps)["batches"] == 0
    assert batches.open_batches(steps.connection, Place("run-1", 0, EMBEDDINGS)) == []
