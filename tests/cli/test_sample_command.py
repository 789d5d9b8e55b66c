"""`enrich --sample` and `enrich --recheck`: a price, drafts beside their records, and answers judged again."""

from collections.abc import Callable

import pytest

from catalog_embeddings.pipeline.register import register_version, text_spec
from tests.cli.conftest import Ended, World


@pytest.fixture
def enriched(world: World) -> World:
    spec = text_spec("emulator", "text-embedding-3-small", 16, "product.v4", "review.v1")
    register_version(world.connection, "v2", spec)
    return world


def _calls(world: World) -> int:
    return int(str(world.emulator.stats()["chat_requests"]))


def test_without_show_only_the_price_is_said(enriched: World, cli: Callable[..., Ended]) -> None:
    ended = cli("enrich", "--sample", "2", "--version", "v2", "--json")
    price = ended.answer["price"]
    assert (price["records"], price["calls"], ended.answer["items"]) == (2, 2, [])
    assert price["price_usd"]["high"] > 0
    assert "2 records for review.v1 by gpt-4.1-mini: 2 calls" in ended.err
    assert _calls(enriched) == 0


def test_show_lays_drafts_beside_their_records(enriched: World, cli: Callable[..., Ended]) -> None:
    enriched.emulator.faults(draft="false_claims")
    ended = cli("enrich", "--sample", "4", "--show", "--version", "v2")
    assert ended.code == 0, ended.err
    assert "4 calls" in ended.err
    for shown in ("Quillwood [oak] standing desk", "repaired after 2 calls", "numeric_claim", "987 kg", "used:"):
        assert shown in ended.out


def test_an_enrichment_can_be_tried_before_any_version_has_it(world: World, cli: Callable[..., Ended]) -> None:
    found = cli("enrich", "--sample", "1", "--show", "--enrichment", "profile.v1", "--json").answer
    assert found["price"]["enrichment"] == "profile.v1"
    [item] = found["items"]
    assert {"item_id", "record", "written", "verdict", "findings", "draft"} <= item.keys()


def test_recheck_says_what_came_of_it(enriched: World, cli: Callable[..., Ended]) -> None:
    cli("enrich", "--sample", "4", "--show", "--version", "v2")
    calls = _calls(enriched)
    enriched.connection.execute("update item_enrichments set guards_version = 'other'")
    assert cli("enrich", "--recheck", "--version", "v2", "--json").answer == {
        "checked": 4,
        "changed": 0,
        "lost": 0,
        "marked": 0,
    }
    assert "0 enrichments were checked again, without a call" in cli("enrich", "--recheck", "--version", "v2").out
    assert _calls(enriched) == calls


def test_one_thing_at_a_time(world: World, cli: Callable[..., Ended]) -> None:
    for wrong in (("enrich",), ("enrich", "--recheck", "--sample", "2")):
        ended = cli(*wrong)
        assert ended.code == 2
        assert "one of them" in ended.err
    assert "v1 has no enrichment" in cli("enrich", "--sample", "2", "--version", "v1").err
