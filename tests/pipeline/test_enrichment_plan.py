"""Planning an enrichment: what is asked about is fixed, priced and scrubbed; the plan of texts rests on its outcome."""

from dataclasses import replace

import psycopg
import pytest

from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.lake.texts import read_texts
from catalog_embeddings.lake.worklists import read_worklist
from catalog_embeddings.pipeline.enrichment_plan import preview_enrichment
from catalog_embeddings.pipeline.plan import make_plan, preview_plan, refuse_price
from catalog_embeddings.postgres import run_enrichments, runs
from tests.pipeline.conftest import EnrichedSteps
from tests.pipeline.test_enrich import RECORDS


def _texts(enriched: EnrichedSteps, run_id: str) -> list[str]:
    plan_id = runs.find_run(enriched.connection, run_id).plan_id or ""
    return [text.chunks[0] for text in read_texts(enriched.steps.lake, plan_id, 0)]


def _freeze(enriched: EnrichedSteps, run_id: str) -> int:
    """Freeze the plan of texts; returns how many items were left to the next run."""
    steps, planned = enriched.steps, preview_enrichment(enriched.connection, enriched.version, enriched.steps.limits)
    made = make_plan(steps.connection, steps.lake, run_id, enriched.version, steps.limits, None, planned)
    assert made.enrichment is not None
    return made.enrichment.left


def test_a_preview_says_the_price_and_keeps_nothing(enriched: EnrichedSteps) -> None:
    planned = preview_enrichment(enriched.connection, enriched.version, enriched.steps.limits)
    assert (planned.enrichment, planned.model, planned.calls) == ("review.v1", "gpt-4.1-mini", RECORDS)
    price = planned.price_usd
    assert price.low is not None
    assert price.expected is not None
    assert price.high is not None
    assert 0 < price.low < price.expected < price.high
    assert planned.seconds == pytest.approx(RECORDS * 3 / 10)
    assert enriched.steps.lake.keys("worklists/") == []
    assert enriched.steps.ask("select * from pipeline.run_enrichments") == []


def test_the_list_is_fixed_before_the_first_call(enriched: EnrichedSteps) -> None:
    lease = enriched.lease()
    planned = enriched.plan_enrichment(lease)
    [shard] = run_enrichments.pending(enriched.connection, lease.run_id)
    [records] = read_worklist(enriched.steps.lake, lease.run_id, shard.worklist_id, shard.number)
    assert shard.records == len(records) == planned.calls
    assert {"Zephyrine reading lamp", "Gemini candle holder"} <= {each.record["title"] for each in records}
    kept = runs.find_run(enriched.connection, lease.run_id).enrichment
    assert kept is not None
    assert kept["calls"] == RECORDS


def test_a_list_drawn_up_again_takes_the_place_of_the_first(enriched: EnrichedSteps) -> None:
    lease = enriched.lease()
    enriched.plan_enrichment(lease)
    enriched.plan_enrichment(lease)
    assert [shard.records for shard in run_enrichments.pending(enriched.connection, lease.run_id)] == [RECORDS]


def test_personal_data_is_never_sent(enriched: EnrichedSteps) -> None:
    enriched.steps.put("lamp", title="Zephyrine lamp, ask anna.berg@example.com or +49 30 901820")
    enriched.found("lamp")
    lease = enriched.lease()
    planned = enriched.plan_enrichment(lease)
    assert planned.scrubbed == {"email": 1, "phone": 1}
    enriched.enrich(lease)
    sent = [
        enriched.steps.lake.read(key)
        for prefix in ("worklists/", "answers/")
        for key in enriched.steps.lake.keys(prefix)
    ]
    assert len(sent) == 2
    assert not any(b"anna.berg" in data or b"901820" in data for data in sent)


def test_what_cannot_be_embedded_is_not_asked_about(enriched: EnrichedSteps) -> None:
    enriched.steps.put("endless", title="Wordy " * 40_000)
    enriched.found("endless", "silent", "listed", "lamp")
    assert enriched.plan_enrichment(enriched.lease()).records == 1


def test_the_texts_hold_what_was_written(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(draft="wrong_schema", draft_for=["Quillwood"])
    lease = enriched.lease()
    enriched.plan_enrichment(lease)
    enriched.enrich(lease)
    assert _freeze(enriched, lease.run_id) == 0
    texts = {text.splitlines()[0]: text for text in _texts(enriched, lease.run_id)}
    written = enriched.steps.column("select text from item_enrichments where text like '%Zephyrine%'")
    assert written[0] in texts["Zephyrine reading lamp"]
    # What was rejected falls back to its plain record.
    assert texts["Quillwood standing desk"] == "Quillwood standing desk\nTags: office, oak"


def test_an_item_that_changed_meanwhile_is_left_to_the_next_run(enriched: EnrichedSteps) -> None:
    lease = enriched.lease()
    enriched.plan_enrichment(lease)
    enriched.enrich(lease)
    enriched.steps.put("lamp", title="Zephyrine floor lamp")
    assert _freeze(enriched, lease.run_id) == 1
    planned = enriched.steps.column("select item_id from pipeline.run_plan where run_id = %s", lease.run_id)
    assert "lamp" not in planned
    assert len(planned) == 11


def test_a_preview_of_texts_guesses_at_what_is_not_written_yet(enriched: EnrichedSteps) -> None:
    steps = enriched.steps
    before = preview_plan(steps.connection, enriched.version, steps.limits)
    plain = preview_plan(steps.connection, steps.version, steps.limits)
    assert before.distinct_texts == plain.distinct_texts
    assert before.tokens > plain.tokens + 9 * 100
    lease = enriched.lease()
    enriched.plan_enrichment(lease)
    enriched.enrich(lease)
    after = preview_plan(steps.connection, enriched.version, steps.limits)
    assert plain.tokens < after.tokens < before.tokens


def test_one_limit_holds_for_both_prices(enriched: EnrichedSteps) -> None:
    steps = enriched.steps
    expected = preview_enrichment(enriched.connection, enriched.version, steps.limits)
    plan = preview_plan(steps.connection, enriched.version, steps.limits, None, expected)
    assert plan.price_usd.high is not None
    assert expected.price_usd.high is not None
    both = plan.price_usd.high + expected.price_usd.high
    refuse_price(plan, both * 1.001)
    with pytest.raises(ConfigurationError, match="nothing was sent"):
        refuse_price(plan, expected.price_usd.high)
    # Once it is enriched, what that has cost counts, and not what it was expected to cost.
    refuse_price(plan, expected.price_usd.high, enriched=True)
    unknown = replace(expected, price_usd=replace(expected.price_usd, high=None))
    with pytest.raises(ConfigurationError, match="unknown"):
        refuse_price(replace(plan, enrichment=unknown), 1_000.0)


def test_nothing_is_planned_half(enriched: EnrichedSteps) -> None:
    lease = enriched.lease()
    enriched.connection.execute("alter table pipeline.run_enrichments add check (records > 1000)")
    with pytest.raises(psycopg.errors.CheckViolation):
        enriched.plan_enrichment(lease)
    assert runs.find_run(enriched.connection, lease.run_id).enrichment is None
