"""Enriching through the Batch API: each record is asked about once, in a batch, and is judged as any other is."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from catalog_embeddings.domain.batch import CHAT
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.errors import BatchesUnderWay, ConfigurationError, RunFenced, RunPaused
from catalog_embeddings.inference.chat import completion_request
from catalog_embeddings.lake.layout import worklists_prefix
from catalog_embeddings.pipeline import bulk
from catalog_embeddings.pipeline.record_inquiry import RecordInquiry
from catalog_embeddings.pipeline.salvage_batches import cancel_left_over, salvage
from catalog_embeddings.postgres import batches, run_enrichments, runs, spend
from catalog_embeddings.transform.enrichment_templates import load_enrichment
from catalog_embeddings.transform.pricing import chat_price
from tests.pipeline.batch_steps import again_and_again, opened_api, stats, written
from tests.pipeline.conftest import KEY, EnrichedSteps
from tests.pipeline.test_enrich import RECORDS, _answers


def _inquiry(enriched: EnrichedSteps, lease: Lease, number: int = 0) -> RecordInquiry:
    pending = {shard.number: shard for shard in run_enrichments.pending(enriched.connection, lease.run_id)}
    steps = enriched.steps
    return RecordInquiry(steps.connection, steps.lake, lease, enriched.version, lease.run_id, pending[number])


def _look(enriched: EnrichedSteps, lease: Lease) -> list[dict[str, int]]:
    """What one worker does: all that can be done now."""
    with opened_api(enriched.steps) as api:
        bulk.advance(enriched.connection, api, _inquiry(enriched, lease))
    return enriched.enrich(lease)


def _through(enriched: EnrichedSteps, lease: Lease) -> list[dict[str, int]]:
    return again_and_again(lambda: _look(enriched, lease))


def _planned(enriched: EnrichedSteps) -> Lease:
    lease = enriched.lease()
    enriched.plan_enrichment(lease)
    return lease


def _paid(enriched: EnrichedSteps) -> tuple[int, int, int]:
    """Batches, lines that were answered in them, and requests besides."""
    told = stats(enriched.steps)
    return told["batches"], told["batch_lines_paid"], told["chat_requests"]


def _got(enriched: EnrichedSteps, path: str) -> Any:
    return httpx2.get(f"{enriched.steps.emulator.url}{path}", headers={"authorization": f"Bearer {KEY}"})


def _lines(enriched: EnrichedSteps) -> list[dict[str, Any]]:
    [file_id] = enriched.steps.column("select input_file_id from pipeline.batches")
    return [json.loads(line) for line in _got(enriched, f"/files/{file_id}/content").text.split("\n")[:-1]]


def test_one_batch_answers_for_half_the_price_what_requests_would_have(enriched: EnrichedSteps) -> None:
    lease = _planned(enriched)
    assert _through(enriched, lease) == [{"accepted": RECORDS, "repaired": 0, "rejected": 0}]
    assert _paid(enriched) == (1, RECORDS, 0)
    assert written(enriched.steps) == [(0, "collected", RECORDS, RECORDS, None)]
    assert len(_answers(enriched)) == RECORDS
    assert enriched.steps.column("select distinct attempts from item_enrichments") == [1]
    told, paid = stats(enriched.steps), spend.chat_spent(enriched.connection, lease.run_id)
    assert (paid.calls, paid.prompt_tokens, paid.completion_tokens) == (
        RECORDS,
        told["prompt_tokens"],
        told["completion_tokens"],
    )
    full = chat_price("gpt-4.1-mini")
    assert full is not None
    account = spend.open_account(enriched.connection, lease.run_id)
    assert account.reserved == 0
    assert account.spent == full.usd(paid.prompt_tokens, paid.completion_tokens) / 2
    assert batches.tokens_of(enriched.connection, lease.run_id, CHAT) == (paid.prompt_tokens, paid.completion_tokens)


def test_a_line_asks_what_a_request_would_have(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(batch_seconds=3600)
    lease = _planned(enriched)
    with pytest.raises(BatchesUnderWay, match=f"0 of their {RECORDS} requests are answered"):
        _look(enriched, lease)
    template, asked = load_enrichment("review.v1"), _lines(enriched)
    assert len({line["custom_id"] for line in asked}) == RECORDS
    assert {line["url"] for line in asked} == {CHAT}
    records = [
        json.loads(line["body"]["messages"][1]["content"].split("<record>\n")[1].split("\n</record>")[0])
        for line in asked
    ]
    for line, record in zip(asked, records, strict=True):
        assert line["body"] == completion_request(
            "gpt-4.1-mini",
            template.messages(record),
            template.schema,
            temperature=template.temperature,
            max_tokens=template.max_tokens,
        )


def test_while_a_batch_is_under_way_nothing_more_is_sent(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(batch_seconds=3600)
    lease = _planned(enriched)
    for _ in range(3):
        with pytest.raises(BatchesUnderWay):
            _look(enriched, lease)
    assert _paid(enriched) == (1, 0, 0)
    enriched.steps.emulator.faults(batch_seconds=0)
    _through(enriched, lease)
    assert _paid(enriched) == (1, RECORDS, 0)


def test_an_expired_batch_keeps_what_it_answered_and_the_rest_goes_into_another(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(batch_expires_after=0.5)
    lease = _planned(enriched)
    with pytest.raises(BatchesUnderWay):
        _look(enriched, lease)
    enriched.steps.emulator.faults(batch_expires_after=None)
    _through(enriched, lease)
    assert enriched.verdicts() == {"accepted": RECORDS}
    assert [row[:3] for row in written(enriched.steps)] == [
        (0, "expired", RECORDS),
        (1, "collected", RECORDS - RECORDS // 2),
    ]
    assert _paid(enriched) == (2, RECORDS, 0)


def test_a_worker_lost_between_sending_and_writing_it_down_sends_nothing_twice(enriched: EnrichedSteps) -> None:
    lease = _planned(enriched)
    with pytest.raises(BatchesUnderWay):
        _look(enriched, lease)
    enriched.connection.execute("update pipeline.batches set state = 'intended', batch_id = null, submitted_at = null")
    _through(enriched, lease)
    assert _paid(enriched) == (1, RECORDS, 0)


def test_an_intent_that_came_to_nothing_is_sent_as_it_was_written_down(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(batch_seconds=3600)
    lease = _planned(enriched)
    with pytest.raises(BatchesUnderWay):
        _look(enriched, lease)
    sent = _lines(enriched)
    enriched.connection.execute("update pipeline.batches set state = 'intended', batch_id = null, submitted_at = null")
    enriched.steps.emulator.reset(batch_seconds=3600)
    with pytest.raises(BatchesUnderWay):
        _look(enriched, lease)
    assert sorted(map(json.dumps, _lines(enriched))) == sorted(map(json.dumps, sent))
    assert len(written(enriched.steps)) == 1


def test_answers_that_were_stored_before_a_worker_was_lost_are_stored_and_booked_once(enriched: EnrichedSteps) -> None:
    lease = _planned(enriched)
    inquiry = _inquiry(enriched, lease)
    with opened_api(enriched.steps) as api:
        with pytest.raises(BatchesUnderWay):
            bulk.advance(enriched.connection, api, inquiry)
        [batch] = batches.open_batches(enriched.connection, inquiry.place)
        requests = {each.custom_id: each for each in batches.requests_of(enriched.connection, batch.intent_id)}
        while (report := api.get(batch.batch_id or "")).end is None:
            pass
        for line in list(api.lines(report))[:4]:
            inquiry.take(batch, requests[line.custom_id], line.body)
    assert len(_answers(enriched)) == 4
    _through(enriched, lease)
    assert len(_answers(enriched)) == RECORDS
    assert _paid(enriched) == (1, RECORDS, 0)
    assert spend.chat_spent(enriched.connection, lease.run_id).calls == RECORDS


def test_what_anybody_was_answered_before_goes_into_no_batch(enriched: EnrichedSteps) -> None:
    enriched.found("lamp", "desk")
    lease = _planned(enriched)
    enriched.enrich(lease)
    enriched.connection.execute("delete from item_enrichments")
    enriched.found()
    enriched.plan_enrichment(lease)
    _through(enriched, lease)
    assert _paid(enriched) == (1, RECORDS - 2, 2)
    assert enriched.verdicts() == {"accepted": RECORDS}


def test_a_second_try_is_made_alone_with_its_reminder(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(draft="wrong_schema", draft_for=["Zephyrine"], draft_tries=1)
    lease = _planned(enriched)
    assert _through(enriched, lease) == [{"accepted": RECORDS, "repaired": 0, "rejected": 0}]
    assert _paid(enriched) == (1, RECORDS, 1)
    assert enriched.steps.column("select max(attempts) from item_enrichments") == [2]


def test_a_record_that_the_api_refuses_is_rejected_once_it_was_asked_for_alone(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(poison=["Quillwood"])
    lease = _planned(enriched)
    assert _through(enriched, lease) == [{"accepted": RECORDS - 1, "repaired": 0, "rejected": 1}]
    assert _paid(enriched)[:2] == (1, RECORDS - 1)


def test_a_line_that_fails_is_asked_for_alone(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(poison=["Quillwood"], poison_status=500)
    lease = _planned(enriched)

    def look() -> list[dict[str, int]]:
        with opened_api(enriched.steps) as api:
            bulk.advance(enriched.connection, api, _inquiry(enriched, lease))
        enriched.steps.emulator.faults(poison=[])
        return enriched.enrich(lease)

    assert again_and_again(look) == [{"accepted": RECORDS, "repaired": 0, "rejected": 0}]
    assert _paid(enriched) == (1, RECORDS - 1, 1)


def test_lines_that_were_refused_for_the_account_pause_and_are_sent_again(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(poison=["Quillwood"], poison_status=401)
    lease = _planned(enriched)
    with pytest.raises(RunPaused, match="refuses the key"):
        _through(enriched, lease)
    enriched.steps.emulator.faults(poison=[])
    _through(enriched, lease)
    assert _paid(enriched) == (2, RECORDS, 0)
    assert enriched.verdicts() == {"accepted": RECORDS}


def test_within_a_cost_limit_batches_are_as_large_as_there_is_room(enriched: EnrichedSteps) -> None:
    lease = _planned(enriched)
    inquiry = _inquiry(enriched, lease)
    costs = sorted(line.usd for line in inquiry.lines(inquiry.unsent()))
    spend.set_limit(enriched.connection, lease.run_id, costs[0] / 2)
    with pytest.raises(RunPaused, match="the cost limit"):
        _look(enriched, lease)
    assert _paid(enriched) == (0, 0, 0)
    spend.set_limit(enriched.connection, lease.run_id, Decimal(5) * costs[-1])
    with pytest.raises(BatchesUnderWay):
        _look(enriched, lease)
    [(_, _, requests, _, _)] = written(enriched.steps)
    assert 5 <= requests < RECORDS
    account = spend.open_account(enriched.connection, lease.run_id)
    assert account.reserved <= (account.limit or 0)
    # All are answered within the limit; to judge them there has to be room for a second try of one.
    with pytest.raises(RunPaused, match="the cost limit"):
        _through(enriched, lease)
    assert _paid(enriched)[1:] == (RECORDS, 0)
    spend.set_limit(enriched.connection, lease.run_id, Decimal(1))
    _through(enriched, lease)
    assert _paid(enriched)[1:] == (RECORDS, 0)
    assert enriched.verdicts() == {"accepted": RECORDS}


def test_a_limit_cannot_be_kept_where_the_price_of_batches_is_unknown(enriched: EnrichedSteps) -> None:
    lease = _planned(enriched)
    spend.set_limit(enriched.connection, lease.run_id, Decimal(1))
    enriched.version = replace(enriched.version, spec=replace(enriched.version.spec, provider="openai-compatible"))
    with pytest.raises(ConfigurationError, match="the price of the model is unknown"):
        _look(enriched, lease)
    assert _paid(enriched) == (0, 0, 0)


def test_a_superseded_worker_sends_nothing(enriched: EnrichedSteps) -> None:
    lease = _planned(enriched)
    enriched.connection.execute("update pipeline.leases set fence = fence + 1")
    with pytest.raises(RunFenced):
        _look(enriched, lease)
    assert _paid(enriched) == (0, 0, 0)


def _given_up(enriched: EnrichedSteps) -> None:
    """A run that has come to a bad end while its batch was under way; half of it is answered."""
    enriched.steps.emulator.faults(batch_seconds=3600, batch_expires_after=0.5)
    lease = _planned(enriched)
    with pytest.raises(BatchesUnderWay):
        _look(enriched, lease)
    runs.set_state(enriched.connection, lease.run_id, "held")
    enriched.steps.emulator.faults(batch_seconds=0, batch_expires_after=None)
    while not stats(enriched.steps)["batch_lines_paid"]:
        pass


def _salvaged(enriched: EnrichedSteps) -> Lease:
    lease, steps = enriched.lease("enriched-2"), enriched.steps
    cancel_left_over(steps.connection, lambda: opened_api(steps), "v2")
    again_and_again(lambda: salvage(steps.connection, steps.lake, lambda: opened_api(steps), lease, enriched.version))
    enriched.plan_enrichment(lease)
    return lease


def test_what_was_answered_for_a_run_that_is_over_is_found_paid_for_by_the_next(enriched: EnrichedSteps) -> None:
    _given_up(enriched)
    lease = _salvaged(enriched)
    assert 0 < len(_answers(enriched)) < RECORDS
    _through(enriched, lease)
    assert enriched.verdicts() == {"accepted": RECORDS}
    assert _paid(enriched) == (2, RECORDS, 0)
    assert spend.open_account(enriched.connection, "enriched-1").reserved == 0


def test_what_a_damaged_worklist_was_answered_is_given_up(enriched: EnrichedSteps) -> None:
    _given_up(enriched)
    for key in enriched.steps.lake.keys(worklists_prefix("enriched-1")):
        (enriched.steps.lake_folder / key).write_bytes(b"damaged")
    lease = _salvaged(enriched)
    assert _answers(enriched) == []
    _through(enriched, lease)
    assert enriched.verdicts() == {"accepted": RECORDS}
