"""similar_items: the neighbours of an item within its own namespace and org."""

import psycopg
import pytest

from tests.sql.conftest import Shelf


def test_the_item_itself_is_not_among_its_neighbours(shelf: Shelf) -> None:
    assert shelf.found("similar_items('own')") == ["nearer", "near", "far"]
    assert shelf.found("similar_items('own', k => 2)") == ["nearer", "near"]
    assert shelf.found("similar_items('own', 1)") == ["nearer"]


def test_a_copy_that_ranks_first_does_not_push_the_item_in(shelf: Shelf) -> None:
    shelf.item("a_copy", [1, 0])
    assert shelf.found("similar_items('own', 2)") == ["a_copy", "nearer"]
    assert set(shelf.found("similar_items('a_copy', 2)")) == {"own", "nearer"}


def test_an_item_that_is_gone_is_never_found_nor_asked_about(shelf: Shelf) -> None:
    shelf.remove("nearer")
    assert shelf.found("similar_items('own', 2)") == ["near", "far"]
    with pytest.raises(psycopg.errors.RaiseException, match='item "nearer" has no vector'):
        shelf.found("similar_items('nearer')")


def test_an_unknown_item_says_what_to_look_at(shelf: Shelf) -> None:
    shelf.item("no_vector_yet")
    for item in ("nobody", "no_vector_yet"):
        with pytest.raises(psycopg.errors.RaiseException, match=f'item "{item}" has no vector') as refused:
            shelf.found("similar_items(%s)", item)
        assert "pipeline.dead_letters may say why not" in str(refused.value.diag.message_hint)


def test_neighbours_stay_within_the_items_own_namespace_and_org(shelf: Shelf) -> None:
    shelf.item("shoe", [1, 0], namespace="shoes")
    shelf.item("boot", [1, 1], namespace="shoes")
    shelf.item("their_shoe", [1, 0], namespace="shoes", org=shelf.other_org)
    assert shelf.found("similar_items('shoe')") == ["boot"]
    assert shelf.found("similar_items('their_shoe')") == []
    assert "shoe" not in shelf.found("similar_items('own')")


def test_an_id_that_stands_twice_asks_which(shelf: Shelf) -> None:
    shelf.item("own", [1, 1], namespace="shoes")
    shelf.item("boot", [1, 1], namespace="shoes")
    shelf.item("own", [1, 1], org=shelf.other_org)
    with pytest.raises(psycopg.errors.RaiseException, match='item "own" stands in several namespaces or orgs'):
        shelf.found("similar_items('own')")
    assert shelf.found("similar_items('own', namespace => 'shoes')") == ["boot"]
    assert shelf.found("similar_items('own', namespace => 'default', org_id => %s)", shelf.org) == [
        "nearer",
        "near",
        "far",
    ]
    with pytest.raises(psycopg.errors.RaiseException, match='"own" has no vector'):
        shelf.found("similar_items('own', namespace => 'books')")


def test_each_item_is_looked_up_in_the_version_its_readers_see(shelf: Shelf) -> None:
    shelf.version("v2", dims=3)
    shelf.activate("v2", namespace="shoes")
    for item, vector in (("shoe", [1, 0, 0]), ("boot", [1, 1, 0])):
        shelf.item(item, vector, version="v2", namespace="shoes")
    shelf.item("shoe", [1, 0], namespace="shoes")
    shelf.item("sock", [1, 0], namespace="shoes")
    assert shelf.found("similar_items('shoe')") == ["boot"]
    assert shelf.found("similar_items('shoe', version => 'v1')") == ["sock"]
    with pytest.raises(psycopg.errors.RaiseException, match='"own" has no vector'):
        shelf.found("similar_items('own', version => 'v2')")


def test_a_wide_tie_still_gives_k(shelf: Shelf) -> None:
    for number in range(20):
        shelf.item(f"twin-{number}", [1, 0])
    assert len(shelf.found("similar_items('twin-7', k => 10)")) == 10


def test_an_item_is_looked_up_by_its_id_and_not_among_all(shelf: Shelf) -> None:
    shelf.connection.execute("set enable_seqscan = off")
    assert shelf.found("similar_items('own', 1)") == ["nearer"]
    shelf.connection.execute("select pg_stat_force_next_flush()")
    uses = "select indexrelname from pg_stat_user_indexes where relname = 'item_embeddings_v1' and idx_scan > 0"
    assert ("item_embeddings_v1_item_id_idx",) in shelf.ask(uses)
