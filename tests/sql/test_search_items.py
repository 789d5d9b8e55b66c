"""search_items: the items nearest to a vector, within what the caller names, and never one that is gone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from catalog_embeddings.postgres import vector_index
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.resources import sql_directory
from tests.many_rows import LARGE_ORG, SMALL_ORG, fill, register
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


ROWS = 12_000
MANY = "search_items('[1,-2,3,-4,5,-6,7,-8]'::halfvec, version => 'v1'"
EXACT = (
    "select item_id from item_embeddings join analytics.catalog_features_raw using (org_id, namespace, item_id)"
    " where version = 'v1' and {} order by vector <=> '[1,-2,3,-4,5,-6,7,-8]'::halfvec limit {}"
)


@pytest.fixture
def many(connection: Connection) -> Connection:
    """12,000 rows under an index; the small org has 24 of them, a shelf has three, a brand twelve."""
    register(connection)
    fill(connection, ROWS)
    vector_index.build(connection, find_version(connection, "v1"), ROWS)
    connection.execute("analyze item_embeddings_v1, analytics.catalog_features_raw")
    return connection


@contextmanager
def _plans(connection: Connection) -> Iterator[list[str]]:
    """The plan of every statement that is run meanwhile, also within functions, as the server tells it."""
    plans: list[str] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:
        if notice.message_primary == "plan:":
            plans.append(notice.message_detail or "")

    connection.add_notice_handler(note)
    connection.execute("set client_min_messages = log; set debug_print_plan = on")
    yield plans
    connection.execute("reset client_min_messages; reset debug_print_plan")
    connection.remove_notice_handler(note)


def _ordered_by(connection: Connection, plans: list[str]) -> list[str]:
    """The indexes whose order these plans follow."""
    names: dict[int, str] = dict(
        connection.execute("select oid::int, relname from pg_class where relkind = 'i'").fetchall()
    )
    scans = re.findall(r"\{INDEXSCAN\b.*?:indexid (\d+).*?:indexorderby (\(|<>)", "".join(plans), re.DOTALL)
    return [names[int(index)] for index, order in scans if order == "("]


def _reads(connection: Connection, plans: list[str]) -> int:
    """How many of these statements read the partition."""
    row = connection.execute("select 'item_embeddings_v1'::regclass::oid::int").fetchone()
    return sum(f":relid {row[0]} " in plan for plan in plans if row)


def _found(connection: Connection, arguments: str, *parameters: object) -> list[str]:
    return [row[0] for row in connection.execute(f"select item_id from {MANY}{arguments})".encode(), parameters)]


def _exact(connection: Connection, where: str, k: int = 10) -> list[str]:
    return [row[0] for row in connection.execute(EXACT.format(where, k).encode())]


def test_its_statement_follows_the_index(many: Connection) -> None:
    for arguments in ("", ", namespace => 'default'", f", org_id => '{LARGE_ORG}'"):
        with _plans(many) as plans:
            _found(many, arguments)
        assert _ordered_by(many, plans) == ["item_embeddings_v1_hnsw"], arguments


def test_a_small_org_is_searched_exactly_without_the_index(many: Connection) -> None:
    with _plans(many) as plans:
        found = _found(many, ", org_id => %s", SMALL_ORG)
    assert _ordered_by(many, plans) == []
    assert found == _exact(many, f"org_id = '{SMALL_ORG}'")
    assert len(found) == 10


def test_a_small_org_gets_its_full_answer_from_the_index_as_well(many: Connection) -> None:
    # As where the planner knows nothing of the orgs, and no other index helps.
    many.execute("alter table item_embeddings drop constraint item_embeddings_pkey")
    many.execute("set enable_seqscan = off; set enable_sort = off")
    many.execute("set hnsw.max_scan_tuples = 1000000; set hnsw.scan_mem_multiplier = 10")
    with _plans(many) as plans:
        found = _found(many, ", org_id => %s", SMALL_ORG)
    assert _ordered_by(many, plans) == ["item_embeddings_v1_hnsw"]
    # It went on in the index, and did not have to look at everything.
    assert _reads(many, plans) == 1
    assert len(found) == 10
    assert len({*found, *_exact(many, f"org_id = '{SMALL_ORG}'")}) <= 12


def test_a_filter_gets_its_full_answer(many: Connection) -> None:
    found = _found(many, ", filter => %s", Jsonb({"brand": "brand-7"}))
    assert len(found) == 10
    assert len({*found, *_exact(many, "brand = 'brand-7'")}) <= 12
    # And all there is where that is less.
    assert _found(many, ", filter => %s", Jsonb({"shelf": 7})) == _exact(many, "attributes @> '{\"shelf\": 7}'", 3)
    assert _found(many, ", filter => %s", Jsonb({"shelf": -1})) == []


def test_where_the_index_stops_looking_everything_is_looked_at(many: Connection) -> None:
    many.execute("set hnsw.max_scan_tuples = 50")
    found = _found(many, ", filter => %s", Jsonb({"brand": "brand-7"}))
    assert found == _exact(many, "brand = 'brand-7'")
    assert len(found) == 10


def test_more_neighbours_than_the_index_looks_at_by_itself(many: Connection) -> None:
    found, exact = _found(many, ", k => 300"), _exact(many, "true", 300)
    assert len(found) == 300
    assert len(set(found) & set(exact)) >= 297


def test_the_version_says_how_far_its_index_is_searched(many: Connection) -> None:
    pages = []
    for ef_search in (40, 400):
        many.execute("update embedding_versions set index_report = %s", [Jsonb({"ef_search": ef_search})])
        _found(many, "")
        [[[plan]]] = many.execute(f"explain (analyze, buffers, format json) select * from {MANY})".encode()).fetchall()
        pages.append(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])
    assert pages[1] > 3 * pages[0]


def test_the_settings_of_the_caller_stay(many: Connection) -> None:
    many.execute("set hnsw.ef_search = 17")
    many.execute("set hnsw.iterative_scan = strict_order")
    with many.transaction():
        _found(many, ", k => 200")
        settings = "select current_setting('hnsw.ef_search'), current_setting('hnsw.iterative_scan')"
        assert many.execute(settings).fetchall() == [("17", "strict_order")]


def test_a_deploying_user_need_not_be_a_superuser(connection: Connection, database_url: str) -> None:
    guest = sql.Identifier(f"guest_{uuid4().hex[:8]}")
    connection.execute(sql.SQL("create role {0}; grant create on schema public to {0}").format(guest))
    connection.execute(sql.SQL("alter function search_items owner to {}").format(guest))
    with connect(database_url) as fresh:
        fresh.execute(sql.SQL("set role {}").format(guest))
        fresh.execute((sql_directory() / "functions/search_items.sql").read_bytes())
    connection.execute(sql.SQL("drop owned by {0}; drop role {0}").format(guest))
