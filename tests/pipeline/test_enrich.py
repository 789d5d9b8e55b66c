"""Enriching: one call a distinct record, every answer kept, a bad one asked again once, and nothing paid twice."""

from decimal import Decimal

import pytest

from catalog_embeddings.errors import RunFenced, RunHeld, RunPaused, ThresholdExceeded
from catalog_embeddings.lake.layout import worklists_prefix
from catalog_embeddings.lake.worklists import read_worklist
from catalog_embeddings.pipeline.ask_chat import message_bytes
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.postgres import leases, run_enrichments, spend
from catalog_embeddings.transform.enrichment_cost import at_most
from catalog_embeddings.transform.enrichment_templates import load_enrichment
from catalog_embeddings.transform.pricing import chat_price
from tests.pipeline.conftest import EnrichedSteps

# Ten items that say something; the twins share a record, and a shelf of paper trays is no object.
RECORDS = 9


def _worklist_id(enriched: EnrichedSteps) -> str:
    return run_enrichments.pending(enriched.connection, "enriched-1")[0].worklist_id


def _answers(enriched: EnrichedSteps) -> list[str]:
    return enriched.steps.lake.keys("answers/")


def test_each_distinct_record_is_asked_about_once(enriched: EnrichedSteps) -> None:
    lease = enriched.lease()
    planned = enriched.plan_enrichment(lease)
    assert (planned.items, planned.records, planned.reusable, planned.calls) == (10, RECORDS, 0, RECORDS)
    assert enriched.calls() == 0

    assert enriched.enrich(lease) == [{"accepted": RECORDS, "repaired": 0, "rejected": 0}]

    assert enriched.calls() == RECORDS == len(_answers(enriched))
    rows = enriched.steps.ask(
        "select text, tags, verdict, tokens, attempts, answer_keys[1], run_id, provider, prompt_version, model"
        " from item_enrichments"
    )
    assert len(rows) == RECORDS
    for text, tags, verdict, tokens, attempts, key, run_id, *asked in rows:
        assert text
        assert tags
        assert (verdict, attempts, run_id) == ("accepted", 1, "enriched-1")
        assert tokens > 0
        assert key in _answers(enriched)
        assert asked == ["emulator", "review.v1", "gpt-4.1-mini"]
    assert run_enrichments.pending(enriched.connection, lease.run_id) == []
    paid = spend.chat_spent(enriched.connection, lease.run_id)
    assert paid.calls == RECORDS
    assert paid.prompt_tokens + paid.completion_tokens == sum(row[3] for row in rows)


def test_what_is_enriched_is_not_asked_about_again(enriched: EnrichedSteps) -> None:
    enriched.plan_enrichment(lease := enriched.lease())
    enriched.enrich(lease)
    enriched.steps.put("lamp", title="Zephyrine floor lamp")
    again = enriched.plan_enrichment(lease)
    assert (again.records, again.reusable, again.calls) == (RECORDS, RECORDS - 1, 1)
    enriched.enrich(lease)
    assert enriched.calls() == RECORDS + 1


def test_a_database_that_has_lost_its_rows_finds_the_answers_in_the_lake(enriched: EnrichedSteps) -> None:
    enriched.plan_enrichment(lease := enriched.lease())
    enriched.enrich(lease)
    before = enriched.steps.ask("select * from item_enrichments order by record_hash")
    enriched.connection.execute("delete from item_enrichments")
    enriched.plan_enrichment(lease)
    enriched.enrich(lease)
    assert enriched.calls() == RECORDS
    after = enriched.steps.ask("select * from item_enrichments order by record_hash")
    assert [row[:-2] for row in after] == [row[:-2] for row in before]
    # What was adopted was not paid for again.
    assert spend.chat_spent(enriched.connection, lease.run_id).calls == RECORDS


@pytest.mark.parametrize("kind", ["wrong_schema", "refusal", "length", "content_filter", "false_claims"])
def test_an_answer_of_no_use_is_asked_for_once_more(enriched: EnrichedSteps, kind: str) -> None:
    enriched.steps.emulator.faults(draft=kind, draft_for=["Zephyrine"], draft_tries=1)
    enriched.plan_enrichment(lease := enriched.lease())
    assert enriched.enrich(lease) == [{"accepted": RECORDS, "repaired": 0, "rejected": 0}]
    assert enriched.calls() == RECORDS + 1 == len(_answers(enriched))
    assert enriched.steps.column("select max(attempts) from item_enrichments") == [2]


def test_what_stays_of_no_use_is_rejected_and_kept(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(draft="wrong_schema", draft_for=["Zephyrine"])
    enriched.plan_enrichment(lease := enriched.lease())
    assert enriched.enrich(lease) == [{"accepted": RECORDS - 1, "repaired": 0, "rejected": 1}]
    [(text, tags, reason, attempts, keys)] = enriched.steps.ask(
        "select text, tags, reason, attempts, answer_keys from item_enrichments where verdict = 'rejected'"
    )
    assert (text, tags, attempts, len(keys)) == (None, [], 2, 2)
    assert reason
    assert "Zephyrine" not in reason
    # It is an answer like any other: nobody asks again.
    assert enriched.plan_enrichment(lease).calls == 0


def test_a_record_that_the_api_refuses_is_rejected_and_the_others_are_not(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(poison=["Quillwood"])
    enriched.plan_enrichment(lease := enriched.lease())
    assert enriched.enrich(lease) == [{"accepted": RECORDS - 1, "repaired": 0, "rejected": 1}]
    [(reason, attempts)] = enriched.steps.ask("select reason, attempts from item_enrichments where text is null")
    assert reason.startswith("refused_by_api: ")
    assert attempts == 0


def test_where_nothing_is_answered_the_run_pauses_and_nobody_is_rejected(enriched: EnrichedSteps) -> None:
    # Even the canary holds a word of it.
    enriched.steps.emulator.faults(poison=["a", "e"])
    enriched.plan_enrichment(lease := enriched.lease())
    with pytest.raises(RunPaused):
        enriched.enrich(lease)
    assert enriched.verdicts() == {}


def test_quota_pauses_and_what_was_answered_is_kept(enriched: EnrichedSteps) -> None:
    enriched.steps.limits = Limits(batch_size=128, parallelism=1)
    enriched.steps.emulator.faults(fail_next=[{"stall_s": 0.01}] * 4 + [{"kind": "insufficient_quota"}])
    enriched.plan_enrichment(lease := enriched.lease())
    with pytest.raises(RunPaused, match="quota"):
        enriched.enrich(lease)
    kept = len(_answers(enriched))
    assert kept == sum(enriched.verdicts().values()) == 4
    enriched.enrich(lease)
    assert enriched.verdicts() == {"accepted": RECORDS}
    assert len(_answers(enriched)) == RECORDS


def test_a_superseded_worker_writes_no_row(enriched: EnrichedSteps) -> None:
    enriched.plan_enrichment(lease := enriched.lease())
    leases.take(enriched.connection, "v2", lease.run_id, "a test", 0.0)
    with pytest.raises(RunFenced):
        enriched.enrich(lease)
    assert enriched.verdicts() == {}
    with pytest.raises(RunFenced):
        enriched.plan_enrichment(lease)


def test_a_limit_is_kept_and_a_higher_one_goes_on(enriched: EnrichedSteps) -> None:
    enriched.steps.limits = Limits(batch_size=128, parallelism=1)
    enriched.plan_enrichment(lease := enriched.lease())
    template, price = load_enrichment("review.v1"), chat_price("gpt-4.1-mini")
    assert price is not None
    [records] = read_worklist(enriched.steps.lake, lease.run_id, _worklist_id(enriched), 0)
    dearest = max(at_most(message_bytes(template, each.record), template.max_tokens, price) for each in records)
    # Room for the dearest that could be, and for a little of what they really cost.
    spend.set_limit(enriched.connection, lease.run_id, dearest * Decimal("1.05"))
    with pytest.raises(RunPaused, match="the cost limit"):
        enriched.enrich(lease)
    account = spend.open_account(enriched.connection, lease.run_id)
    assert account.reserved == 0
    assert account.limit is not None
    assert 0 < account.spent <= account.limit
    assert 0 < enriched.calls() < RECORDS
    spend.set_limit(enriched.connection, lease.run_id, Decimal(1))
    enriched.enrich(lease)
    assert enriched.calls() == RECORDS


def test_a_damaged_worklist_holds_the_run(enriched: EnrichedSteps) -> None:
    enriched.plan_enrichment(lease := enriched.lease())
    [key] = enriched.steps.lake.keys(worklists_prefix(lease.run_id))
    (enriched.steps.lake_folder / key).write_bytes(b"damaged")
    with pytest.raises(RunHeld, match="drawn up anew"):
        enriched.enrich(lease)
    assert enriched.calls() == 0


def test_most_refused_stops_early(enriched: EnrichedSteps) -> None:
    for number in range(120):
        enriched.steps.put(f"bad_{number}", title=f"Poisonous thing {number}")
    enriched.found()
    enriched.steps.emulator.faults(poison=["Poisonous"])
    enriched.plan_enrichment(lease := enriched.lease())
    with pytest.raises(ThresholdExceeded, match="nothing more is spent"):
        enriched.enrich(lease)
    # What was refused is not buried: the run ends, and the next one asks again.
    assert enriched.verdicts().keys() <= {"accepted"}
    assert [shard.number for shard in run_enrichments.pending(enriched.connection, lease.run_id)] == [0]
