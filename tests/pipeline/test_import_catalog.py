"""A file is in the catalog as a whole or not at all, and importing it again changes nothing."""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.mapping import parse_field_map
from catalog_embeddings.feed.preset import load_preset
from catalog_embeddings.pipeline.import_catalog import ImportOptions, ImportReport, import_catalog
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.resources import SAMPLE_CATALOG

Import = Callable[..., ImportReport]
Item = dict[str, Any]

COUNTS = ("inserted", "updated", "unchanged", "stale", "duplicates", "bad")


@pytest.fixture(scope="module")
def address(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """One database for this module: making one takes longer than most of its tests."""
    with connect(postgres_server) as server:
        server.execute(f"create database test_import_catalog template {migrated_template}".encode())
        yield urlsplit(postgres_server)._replace(path="/test_import_catalog").geturl()
        server.execute("drop database test_import_catalog with (force)")


@pytest.fixture
def connection(address: str) -> Iterator[Connection]:
    """A connection to it, with nothing in the catalog."""
    with connect(address) as opened:
        opened.execute("truncate analytics.catalog_features_raw, pipeline.dead_letters")
        yield opened


@pytest.fixture
def load(connection: Connection, tmp_path: Path) -> Import:
    """Import lines, objects or the content of a file; bad lines are put up with unless told otherwise."""

    def load_items(items: Iterable[Item | str] | bytes, name: str = "products.jsonl", **options: Any) -> ImportReport:
        path = tmp_path / name
        if isinstance(items, bytes):
            path.write_bytes(items)
        else:
            lines = (item if isinstance(item, str) else json.dumps(item) for item in items)
            path.write_text("\n".join(lines), encoding="utf-8")
        report = import_catalog(connection, path, ImportOptions(**{"max_bad": 1.0, **options}))
        assert report.read == sum(getattr(report, name) for name in COUNTS)
        return report

    return load_items


def _changes(report: ImportReport) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: count for name in (*COUNTS, "deleted") if (count := getattr(report, name))}


def _rows(connection: Connection, columns: str = "item_id, title") -> list[tuple[Any, ...]]:
    # The columns are literals of this file.
    query = f"select {columns} from analytics.catalog_features_raw order by namespace, item_id"
    return connection.execute(query.encode()).fetchall()


def _row_versions(connection: Connection) -> list[tuple[Any, ...]]:
    """What changes with any write to a row, even one that writes what was there."""
    return _rows(connection, "item_id, xmin::text, ctid::text")


def _dead(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select item_id, reason, attempts, resolved_at is not null from pipeline.dead_letters "
        "where version = '*' and stage = 'import' order by item_id"
    ).fetchall()


def test_items_arrive_in_their_columns(connection: Connection, load: Import) -> None:
    load(
        [
            {
                "item_id": 7.0,
                "title": "A &amp; B",
                "description": "<p>5 < 6</p>",
                "brand": "Acme",
                "category": "Kettles",
                "attributes": {"power_w": 1_500},
                "tags": ["a", "b"],
                "image_url": "https://example.org/7.jpg?a=1&copy=2",
                "locale": "en-GB",
                "metadata_version": "3",
                "updated_at": "2025-03-11T15:05:00+02:00",
                "colour": "red",
            }
        ],
        namespace="kitchen",
        org_id=UUID(int=5),
    )
    [row] = _rows(connection, "catalog_features_raw.*, updated_at at time zone 'UTC' as utc")
    assert row[:12] == (
        UUID(int=5),
        "7",
        "kitchen",
        "A & B",
        "5 < 6",
        "Acme",
        "Kettles",
        {"power_w": 1_500, "colour": "red"},
        ["a", "b"],
        "https://example.org/7.jpg?a=1&copy=2",
        "en-GB",
        "3",
    )
    assert row[13].isoformat() == "2025-03-11T13:05:00"


def test_the_same_file_again_changes_nothing(connection: Connection, load: Import) -> None:
    items = [{"item_id": str(n), "title": f"Kettle {n}", "a": 1.0, "tags": ["x"]} for n in range(50)]
    assert _changes(load(items)) == {"inserted": 50}
    before = _row_versions(connection)
    assert _changes(load(items)) == {"unchanged": 50}
    assert _row_versions(connection) == before


def test_only_rows_that_differ_are_written(connection: Connection, load: Import) -> None:
    load([{"item_id": "1", "title": "old"}, {"item_id": "2", "title": "same"}])
    [_, untouched] = _row_versions(connection)
    report = load([{"item_id": "1", "title": "new"}, {"item_id": "2", "title": "same"}, {"item_id": "3"}])
    assert _changes(report) == {"inserted": 1, "updated": 1, "unchanged": 1}
    assert _rows(connection) == [("1", "new"), ("2", "same"), ("3", None)]
    assert _row_versions(connection)[1] == untouched


def test_an_older_line_overwrites_nothing(connection: Connection, load: Import) -> None:
    load([{"item_id": "1", "title": "new", "updated_at": "2025-03-02"}])
    older = [{"item_id": "1", "title": "old", "updated_at": "2025-03-01"}]
    assert _changes(load(older)) == {"stale": 1}
    assert _rows(connection) == [("1", "new")]
    assert _changes(load([{"item_id": "1", "title": "new", "updated_at": "2025-03-01"}])) == {"unchanged": 1}
    assert _changes(load([{"item_id": "1", "title": "newer", "updated_at": "2025-03-02"}])) == {"updated": 1}


def test_a_later_time_is_kept_even_where_nothing_else_differs(connection: Connection, load: Import) -> None:
    load([{"item_id": "1", "title": "same", "updated_at": "2025-03-01"}])
    assert _changes(load([{"item_id": "1", "title": "same", "updated_at": "2025-03-03"}])) == {"updated": 1}
    assert _changes(load([{"item_id": "1", "title": "between", "updated_at": "2025-03-02"}])) == {"stale": 1}


def test_without_a_time_a_written_row_is_of_now(connection: Connection, load: Import) -> None:
    load([{"item_id": "1", "title": "a", "updated_at": "2025-03-01"}])
    load([{"item_id": "1", "title": "b"}, {"item_id": "2"}])
    assert _rows(connection, "now() - updated_at < interval '1 minute'") == [(True,), (True,)]


def test_the_last_line_of_an_item_counts(connection: Connection, load: Import) -> None:
    variants = [{"item_id": "1", "title": colour} for colour in ("red", "green", "blue")]
    assert _changes(load([*variants, {"item_id": "2"}])) == {"inserted": 2, "duplicates": 2}
    assert _rows(connection) == [("1", "blue"), ("2", None)]


BAD_LINES = {
    '{"item_id": "1", "ti': "invalid_json",
    "[7]": "not_an_object",
    '{"title": "no id"}': "item_id_missing",
    '{"item_id": ""}': "item_id_missing",
    '{"item_id": true}': "wrong_type",
    json.dumps({"item_id": "x" * 513}): "item_id_too_long",
    '{"item_id": "a\\u0000"}': "nul_character",
    '{"item_id": "\\ud800"}': "lone_surrogate",
}
BAD_ITEMS = {
    '{"item_id": "bad", "title": "a\\u0000b"}': "nul_character",
    '{"item_id": "bad", "a": {"b\\u0000": 1}}': "nul_character",
    '{"item_id": "bad", "title": "a\\ud83d"}': "lone_surrogate",
    '{"item_id": "bad", "a": "\\udfff"}': "lone_surrogate",
    '{"item_id": "bad", "a": NaN}': "number_out_of_range",
    '{"item_id": "bad", "a": -Infinity}': "number_out_of_range",
    '{"item_id": "bad", "a": 1e400}': "number_out_of_range",
    '{"item_id": "bad", "a": ' + "[" * 200 + "]" * 200 + "}": "nested_too_deep",
    '{"item_id": "bad", "title": ["a"]}': "wrong_type",
    '{"item_id": "bad", "updated_at": "infinity"}': "bad_timestamp",
    '{"item_id": "bad", "updated_at": "0044-03-15 BC"}': "bad_timestamp",
    '{"item_id": "bad", "updated_at": "294277-01-01"}': "bad_timestamp",
    '{"item_id": "bad", "tags": {"a": 1}}': "wrong_type",
}


@pytest.mark.parametrize(("line", "reason"), [*BAD_LINES.items(), *BAD_ITEMS.items()])
def test_a_bad_line_is_reported_and_skipped(connection: Connection, load: Import, line: str, reason: str) -> None:
    report = load([{"item_id": "first"}, line, {"item_id": "last"}])
    assert _changes(report) == {"inserted": 2, "bad": 1}
    assert [(bad.line, bad.reason) for bad in report.bad_lines] == [(2, reason)]
    assert _rows(connection, "item_id") == [("first",), ("last",)]
    assert _dead(connection) == ([("bad", reason, 1, False)] if line in BAD_ITEMS else [])


@pytest.mark.parametrize("value", ["70 cm, canvas", ["a"], 7, True])
def test_attributes_that_are_no_object_are_left_to_the_guard(connection: Connection, load: Import, value: Any) -> None:
    assert _changes(load([{"item_id": "1", "attributes": value}])) == {"inserted": 1}
    assert _rows(connection, "attributes") == [(value,)]


@pytest.mark.parametrize("number", ["1e308", "-1e-308", "9" * 4_000, "0.1", "-0.0", "1.0"])
def test_every_number_that_json_text_can_hold_is_taken(connection: Connection, load: Import, number: str) -> None:
    line = f'{{"item_id": "1", "n": {number}}}'
    assert _changes(load([line])) == {"inserted": 1}
    assert _changes(load([line])) == {"unchanged": 1}


def test_a_dead_letter_is_resolved_by_a_good_line(connection: Connection, load: Import) -> None:
    bad, good = next(iter(BAD_ITEMS)), {"item_id": "bad", "title": "fine"}
    load([bad, {"item_id": "1"}])
    load([bad, {"item_id": "1"}])
    assert _dead(connection) == [("bad", "nul_character", 2, False)]
    load([{"item_id": "1"}])
    assert _dead(connection) == [("bad", "nul_character", 2, False)]
    load([good])
    assert _dead(connection) == [("bad", "nul_character", 2, True)]
    load([bad])
    assert _dead(connection) == [("bad", "nul_character", 3, False)]


def test_a_good_line_counts_more_than_a_bad_one_of_the_same_item(connection: Connection, load: Import) -> None:
    report = load([{"item_id": "bad", "title": "fine"}, *BAD_ITEMS])
    assert _changes(report) == {"inserted": 1, "bad": len(BAD_ITEMS)}
    assert (_rows(connection), _dead(connection)) == ([("bad", "fine")], [])


def test_a_dead_letter_says_nothing_of_the_catalog(connection: Connection, load: Import) -> None:
    load([line.replace('"bad", "', '"bad", "note": "secret", "') for line in BAD_ITEMS])
    details = connection.execute("select detail from pipeline.dead_letters").fetchall()
    assert details
    assert "secret" not in str(details)


def test_too_many_bad_lines_import_nothing(connection: Connection, load: Import) -> None:
    load([{"item_id": "1", "title": "before"}])
    lines = [*({"item_id": str(n), "title": "after"} for n in range(98)), *["{"] * 12]
    with pytest.raises(InputError) as refusal:
        load(lines, max_bad=0.01)
    message = str(refusal.value)
    assert "12 of 110 lines are bad and at most 1 % may be" in message
    assert message.count("invalid_json") == 10
    assert "line 99: invalid_json" in message
    assert (_rows(connection), _dead(connection)) == ([("1", "before")], [])


def test_as_many_bad_lines_as_are_allowed_are_put_up_with(load: Import) -> None:
    assert _changes(load([*({"item_id": str(n)} for n in range(99)), "{"], max_bad=0.01)) == {"inserted": 99, "bad": 1}


def test_a_file_without_ids_is_told_how_to_map_them(load: Import) -> None:
    with pytest.raises(InputError, match="--map item_id=FIELD"):
        load([{"id": "1"}, {"id": "2"}], max_bad=0.01)


def test_the_report_lists_the_first_hundred_bad_lines(load: Import) -> None:
    report = load([*["{"] * 150, {"item_id": "1"}])
    assert (report.bad, len(report.bad_lines), report.bad_lines[-1].line) == (150, 100, 100)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("products.csv", b"item_id,title\n"),
        ("products.json", b"[]"),
        ("products.csv", b""),
        ("products.csv.gz", gzip.compress(b"item_id\n1\n" * 100)[:-12]),
        ("products.json", b'[{"item_id": "1"}, {"item_id"'),
    ],
    ids=["header only", "empty array", "empty", "cut off", "broken"],
)
def test_a_file_that_is_refused_deletes_nothing(
    connection: Connection, load: Import, name: str, content: bytes
) -> None:
    load([{"item_id": "1"}])
    with pytest.raises(InputError):
        load(content, name, full=True)
    assert _rows(connection, "item_id") == [("1",)]
    assert _changes(load([{"item_id": "1"}])) == {"unchanged": 1}


def test_a_snapshot_deletes_what_it_lacks_where_it_has_something(connection: Connection, load: Import) -> None:
    load([{"item_id": str(n), "namespace": space} for space in ("books", "shoes") for n in range(3)])
    load([{"item_id": "0", "namespace": "shoes"}], org_id=UUID(int=9))
    report = load([{"item_id": "1", "namespace": "shoes"}, {"item_id": "7", "namespace": "shoes"}], full=True)
    assert _changes(report) == {"inserted": 1, "unchanged": 1, "deleted": 2}
    assert _rows(connection, "namespace, item_id, org_id::text like '%9'") == [
        *(("books", str(n), False) for n in range(3)),
        ("shoes", "0", True),
        ("shoes", "1", False),
        ("shoes", "7", False),
    ]


def test_a_snapshot_keeps_an_item_whose_line_is_bad(connection: Connection, load: Import) -> None:
    load([{"item_id": "1"}, {"item_id": "2"}, {"item_id": "bad", "title": "stays"}])
    report = load([{"item_id": "1"}, next(iter(BAD_ITEMS))], full=True)
    assert _changes(report) == {"unchanged": 1, "bad": 1, "deleted": 1}
    assert _rows(connection) == [("1", None), ("bad", "stays")]


def test_a_snapshot_with_a_line_of_nobody_knows_whom_deletes_nothing(connection: Connection, load: Import) -> None:
    load([{"item_id": "1"}, {"item_id": "2"}])
    report = load([{"item_id": "1"}, "{"], full=True)
    assert _changes(report) == {"unchanged": 1, "bad": 1}
    assert report.notes == ["nothing was deleted: 1 bad lines do not say of which item they are"]


def test_a_snapshot_resolves_the_dead_letters_of_what_is_gone(connection: Connection, load: Import) -> None:
    load([next(iter(BAD_ITEMS)), {"item_id": "1"}])
    load([{"item_id": "1"}], full=True)
    assert _dead(connection) == [("bad", "nul_character", 1, True)]


def test_nothing_is_seen_before_all_is_done(connection: Connection, address: str, tmp_path: Path) -> None:
    path = tmp_path / "products.jsonl"
    path.write_text("\n".join(json.dumps({"item_id": str(n)}) for n in range(2_500)), encoding="utf-8")
    with connect(address) as reader:
        seen: list[int] = []
        import_catalog(connection, path, ImportOptions(), lambda _position: seen.append(len(_rows(reader))))
        assert len(seen) > 2
        assert set(seen) == {0}
        assert len(_rows(reader)) == 2_500


def test_progress_reaches_the_end_of_the_file(connection: Connection, tmp_path: Path) -> None:
    path = tmp_path / "products.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps({"item_id": n}) for n in range(2_500)).encode()))
    positions: list[int] = []
    import_catalog(connection, path, ImportOptions(), positions.append)
    assert positions == sorted(positions)
    assert positions[-1] == path.stat().st_size


def test_a_messy_csv_is_read(connection: Connection, load: Import) -> None:
    content = (
        'sku;title;price;text\r\n1;"Théière; rouge";5,00;"<p>Une&nbsp;ligne</p>\r\n5 < 6"\r\n2;Café;7,00;\r\n;;;\r\n'
    ).encode("cp1252")
    field_map = parse_field_map(["item_id=sku", "description=text", "brand=marque"], ["price"], [])
    report = load(gzip.compress(content), "products.csv.gz", field_map=field_map)
    assert (_changes(report), report.encoding, report.format) == ({"inserted": 2}, "cp1252", "csv")
    assert report.notes == [
        "cp1252 was assumed; --encoding names another encoding",
        "fields that no line had: marque",
    ]
    [(title, description, attributes), second] = _rows(connection, "title, description, attributes")
    assert (title, description.split(), attributes) == ("Théière; rouge", ["Une", "ligne", "5", "<", "6"], None)
    assert second == ("Café", None, None)


def test_bad_characters_in_csv_cost_their_line(connection: Connection, load: Import) -> None:
    content = "item_id,title\n1,Théière à café\n2,a\0b\n3,".encode() + b"Caf\xe9\n"
    assert _changes(load(content, "products.csv")) == {"inserted": 1, "bad": 2}
    assert [row[:2] for row in _dead(connection)] == [("2", "nul_character"), ("3", "lone_surrogate")]


def test_parquet_is_imported_with_its_types(connection: Connection, load: Import, tmp_path: Path) -> None:
    path = tmp_path / "source.parquet"
    columns = {"item_id": [1.0, 2.0, float("nan")], "price": [1.5, None, None], "tags": [["a"], [], None]}
    pq.write_table(pa.table(columns), path)
    report = load(path.read_bytes(), "products.parquet")
    assert (_changes(report), report.format, report.encoding) == ({"inserted": 2, "bad": 1}, "parquet", None)
    assert _rows(connection, "item_id, attributes, tags") == [("1", {"price": 1.5}, ["a"]), ("2", None, None)]


def test_the_sample_catalog_needs_no_map(connection: Connection) -> None:
    report = import_catalog(connection, SAMPLE_CATALOG, ImportOptions())
    assert (report.inserted, report.bad, report.notes) == (300, 0, [])
    assert dict(_rows(connection, "namespace, count(*) over (partition by namespace)")) == {
        "kitchen": 150,
        "outdoor": 150,
    }


def test_icecat_is_imported_by_its_preset(connection: Connection, shared_data: Path) -> None:
    path = shared_data / "icecat" / "products.jsonl.gz"
    options = ImportOptions(field_map=load_preset("icecat"), full=True)
    first = import_catalog(connection, path, options)
    assert (_changes(first), first.notes) == ({"inserted": 19_406}, [])
    before = _row_versions(connection)
    assert _changes(import_catalog(connection, path, options)) == {"unchanged": 19_406}
    assert _row_versions(connection) == before
    filled = "count(title), count(brand), count(image_url), count(category) > 6000, count(description) > 18000"
    query = f"select {filled} from analytics.catalog_features_raw"
    assert connection.execute(query.encode()).fetchone() == (19_406, 19_406, 19_406, True, True)
    volatile = "attributes ?| array['price', 'ean', 'date_released', 'img_high', 'img_thumb']"
    assert not any(found for (found,) in _rows(connection, f"coalesce({volatile}, false)"))
