"""Checking again: what was bought is judged anew without a call, and what rests on it is made anew."""

from dataclasses import replace

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.pipeline.recheck import Rechecked, recheck
from catalog_embeddings.postgres import item_enrichments
from tests.pipeline.conftest import EnrichedSteps
from tests.pipeline.test_enrich import RECORDS


@pytest.fixture
def loaded(enriched: EnrichedSteps) -> EnrichedSteps:
    """Every record enriched, every item loaded into v2."""
    lease = enriched.lease()
    enriched.plan_enrichment(lease)
    enriched.enrich(lease)
    steps = replace(enriched.steps, version=enriched.version)
    steps.plan(lease)
    steps.embed(lease)
    steps.finish(lease, 0.5)
    return enriched


def _other_guards(loaded: EnrichedSteps, **changed: str) -> None:
    """What the table holds where guards that are no more judged it, of the lamp something else than today's."""
    loaded.connection.execute("update item_enrichments set guards_version = 'other guards'")
    for column, value in changed.items():
        loaded.connection.execute(
            f"update item_enrichments set {column} = %s where text like '%%Zephyrine%%'".encode(), [value]
        )


def _mistrusted(loaded: EnrichedSteps) -> list[str]:
    return loaded.steps.column("select item_id from item_embeddings where record_hash = '' order by item_id")


def test_where_nothing_has_changed_nothing_is_done(loaded: EnrichedSteps) -> None:
    assert recheck(loaded.connection, loaded.steps.lake, loaded.version) == Rechecked()


def test_the_same_judgment_marks_nothing(loaded: EnrichedSteps) -> None:
    calls = loaded.calls()
    _other_guards(loaded)
    assert recheck(loaded.connection, loaded.steps.lake, loaded.version) == Rechecked(checked=RECORDS)
    assert _mistrusted(loaded) == []
    assert recheck(loaded.connection, loaded.steps.lake, loaded.version) == Rechecked()
    assert loaded.calls() == calls


def test_what_is_judged_otherwise_is_made_anew(loaded: EnrichedSteps) -> None:
    calls, before = loaded.calls(), loaded.steps.ask("select text, verdict from item_enrichments order by record_hash")
    _other_guards(loaded, text="Zephyrine is what other guards let through.", verdict="repaired")
    done = recheck(loaded.connection, loaded.steps.lake, loaded.version)
    assert done == Rechecked(checked=RECORDS, changed=1, marked=1)
    assert _mistrusted(loaded) == ["lamp"]
    assert loaded.steps.ask("select text, verdict from item_enrichments order by record_hash") == before
    assert loaded.calls() == calls


def test_every_version_of_the_enrichment_is_marked_and_no_other(loaded: EnrichedSteps) -> None:
    loaded.steps.run("plain")
    _other_guards(loaded, text="Zephyrine is what other guards let through.")
    assert recheck(loaded.connection, loaded.steps.lake, loaded.version).marked == 1
    assert loaded.steps.column("select version from item_embeddings where record_hash = ''") == ["v2"]


def test_answers_that_are_lost_leave_things_as_they_are(loaded: EnrichedSteps) -> None:
    [lost] = loaded.steps.column("select answer_keys[1] from item_enrichments where text like '%Zephyrine%'")
    (loaded.steps.lake_folder / lost).unlink()
    _other_guards(loaded)
    done = recheck(loaded.connection, loaded.steps.lake, loaded.version)
    assert done == Rechecked(checked=RECORDS - 1, lost=1)
    assert _mistrusted(loaded) == []


def test_of_two_answers_the_better_is_believed_without_asking(loaded: EnrichedSteps) -> None:
    loaded.steps.put("sofa", title="Corduroy sofa")
    loaded.found("sofa")
    loaded.steps.emulator.faults(draft="false_claims", draft_for=["Corduroy"], draft_tries=1)
    lease = loaded.lease("enriched-2")
    loaded.plan_enrichment(lease)
    loaded.enrich(lease)
    [(record_hash, text)] = loaded.steps.ask("select record_hash, text from item_enrichments where attempts = 2")
    loaded.connection.execute("update item_enrichments set guards_version = 'other', text = 'x' where attempts = 2")
    calls = loaded.calls()
    assert recheck(loaded.connection, loaded.steps.lake, loaded.version).changed == 1
    [draft] = item_enrichments.find_drafts(loaded.connection, loaded.version.spec, [record_hash]).values()
    assert isinstance(draft, Draft)
    assert draft.description == text
    assert loaded.calls() == calls
