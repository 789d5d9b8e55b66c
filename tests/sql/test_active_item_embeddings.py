"""active_item_embeddings: one row an item, of the version that is active for it, and nothing that is gone."""

from tests.sql.conftest import Shelf

ROWS = "select item_id, version from active_item_embeddings order by item_id"


def test_each_item_shows_its_active_version_only(shelf: Shelf) -> None:
    shelf.version("v2", dims=3)
    shelf.activate("v2", namespace="shoes")
    shelf.item("own", [1, 0, 0], version="v2")
    shelf.item("shoe", [1, 0], namespace="shoes")
    shelf.item("shoe", [1, 0, 0], version="v2", namespace="shoes")
    assert shelf.ask(ROWS) == [("far", "v1"), ("near", "v1"), ("nearer", "v1"), ("own", "v1"), ("shoe", "v2")]
    assert shelf.ask("select dims, vector::text from active_item_embeddings where item_id = 'shoe'") == [(3, "[1,0,0]")]


def test_an_item_that_is_gone_is_not_shown(shelf: Shelf) -> None:
    shelf.remove("own")
    assert [row[0] for row in shelf.ask(ROWS)] == ["far", "near", "nearer"]


def test_nothing_is_shown_where_nothing_is_active(shelf: Shelf) -> None:
    shelf.connection.execute("delete from embedding_aliases")
    assert shelf.ask(ROWS) == []
