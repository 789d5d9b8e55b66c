"""search_items: the items nearest to a vector, within what the caller names, and never one that is gone."""

import psycopg
import pytest

from tests.sql.conftest import Shelf

NEAR = "search_items('[1,0]'::halfvec"


def test_nearest_first_with_cosine_scores_and_titles(shelf: Shelf) -> None:
    rows = shelf.ask(f"select item_id, namespace, score, title, org_id from {NEAR})")
    assert [row[0] for row in rows] == ["own", "nearer", "near", "far"]
    assert rows[0] == ("own", "default", 1.0, "Title of own", shelf.org)
    assert rows[2][2] == pytest.approx(2**-0.5)
    assert shelf.found(f"{NEAR}, k => 2)") == ["own", "nearer"]


def test_an_item_that_is_gone_is_never_found_even_before_the_next_run(shelf: Shelf) -> None:
    shelf.remove("nearer")
    assert shelf.found(f"{NEAR}, k => 2)") == ["own", "near"]
    shelf.remove("own")
    assert shelf.found(f"{NEAR})") == ["near", "far"]


def test_namespaces_and_orgs_are_kept_apart_when_named(shelf: Shelf) -> None:
    shelf.item("shoe", [1, 0.1], namespace="shoes")
    shelf.item("theirs", [1, 0.2], org=shelf.other_org)
    shelf.item("their_shoe", [1, 0.3], org=shelf.other_org, namespace="shoes")
    assert shelf.found(f"{NEAR}, k => 4)") == ["own", "shoe", "theirs", "nearer"]
    assert shelf.found(f"{NEAR}, namespace => 'shoes')") == ["shoe", "their_shoe"]
    assert shelf.found(f"{NEAR}, org_id => %s)", shelf.other_org) == ["theirs", "their_shoe"]
    assert shelf.found(f"{NEAR}, namespace => 'shoes', org_id => %s)", shelf.org) == ["shoe"]
    assert shelf.found(f"{NEAR}, namespace => 'books')") == []


def test_a_filter_looks_into_columns_and_attributes(shelf: Shelf) -> None:
    shelf.item("red", [1, 0], brand="Acme", category="Lamps", attributes={"colour": "red", "watts": 5, "brand": "Own"})
    shelf.item("blue", [1, 0.1], brand="Acme", category="Desks", attributes={"colour": "blue", "watts": 5})
    shelf.item("odd", [1, 0.2], brand="Acme", attributes=["no", "object"])
    asked = f"{NEAR}, filter => %s::jsonb)"
    assert shelf.found(asked, '{"brand": "Acme"}') == ["blue", "odd"]
    assert shelf.found(asked, '{"category": "Desks"}') == ["blue"]
    assert shelf.found(asked, '{"watts": 5}') == ["red", "blue"]
    assert shelf.found(asked, '{"watts": 5, "colour": "red"}') == ["red"]
    assert shelf.found(asked, '{"colour": "green"}') == []
    assert len(shelf.found(asked, "{}")) == 7


def test_one_version_is_read_never_a_mix(shelf: Shelf) -> None:
    shelf.version("v2", dims=3)
    shelf.item("own", [0, 1, 0], version="v2")
    shelf.item("near", [1, 0, 0], version="v2")
    assert shelf.found("search_items('[1,0,0]'::halfvec, version => 'v2')") == ["near", "own"]
    assert shelf.found(f"{NEAR})") == ["own", "nearer", "near", "far"]
    shelf.activate("v2", namespace="shoes")
    assert shelf.found("search_items('[1,0,0]'::halfvec, namespace => 'shoes')") == []


def test_what_cannot_be_answered_is_said(shelf: Shelf) -> None:
    for call, sentence in (
        (f"{NEAR}, version => 'v9')", 'there is no embedding version "v9"'),
        ("search_items('[1,0,0]'::halfvec)", 'the query vector has 3 dims, version "v1" has 2'),
    ):
        with pytest.raises(psycopg.errors.RaiseException, match=sentence):
            shelf.found(call)
    shelf.connection.execute("delete from embedding_aliases")
    with pytest.raises(psycopg.errors.RaiseException, match="no embedding version is active") as refused:
        shelf.found(f"{NEAR}, namespace => 'shoes')")
    assert refused.value.diag.message_hint == "run the pipeline first, or promote a version"


def test_only_the_partition_of_the_version_is_read(shelf: Shelf) -> None:
    shelf.version("v2", dims=3)
    reads = (
        "select relname, seq_scan + coalesce(idx_scan, 0) from pg_stat_xact_user_tables"
        " where relname in ('item_embeddings_v1', 'item_embeddings_v2') order by relname"
    )
    with shelf.connection.transaction():
        before = dict(shelf.ask(reads))
        shelf.found(f"{NEAR})")
        after = dict(shelf.ask(reads))
    assert after["item_embeddings_v1"] > before["item_embeddings_v1"]
    assert after["item_embeddings_v2"] == before["item_embeddings_v2"]
