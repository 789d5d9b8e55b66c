"""19,406 real products through the whole river: what is paid for, and what a reader finds."""

from pathlib import Path
from typing import Any

import pytest

from catalog_embeddings.feed.preset import load_preset
from catalog_embeddings.pipeline.import_catalog import ImportOptions
from tests.river.conftest import River

ITEMS = 19_406

# Five runs over the whole catalog; the limit is there to end a hang, not to time them.
pytestmark = pytest.mark.timeout(1_200)


def test_only_what_changed_is_paid_for(
    river: River, shared_data: Path, expected_neighbours: dict[str, list[dict[str, Any]]]
) -> None:
    river.bring(shared_data / "icecat" / "products.jsonl.gz", ImportOptions(field_map=load_preset("icecat")))

    first = river.run()
    distinct = river.one("select count(distinct content_hash) from item_embeddings")
    shards = river.one("select count(*) from pipeline.run_shards")
    assert river.one("select count(*) from active_item_embeddings") == ITEMS
    assert first["paid"] == distinct
    assert first["calls"] <= -(-distinct // 128) + shards - 1
    assert river.emulator.stats()["max_in_flight"] == 10

    for check in expected_neighbours["icecat"]:
        found = river.neighbours(check["item_id"], check["of"])
        alike = [hit for hit in found if all(word.lower() in hit["title"].lower() for word in check["title_words"])]
        assert len(alike) >= check["at_least"], (check, found)

    rows = river.fingerprint_of_rows()
    assert (river.run()["calls"], river.fingerprint_of_rows()) == (0, rows)

    # Prices, stock and the like are no part of what an item is: they re-embed nothing.
    river.connection.execute(
        "update analytics.catalog_features_raw set updated_at = now(),"
        " attributes = attributes || jsonb_build_object('price', random(), 'stock', 7)"
    )
    assert (river.run()["calls"], river.fingerprint_of_rows()) == (0, rows)

    river.connection.execute(
        "update analytics.catalog_features_raw set title = title || ' (revised)' where item_id in"
        " (select item_id from analytics.catalog_features_raw order by item_id limit 194)"
    )
    revised = river.run()
    texts = river.one(
        "select count(distinct content_hash) from item_embeddings"
        " join analytics.catalog_features_raw using (org_id, namespace, item_id) where title like '%% (revised)'"
    )
    assert (revised["planned"], revised["paid"]) == (194, texts)

    gone = river.connection.execute(
        "delete from analytics.catalog_features_raw where item_id in"
        " (select item_id from analytics.catalog_features_raw order by item_id limit 100) returning item_id"
    ).fetchall()
    gone_ids = {item_id for (item_id,) in gone}
    _nobody_finds(river, gone_ids)
    after = river.run()
    assert (after["deleted"], after["calls"]) == (100, 0)
    assert river.one("select count(*) from item_embeddings") == ITEMS - 100
    _nobody_finds(river, gone_ids)


def _nobody_finds(river: River, gone: set[str]) -> None:
    held = river.connection.execute("select item_id from active_item_embeddings").fetchall()
    assert not gone & {item_id for (item_id,) in held}
    query = river.one("select vector::text from item_embeddings limit 1")
    near = river.connection.execute("select item_id from search_items(%s::halfvec, 19406)", [query]).fetchall()
    assert not gone & {item_id for (item_id,) in near}
    alike = {hit["item_id"] for hit in river.neighbours("79066412", 19_406)}
    assert alike
    assert not gone & alike
