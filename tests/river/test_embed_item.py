"""One item at once, by day: as dbt would see it, so that the night finds nothing left to do."""

import uuid

from psycopg.types.json import Jsonb

from catalog_embeddings import bootstrap
from catalog_embeddings.pipeline.import_catalog import ImportOptions
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.catalog_items import find_item
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.resources import SAMPLE_CATALOG
from tests.river.conftest import River

ORG = uuid.UUID(int=0)


def _asked(river: River) -> tuple[int, int]:
    stats = river.emulator.stats()
    return int(str(stats["chat_requests"])), int(str(stats["embedding_requests"]))


def test_an_item_of_the_day_is_found_unchanged_by_the_night(river: River) -> None:
    river.bring(SAMPLE_CATALOG, ImportOptions())
    spec = text_spec("emulator", "text-embedding-3-small", 16, "product.v4", "review.v1")
    register_version(river.connection, "v1", spec)
    summary, error = bootstrap.run("v1", "test")
    assert (summary["state"], error) == ("verified", None)
    # As a feed writes it: with white space, a price, doubled tags, letters that can be spelled in two ways.
    river.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, namespace, item_id, title, description, attributes,"
        " tags, updated_at)"
        " values (%s, 'kitchen', 'kettle-new', 'Whistling  kettle ', 'A kettle\twhistles', %s, %s, now())",
        [ORG, Jsonb({"volume_l": 1.7, "price": 20, "colour": "red"}), ["kettle", " kettle", "cafe\u0301"]],
    )
    calls, requests = _asked(river)

    done = bootstrap.embed_item("kettle-new")

    assert (done.outcome, done.version, done.requests) == ("embedded", "v1", 1)
    assert done.enrichment in {"accepted", "repaired", "rejected"}
    assert _asked(river) == (calls + done.chat_calls, requests + 1)
    assert river.one("select title from similar_items('kettle-new', 1)") is not None
    assert bootstrap.embed_item("kettle-new").outcome == "unchanged"

    held = river.fingerprint_of_rows()
    night = river.run()
    assert (night["planned"], night["state"]) == (0, "verified")
    assert _asked(river) == (calls + done.chat_calls, requests + 1)
    assert river.fingerprint_of_rows() == held

    # What dbt hashes is what is hashed here, item by item.
    version = find_version(river.connection, "v1")
    rows = river.connection.execute(
        "select item_id, namespace, org_id, record_hash from catalog.catalog_record_hashes"
    ).fetchall()
    assert len(rows) == 301
    for *key, record_hash in rows:
        assert find_item(river.connection, version, *key).changed.record_hash == record_hash, key
