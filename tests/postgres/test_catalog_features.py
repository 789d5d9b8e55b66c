"""Gathered lines become rows under a lock, and what the database refuses is said without being quoted."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.errors import InputError, ItemRefused
from catalog_embeddings.postgres.catalog_features import MergeCounts, merge, refuse_keys, staging
from catalog_embeddings.postgres.connection import Connection, connect

ORG = UUID(int=1)


COLUMNS = ("title", "description", "brand", "category", "attributes", "tags", "image_url", "locale", "metadata_version")
MOMENT = datetime(2025, 3, 11, tzinfo=UTC)


def _item(item_id: str, title: str | None = None, updated_at: datetime | None = None, **others: Any) -> tuple[Any, ...]:
    contents = {"title": title, **others}
    return (ORG, item_id, "default", *(contents.get(column) for column in COLUMNS), updated_at)


def _merge(connection: Connection, *items: tuple[Any, ...]) -> MergeCounts:
    with connection.transaction():
        with staging(connection) as staged:
            for line, item in enumerate(items, start=1):
                staged.add_good(line, item)
        return merge(connection, snapshot=False)


def test_lines_are_gathered_and_merged(connection: Connection) -> None:
    with connection.transaction():
        with staging(connection) as staged:
            staged.add_good(1, _item("1", "first", MOMENT))
            staged.add_good(2, _item("1", "last", MOMENT))
            staged.add_bad(3, ItemKey(ORG, "default", "2"), ItemRefused("nul_character"))
        assert merge(connection, snapshot=False) == MergeCounts(1, 0, 0, 0, 1, 0)
    stored = connection.execute("select item_id, title, updated_at from analytics.catalog_features_raw").fetchall()
    assert stored == [("1", "last", MOMENT)]
    dead = connection.execute("select version, item_id, stage, reason from pipeline.dead_letters").fetchall()
    assert dead == [("*", "2", "import", "nul_character")]


def test_another_writer_waits_while_lines_are_merged(connection: Connection, database_url: str) -> None:
    with connect(database_url) as writer, connection.transaction():
        with staging(connection) as staged:
            staged.add_good(1, _item("1"))
        merge(connection, snapshot=True)
        writer.execute("set lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            writer.execute("delete from analytics.catalog_features_raw")
        assert writer.execute("select count(*) from analytics.catalog_features_raw").fetchone() == (0,)


def test_many_lines_of_one_item_are_no_trap(connection: Connection) -> None:
    assert _merge(connection, *(_item("1", str(line)) for line in range(20_000))).duplicates == 19_999
    assert connection.execute("select title from analytics.catalog_features_raw").fetchall() == [("19999",)]


def test_a_difference_in_any_column_is_one(connection: Connection) -> None:
    _merge(connection, _item("1"))
    for column in COLUMNS:
        value: Any = {"attributes": '{"a": 1}', "tags": ["x"]}.get(column, "x")
        assert _merge(connection, _item("1", **{column: value})).updated == 1, column
        assert _merge(connection, _item("1", **{column: value})).unchanged == 1, column
        assert _merge(connection, _item("1")).updated == 1, column


@pytest.mark.parametrize(
    "placeholder", ["infinity", "-infinity", None, "0044-03-15 BC", "epoch", "9999-12-31", "294276-12-31"]
)
def test_a_placeholder_for_a_time_does_not_keep_lines_out(connection: Connection, placeholder: str | None) -> None:
    _merge(connection, _item("1", "a"))
    connection.execute("update analytics.catalog_features_raw set updated_at = %s", [placeholder])
    assert _merge(connection, _item("1", "b", MOMENT)).updated == 1
    assert _merge(connection, _item("1", "c", MOMENT.replace(year=2024))).stale == 1


def test_a_placeholder_that_comes_again_changes_nothing(connection: Connection) -> None:
    last_day = MOMENT.replace(year=9999)
    assert _merge(connection, _item("1", "a", last_day)).inserted == 1
    assert _merge(connection, _item("1", "a", last_day)).unchanged == 1
    assert _merge(connection, _item("1", "a", MOMENT)).updated == 1


def test_two_merges_in_one_transaction_do_not_meet(connection: Connection) -> None:
    with connection.transaction():
        assert _merge(connection, _item("1")).inserted == 1
        assert _merge(connection, _item("2")).inserted == 1


def test_a_failure_leaves_nothing(connection: Connection) -> None:
    connection.execute("alter table analytics.catalog_features_raw add constraint short check (length(title) < 9)")
    with pytest.raises(psycopg.errors.CheckViolation):
        _merge(connection, _item("1", "short"), _item("2", "much too long"))
    assert connection.execute("select count(*) from analytics.catalog_features_raw").fetchone() == (0,)


def test_a_value_that_the_database_refuses_is_not_quoted(connection: Connection) -> None:
    with pytest.raises(InputError, match="the database refuses a value") as refusal:
        _merge(connection, _item("1", attributes="{secret"))
    assert "secret" not in str(refusal.value)


def _letters(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select namespace, item_id, reason, attempts from pipeline.dead_letters"
        " where version = '*' and stage = 'import' and resolved_at is null order by item_id, namespace"
    ).fetchall()


def test_rows_of_refused_keys_are_dead_until_they_are_mended(connection: Connection) -> None:
    long = "".join(map(str, range(1_000)))[:2_600]
    connection.execute("create schema if not exists catalog")
    # What dbt makes: a view of the rows that are no items.
    connection.execute(
        "create table catalog.refused_catalog_keys as select * from (values"
        " (%(org)s::uuid, 'n', '', 'item_id_missing'), (null, 'n', null, 'org_id_missing'),"
        " (%(org)s, 'n', %(long)s, 'item_id_too_long'), (%(org)s, 'n', %(long)s || '!', 'item_id_too_long'),"
        " (%(org)s, %(long)s, 'cup', 'namespace_too_long')"
        ") as refused (org_id, namespace, item_id, reason)",
        {"org": ORG, "long": long},
    )
    _merge_bad(connection, "bad")
    refuse_keys(connection)
    refuse_keys(connection)

    letters = _letters(connection)
    assert [(reason, attempts) for _, _, reason, attempts in letters] == [
        ("org_id_missing", 1),
        ("item_id_missing", 1),
        *[("item_id_too_long", 1)] * 2,
        ("nul_character", 1),
        ("namespace_too_long", 1),
    ]
    short = [item_id for _, item_id, reason, _ in letters if reason == "item_id_too_long"]
    assert all(item_id.startswith(long[:100] + "… md5 ") for item_id in short)

    connection.execute("delete from catalog.refused_catalog_keys")
    refuse_keys(connection)
    assert [item_id for _, item_id, _, _ in _letters(connection)] == ["bad"]


def _merge_bad(connection: Connection, item_id: str) -> None:
    with connection.transaction():
        with staging(connection) as staged:
            staged.add_bad(1, ItemKey(ORG, "default", item_id), ItemRefused("nul_character"))
        merge(connection, snapshot=False)
