"""create_version_partition: a version's own partition, guarded by its fingerprint."""

import psycopg
import pytest

from catalog_embeddings.postgres.connection import connect
from tests.sql.conftest import Shelf


def test_a_version_has_a_partition_and_losing_it_loses_only_its_rows(shelf: Shelf) -> None:
    shelf.version("v2", dims=3)
    shelf.item("own", [1, 0, 0], version="v2")
    assert shelf.ask("select item_id, dims from item_embeddings_v2") == [("own", 3)]
    shelf.connection.execute("drop table item_embeddings_v2")
    assert shelf.ask("select distinct version from item_embeddings") == [("v1",)]


def test_asking_again_changes_nothing(shelf: Shelf) -> None:
    triggers = "select count(*) from pg_trigger where tgrelid = 'item_embeddings_v1'::regclass"
    before = shelf.ask(triggers)
    shelf.connection.execute("select pipeline.create_version_partition('v1')")
    assert shelf.ask(triggers) == before
    assert shelf.ask("select count(*) from item_embeddings_v1") == [(4,)]


def test_a_version_that_is_not_registered_gets_none(shelf: Shelf) -> None:
    with pytest.raises(psycopg.errors.NoDataFound):
        shelf.connection.execute("select pipeline.create_version_partition('v9')")


def test_a_row_of_no_version_has_nowhere_to_go(shelf: Shelf) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="no partition"):
        shelf.connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " values (gen_random_uuid(), 'x', 'v9', 'text', 2, '[1,2]', '', '')"
        )


def test_analyze_is_told_to_leave_the_vectors_alone(shelf: Shelf) -> None:
    for partition in ("item_embeddings", "item_embeddings_v1"):
        target = "select attstattarget from pg_attribute where attrelid = %s::regclass and attname = 'vector'"
        assert shelf.ask(target, partition) == [(0,)], partition


def test_a_version_is_made_beside_readers_and_writers_of_others(shelf: Shelf, database_url: str) -> None:
    with connect(database_url) as reader, reader.transaction():
        reader.execute("select count(*) from item_embeddings")
        reader.execute("select set_config('catalog_embeddings.fingerprint', 'fingerprint of v1', true)")
        reader.execute("update item_embeddings set namespace = 'moved' where item_id = 'own'")
        shelf.connection.execute("set lock_timeout = '1s'")
        shelf.version("v2", dims=3)
    shelf.item("own", [1, 0, 0], version="v2")
    assert shelf.ask("select item_id, dims from item_embeddings_v2") == [("own", 3)]


def test_a_partition_is_as_strict_as_the_table(shelf: Shelf) -> None:
    shape = (
        "select contype::text, pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = %s::regclass and contype <> 'n' order by 1, 2"
    )
    assert shelf.ask(shape, "item_embeddings_v1") == shelf.ask(shape, "item_embeddings")
    columns = (
        "select attname, attnotnull, pg_get_expr(adbin, adrelid) from pg_attribute"
        " left join pg_attrdef on adrelid = attrelid and adnum = attnum where attrelid = %s::regclass and attnum > 0"
    )
    assert shelf.ask(columns, "item_embeddings_v1") == shelf.ask(columns, "item_embeddings")
    inherited = "select count(*) from pg_index join pg_inherits on inhrelid = indexrelid where indrelid = %s::regclass"
    of_parent = "select count(*) from pg_index where indrelid = 'item_embeddings'::regclass"
    assert shelf.ask(inherited, "item_embeddings_v1") == shelf.ask(of_parent)
