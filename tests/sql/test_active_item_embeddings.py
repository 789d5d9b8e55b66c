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


def test_each_row_is_of_the_version_that_active_version_names(shelf: Shelf) -> None:
    for version in ("v2", "v3", "v4"):
        shelf.version(version)
    orgs, namespaces, versions = (shelf.org, shelf.other_org), ("home", "garden"), ("v1", "v2", "v3", "v4")
    for org in orgs:
        for namespace in namespaces:
            for version in versions:
                shelf.item("everywhere", [1, 0], version=version, org=org, namespace=namespace)
    # From the most general pointer to the most specific, and then back without those that were there before.
    for place in ({"namespace": "home"}, {"org_id": orgs[0]}, {"org_id": orgs[0], "namespace": "home"}):
        shelf.activate(f"v{2 + len(place) if 'org_id' in place else 2}", **place)
        _agrees(shelf)
    for general in ("org_id is null and namespace = '*'", "namespace = '*'", "org_id is null"):
        shelf.connection.execute(f"delete from embedding_aliases where {general}".encode())
        _agrees(shelf)


def _agrees(shelf: Shelf) -> None:
    asked_by_row = (
        "select org_id, namespace, item_id, version from item_embeddings"
        " where version = active_version(org_id, namespace, modality) order by 1, 2, 3"
    )
    shown = "select org_id, namespace, item_id, version from active_item_embeddings order by 1, 2, 3"
    assert shelf.ask(shown) == shelf.ask(asked_by_row)
