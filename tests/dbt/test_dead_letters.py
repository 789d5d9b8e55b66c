"""What dbt holds back: a record with an open dead letter, in its version, until something about it changes."""

from pathlib import Path

import pytest

from catalog_embeddings.dbt.build import dbt_build
from catalog_embeddings.domain.item import CatalogItem, ItemKey
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import dead_letters, runs
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.dead_letters import Selection
from catalog_embeddings.postgres.run_plan import ChangedItem

ITEMS = {"stays", "edited", "repriced", "redriven"}


@pytest.fixture
def catalog(connection: Connection) -> Connection:
    """Four items, and three versions: v2 has another model than v1, v3 another prompt."""
    for version, model, template in (
        ("v1", "text-embedding-3-small", "product.v2"),
        ("v2", "text-embedding-3-large", "product.v2"),
        ("v3", "text-embedding-3-small", "product.v1"),
    ):
        register_version(connection, version, text_spec("emulator", model, dims=16, template=template))
    for item_id in ITEMS:
        connection.execute(
            "insert into analytics.catalog_features_raw (org_id, item_id, title) values (gen_random_uuid(), %s, %s)",
            [item_id, f"A thing that {item_id}"],
        )
    return connection


def _changed(connection: Connection, version: str) -> set[str]:
    rows = connection.execute("select item_id from catalog.changed_catalog_items where version = %s", [version])
    return {item_id for (item_id,) in rows}


def test_a_dead_letter_is_tried_again_when_the_item_the_model_or_the_prompt_changes_or_when_asked(
    catalog: Connection, database_url: str, tmp_path: Path
) -> None:
    dbt_build(database_url, target_directory=tmp_path, log=lambda _: None)
    assert _changed(catalog, "v1") == _changed(catalog, "v2") == _changed(catalog, "v3") == ITEMS
    found = catalog.execute(
        "select org_id, namespace, item_id, record_hash from catalog.changed_catalog_items where version = 'v1'"
    ).fetchall()
    runs.open_run(catalog, "run-1", "v1", "a test")
    died = [ChangedItem(CatalogItem(ItemKey(*key)), "new", record_hash, None) for *key, record_hash in found]
    dead_letters.add_planned(catalog, "run-1", "v1", [(item, ItemRefused("empty_text")) for item in died])
    runs.set_state(catalog, "run-1", "failed")

    catalog.execute("update analytics.catalog_features_raw set title = 'Another thing' where item_id = 'edited'")
    catalog.execute("update analytics.catalog_features_raw set updated_at = now() where item_id = 'repriced'")
    dead_letters.redrive(catalog, Selection(item_id="redriven"), dry_run=False)
    dbt_build(database_url, target_directory=tmp_path, log=lambda _: None)

    assert _changed(catalog, "v1") == {"edited", "redriven"}
    assert _changed(catalog, "v2") == _changed(catalog, "v3") == ITEMS
    counts = catalog.execute("select version, new, refused from catalog.catalog_change_counts order by version")
    assert counts.fetchall() == [("v1", 2, 2), ("v2", 4, 0), ("v3", 4, 0)]
