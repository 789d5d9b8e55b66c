"""Asking about one record: what is stored is not asked for, what is wanting is asked for once more."""

from hashlib import sha256

import pytest

from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import ServerFailed
from catalog_embeddings.lake.answers import find_answers
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.lake.worklists import Wanted
from catalog_embeddings.pipeline.ask_chat import Asked, ChatAsker, asking_of
from tests.pipeline.conftest import EnrichedSteps

LAMP = Wanted(sha256(b"lamp").digest(), {"title": "Zephyrine reading lamp", "attributes": {"watts": 5}})


def _ask(enriched: EnrichedSteps, lake: Lake | None = None) -> Asked:
    with enriched.chat() as api:
        return ChatAsker(api, lake or enriched.steps.lake, enriched.version.spec).ask(LAMP)


def _stored(enriched: EnrichedSteps) -> list[int]:
    found = find_answers(enriched.steps.lake, asking_of(enriched.version.spec), LAMP.record_hash)
    return [answer.attempt for _, answer in found]


def test_an_answer_is_kept_and_not_paid_for_again(enriched: EnrichedSteps) -> None:
    first = _ask(enriched)
    assert first.enrichment.checked.verdict == "accepted"
    assert first.paid.calls == 1
    again = _ask(enriched)
    assert (again.enrichment, again.paid) == (first.enrichment, ChatSpent())
    assert enriched.calls() == 1


def test_a_retry_goes_on_from_the_answer_that_is_there(enriched: EnrichedSteps) -> None:
    class CutOff(Lake):
        """A worker that is killed once its first answer is stored."""

        def create(self, key: str, data: bytes) -> None:
            super().create(key, data)
            raise ServerFailed("killed")

    enriched.steps.emulator.faults(draft="wrong_schema", draft_tries=1)
    with pytest.raises(ServerFailed):
        _ask(enriched, CutOff(enriched.steps.lake.address))
    assert _stored(enriched) == [1]
    asked = _ask(enriched)
    assert (asked.paid.calls, asked.enrichment.attempts) == (1, 2)
    assert asked.enrichment.checked.verdict == "accepted"
    assert enriched.calls() == 2


def test_two_answers_of_no_use_are_enough(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(draft="refusal")
    asked = _ask(enriched)
    assert (asked.enrichment.checked.verdict, asked.enrichment.attempts) == ("rejected", 2)
    assert len(asked.enrichment.answer_keys) == 2
    assert not asked.refused
    assert _ask(enriched).paid == ChatSpent()


def test_a_second_request_that_is_refused_leaves_the_first_answer(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(draft="false_claims", fail_next=[{"stall_s": 0.01}, {"status": 400}])
    asked = _ask(enriched)
    assert (asked.enrichment.attempts, asked.refused) == (1, False)


def test_a_record_that_is_refused_says_so(enriched: EnrichedSteps) -> None:
    enriched.steps.emulator.faults(poison=["Zephyrine"])
    asked = _ask(enriched)
    assert asked.refused
    assert asked.enrichment.checked.verdict == "rejected"
    assert asked.enrichment.reason.startswith("refused_by_api")
    assert _stored(enriched) == []


def test_a_version_without_an_enrichment_asks_nothing(spec_without: VersionSpec) -> None:
    with pytest.raises(ValueError, match="asks nothing"):
        asking_of(spec_without)


@pytest.fixture
def spec_without(enriched: EnrichedSteps) -> VersionSpec:
    return enriched.steps.version.spec
