"""Trying an enrichment: the price first, then the drafts beside their records, and nothing paid twice."""

import pytest

from catalog_embeddings.domain.sample import SampledItem
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.sample_enrichment import Sample
from tests.pipeline.conftest import EnrichedSteps
from tests.pipeline.test_enrich import RECORDS


def _sample(enriched: EnrichedSteps, size: int) -> Sample:
    return Sample(enriched.connection, enriched.steps.lake, enriched.version.spec, size)


def _ask(enriched: EnrichedSteps, size: int) -> list[SampledItem]:
    with enriched.chat() as api:
        return _sample(enriched, size).ask(api, 10)


def test_the_price_is_said_before_anything_is_asked(enriched: EnrichedSteps) -> None:
    price = _sample(enriched, 3).price()
    assert (price.enrichment, price.model, price.records, price.calls) == ("review.v1", "gpt-4.1-mini", 3, 3)
    assert price.price_usd.high
    assert enriched.calls() == 0


def test_each_item_is_shown_with_what_was_written_and_what_became_of_it(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(draft="false_claims", draft_for=["Zephyrine"])
    items = {item.record["title"]: item for item in _ask(enriched, 50)}
    assert len(items) == RECORDS
    lamp, desk = items["Zephyrine reading lamp"], items["Quillwood standing desk"]
    assert (lamp.verdict, lamp.attempts) == ("repaired", 2)
    assert lamp.findings
    assert lamp.written["description"] != (lamp.draft or {})["description"]
    assert (desk.verdict, desk.attempts, desk.findings) == ("accepted", 1, [])
    assert desk.written["description"] == (desk.draft or {})["description"]


def test_what_was_shown_is_bought(enriched: EnrichedSteps) -> None:
    shown = _ask(enriched, 3)
    calls = enriched.calls()
    assert _ask(enriched, 3) == shown
    assert _sample(enriched, 3).price().calls == 0
    assert enriched.calls() == calls
    lease = enriched.lease()
    assert enriched.plan_enrichment(lease).reusable == 3
    enriched.enrich(lease)
    assert enriched.calls() == calls + RECORDS - 3


def test_an_answer_that_is_no_json_is_shown_as_it_is(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(draft="refusal")
    [item] = _ask(enriched, 1)
    assert (item.verdict, item.draft) == ("rejected", None)
    assert isinstance(item.written, str)
    assert item.reason


def test_an_empty_catalog_has_nothing_to_try(enriched: EnrichedSteps) -> None:
    enriched.connection.execute("delete from analytics.catalog_features_raw")
    with pytest.raises(InputError, match="import one first"):
        _sample(enriched, 3)
