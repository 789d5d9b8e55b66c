"""One item at once: bought once, as the night would make it, and refused where the night would not keep it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from catalog_embeddings.domain.embedded_item import EmbeddedItem
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError, RequestRefused, ServerFailed
from catalog_embeddings.inference.chat import ChatApi
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.embed_item import ItemEmbedding, refuse_unkept
from catalog_embeddings.postgres import version_slices
from catalog_embeddings.postgres.catalog_items import find_item
from catalog_embeddings.postgres.embedding_versions import find_version
from tests.pipeline.conftest import EnrichedSteps, Steps


def _embed(steps: Steps, item_id: str, lake: Lake | None = None) -> EmbeddedItem:
    @contextmanager
    def embeddings(_version: EmbeddingVersion) -> Iterator[EmbeddingsApi]:
        api = steps.api()
        yield api
        api.close()

    @contextmanager
    def chat(_version: EmbeddingVersion) -> Iterator[ChatApi]:
        with EnrichedSteps(steps, steps.version).chat() as api:
            yield api

    found = find_item(steps.connection, steps.version, item_id)
    return ItemEmbedding(steps.connection, lake or steps.lake, steps.version, chat, embeddings, 10).embed(found)


@pytest.fixture
def night(steps: Steps) -> Steps:
    """Version v1 after its first night: active."""
    steps.run()
    steps.version = find_version(steps.connection, "v1")
    return steps


def test_a_new_item_is_embedded_and_sealed(night: Steps) -> None:
    night.put("sofa", title="Corduroy sofa")
    paid = night.paid()[0]
    done = _embed(night, "sofa")
    assert (done.outcome, done.requests, done.chat_calls, done.enrichment) == ("embedded", 1, 0, None)
    assert night.paid() == (paid + 1, 0)
    assert "sofa" in night.loaded()
    [(state, planned, manifest)] = night.ask(
        "select state, summary -> 'planned', manifest_key from pipeline.runs where run_id = %s", done.run_id
    )
    assert (state, planned) == ("verified", 1)
    assert night.lake.read(manifest)
    again = _embed(night, "sofa")
    assert (again.outcome, again.requests, again.run_id) == ("unchanged", 0, None)


def test_a_text_that_is_paid_for_is_not_paid_again(night: Steps) -> None:
    night.put("third_twin", title="Gemini candle holder")
    paid = night.paid()
    assert _embed(night, "third_twin").requests == 0
    assert night.paid() == paid
    assert "third_twin" in night.loaded()


def test_a_lost_part_is_paid_for_again(night: Steps) -> None:
    for part in night.parts():
        part.unlink()
    night.put("third_twin", title="Gemini candle holder")
    assert _embed(night, "third_twin").requests == 1


def test_what_fails_after_the_api_is_not_paid_again(night: Steps) -> None:
    class Full(Lake):
        def create(self, key: str, data: bytes) -> None:
            if key.startswith("manifests/"):
                raise ServerFailed("no room for a manifest")
            super().create(key, data)

    night.put("sofa", title="Corduroy sofa")
    with pytest.raises(ServerFailed):
        _embed(night, "sofa", Full(night.lake.address))
    assert "sofa" not in night.loaded()
    assert night.column("select count(*) from pipeline.runs where run_id like 'item-%%'") == [0]
    assert _embed(night, "sofa").requests == 0
    assert "sofa" in night.loaded()
    assert night.paid()[1] == 0


def test_an_item_with_nothing_to_say_is_refused(night: Steps) -> None:
    with pytest.raises(InputError, match="'silent' cannot be embedded: empty_text"):
        _embed(night, "silent")


def test_a_refused_text_is_an_error_and_leaves_nothing(night: Steps) -> None:
    night.emulator.faults(poison=["Corduroy"])
    night.put("sofa", title="Corduroy sofa")
    with pytest.raises(RequestRefused):
        _embed(night, "sofa")
    assert "sofa" not in night.loaded()


def test_a_version_that_nobody_keeps_up_is_refused(steps: Steps) -> None:
    found = find_item(steps.connection, steps.version, "lamp")
    with pytest.raises(InputError, match="v1 is building"):
        refuse_unkept(steps.connection, steps.version, found)


def test_an_item_outside_of_the_slice_is_refused(night: Steps) -> None:
    found = find_item(night.connection, night.version, "lamp")
    refuse_unkept(night.connection, night.version, found)
    version_slices.set_slice(night.connection, "v1", Slice.parse("0.01%", "trial"))
    with pytest.raises(InputError, match="is not in it"):
        refuse_unkept(night.connection, night.version, found)


def test_an_item_is_enriched_first(enriched: EnrichedSteps) -> None:
    steps = replace(enriched.steps, version=enriched.version)
    lease = enriched.lease()
    enriched.plan_enrichment(lease)
    enriched.enrich(lease)
    steps.plan(lease)
    steps.embed(lease)
    steps.finish(lease, 0.5)
    calls = enriched.calls()
    steps.put("sofa", title="Corduroy sofa")
    done = _embed(steps, "sofa")
    assert (done.enrichment, done.chat_calls, done.requests) == ("accepted", 1, 1)
    assert enriched.calls() == calls + 1
    assert steps.column("select count(*) from item_enrichments where text like '%%Corduroy%%'") == [1]
    steps.put("second_sofa", title="Corduroy sofa")
    twin = _embed(steps, "second_sofa")
    assert (twin.enrichment, twin.chat_calls, twin.requests) == ("stored", 0, 0)
