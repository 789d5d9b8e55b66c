"""The view catalog_items: one item by its name with the hash that dbt would give it, and all or some of them.

That it is dbt's own hash, item by item, is tested where dbt has run: tests/river/test_embed_item.py.
"""

from hashlib import sha256

import pytest

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres import catalog_items
from catalog_embeddings.postgres.connection import Connection


@pytest.fixture
def catalog(connection: Connection, keys: list[ItemKey]) -> Connection:
    """A view as dbt makes it, over three items that are clean already."""
    connection.execute("create view catalog.catalog_items as select * from analytics.catalog_features_raw")
    return connection


def test_an_item_is_found_with_its_hash(catalog: Connection, version: EmbeddingVersion, keys: list[ItemKey]) -> None:
    found = catalog_items.find_item(catalog, version, "item-1")
    assert found.changed.item.key == keys[1]
    assert (found.changed.change, found.is_held) == ("new", False)
    assert found.changed.record_hash == sha256(b"title:15:Title of item-1brand:-1:").digest()


def test_a_name_that_several_items_bear_has_to_be_told_apart(
    catalog: Connection, version: EmbeddingVersion, keys: list[ItemKey]
) -> None:
    catalog.execute(
        "insert into analytics.catalog_features_raw (org_id, namespace, item_id) values (%s, 'garden', 'item-1')",
        [keys[1].org_id],
    )
    with pytest.raises(InputError, match=r"several items 'item-1' \(default of .*, garden of .*\): say which"):
        catalog_items.find_item(catalog, version, "item-1")
    assert catalog_items.find_item(catalog, version, "item-1", "garden").changed.item.key.namespace == "garden"


def test_an_unknown_item_is_an_error(catalog: Connection, version: EmbeddingVersion, keys: list[ItemKey]) -> None:
    with pytest.raises(InputError, match=r"no item 'item-9' in namespace garden of org "):
        catalog_items.find_item(catalog, version, "item-9", "garden", keys[0].org_id)


def test_all_items_come_in_batches(catalog: Connection) -> None:
    with catalog.transaction():
        batches = list(catalog_items.all_items(catalog, 2))
    assert [len(batch) for batch in batches] == [2, 1]


def test_the_same_items_are_drawn_each_time(catalog: Connection) -> None:
    drawn = [changed.item.key for changed in catalog_items.drawn_items(catalog, 2)]
    assert len(drawn) == 2
    assert drawn == [changed.item.key for changed in catalog_items.drawn_items(catalog, 2)]


def test_without_dbt_there_is_nothing_to_draw_from(connection: Connection) -> None:
    with pytest.raises(InputError, match="`catalog-embeddings plan`"):
        catalog_items.drawn_items(connection, 2)
