"""Versions through the whole river: a ramp pays for each text once, and what went stale catches up."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.feed.preset import load_preset
from catalog_embeddings.pipeline.import_catalog import ImportOptions
from catalog_embeddings.pipeline.register import register_version, text_spec
from tests.river.conftest import River

ORG = uuid.UUID(int=1)
ITEMS = 19_406


def _paid(river: River) -> int:
    return int(str(river.emulator.stats()["inputs_paid"]))


# Three runs over the whole catalog; the limit is there to end a hang, not to time them.
@pytest.mark.timeout(1_200)
def test_a_ramp_pays_for_each_text_once(river: River, shared_data: Path) -> None:
    river.bring(shared_data / "icecat" / "products.jsonl.gz", ImportOptions(field_map=load_preset("icecat")))
    register_version(river.connection, "v8", text_spec("emulator", "text-embedding-3-small", dims=64))
    held = "select count(*) from item_embeddings where version = 'v8'"
    texts = "select count(distinct content_hash) from item_embeddings where version = 'v8'"
    expected = "select count(*) from analytics.catalog_features_raw where slice_bucket(org_id, item_id, 'trial') < %s"
    for share in (5, 25, 100):
        known, paid_before = river.one(texts), _paid(river)
        _, error = bootstrap.run("v8", "test", share=f"{share}%")
        assert error is None
        assert river.one(held) == river.one(expected, share * 100)
        assert _paid(river) - paid_before == river.one(texts) - known
    assert river.one(held) == ITEMS
    assert _paid(river) == river.one(texts)
    assert river.emulator.stats()["inputs_paid_twice"] == 0


def _nightly() -> list[dict[str, Any]]:
    """The steps of the nightly DAG, as its tasks call them; what each run of it did."""
    runs = bootstrap.start_runs(None, "test")
    bootstrap.extract_changes(runs)
    for shard in bootstrap.plan_runs(runs):
        bootstrap.load_shard(**shard)
    ended = [bootstrap.finish_run(run) for run in runs]
    for run in runs:
        bootstrap.index_run(run)
    return ended


def _put(river: River, item_id: str, title: str) -> None:
    river.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title, updated_at) values (%s, %s, %s, now())"
        " on conflict (org_id, namespace, item_id) do update set title = excluded.title, updated_at = now()",
        [ORG, item_id, title],
    )


def test_a_version_that_went_stale_says_so_and_the_next_night_catches_up(river: River) -> None:
    for item_id in ("lamp", "desk", "chair"):
        _put(river, item_id, f"A {item_id}")
    for version, dims in (("v1", 8), ("v2", 16)):
        register_version(river.connection, version, text_spec("emulator", "text-embedding-3-small", dims=dims))
        assert bootstrap.run(version, "test")[1] is None
    bootstrap.promote("v2", force=False, reason=None)

    _put(river, "desk", "A desk of oak")
    _put(river, "sofa", "A sofa")
    river.connection.execute("delete from analytics.catalog_features_raw where item_id = 'chair'")
    assert [(each["version"], each["loaded"], each["deleted"]) for each in _nightly()] == [("v2", 2, 1)]

    move, behind = bootstrap.rollback()
    assert (move.version, move.from_version) == ("v1", "v2")
    assert (behind.came, behind.rewritten) == (1, 1)
    # Stale as it is, it shows nothing that has left.
    shown = "select array_agg(item_id order by item_id) from active_item_embeddings"
    assert river.one(shown) == ["desk", "lamp"]

    paid_before = _paid(river)
    assert [(each["version"], each["loaded"], each["deleted"]) for each in _nightly()] == [("v1", 2, 1)]
    assert _paid(river) - paid_before == 2
    assert river.one(shown) == ["desk", "lamp", "sofa"]
    assert river.one("select (sum(missing), sum(stale))::text from embedding_coverage where version = 'v1'") == "(0,0)"
    assert [each["planned"] for each in _nightly()] == [0]
    assert _paid(river) - paid_before == 2
