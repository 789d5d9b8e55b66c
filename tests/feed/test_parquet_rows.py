"""Parquet rows as Python values; what is damaged is refused, what Python has no value for costs its row."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.lines import FeedLine
from catalog_embeddings.feed.reading import open_feed
from catalog_embeddings.feed.source import ExpansionLimit

Write = Callable[[str, bytes | str], Path]
Read = Callable[..., list[FeedLine]]


@pytest.fixture
def products(tmp_path: Path) -> Callable[..., Path]:
    def write_table(columns: dict[str, Any], **options: Any) -> Path:
        path = tmp_path / "products.parquet"
        pq.write_table(pa.table(columns), path, **options)
        return path

    return write_table


def test_values_keep_their_types(products: Callable[..., Path], read: Read) -> None:
    attributes = pa.array([[("colour", "red")], None], pa.map_(pa.string(), pa.string()))
    path = products(
        {
            "item_id": [1, 2],
            "title": pa.array(["Kettle", None]).dictionary_encode(),
            "tags": [["a", "b"], []],
            "attributes": attributes,
            "price": pa.array([Decimal("12.50"), None]),
            "released": [date(2024, 2, 29), None],
        }
    )
    lines = read(path)
    assert [line.number for line in lines] == [1, 2]
    assert lines[0].fields == {
        "item_id": 1,
        "title": "Kettle",
        "tags": ["a", "b"],
        "attributes": {"colour": "red"},
        "price": Decimal("12.50"),
        "released": date(2024, 2, 29),
    }
    assert lines[1].fields["title"] is None


def test_nan_is_no_value(products: Callable[..., Path], read: Read) -> None:
    [first, second] = read(products({"item_id": [3920564.0, float("nan")]}))
    assert (first.fields["item_id"], second.fields["item_id"]) == (3920564.0, None)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (pa.timestamp("ns"), datetime.fromisoformat("2025-01-01T00:00:00")),
        (pa.timestamp("ns", "America/New_York"), datetime(2025, 1, 1, tzinfo=UTC)),
        (pa.timestamp("s", "UTC"), datetime(2025, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_of_any_unit_are_read(
    products: Callable[..., Path], read: Read, kind: pa.DataType, expected: datetime
) -> None:
    seconds = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
    # A nanosecond more than Python can say.
    count = seconds * 10**9 + 1 if kind.unit == "ns" else seconds
    path = products({"item_id": ["1"], "updated_at": pa.array([count], kind)})
    [line] = read(path)
    assert line.fields["updated_at"] == expected


def test_a_value_that_python_has_not_costs_its_row(products: Callable[..., Path], read: Read) -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\3\0\0\0\4\0\0\0"), pa.py_buffer(b"a\xff\xfeb")]
    )
    lines = read(products({"item_id": ["1", "2", "3"], "title": broken}))
    assert [(line.fields["item_id"], line.refused and line.refused.reason) for line in lines] == [
        ("1", None),
        ("2", "unreadable_value"),
        ("3", None),
    ]


def test_what_is_damaged_is_refused(products: Callable[..., Path], read: Read, write: Write) -> None:
    whole = products({"item_id": [str(n) for n in range(5_000)]}, write_page_checksum=True).read_bytes()
    spoilt = bytearray(whole)
    spoilt[len(whole) // 3] ^= 0xFF
    for content in (whole[:-100], whole[:200], b"PAR1", b"PAR1" + bytes(100) + b"PAR1", bytes(spoilt)):
        with pytest.raises(InputError, match="cut off or damaged"):
            read(write("damaged.parquet", content))


def test_a_bomb_is_refused(products: Callable[..., Path], read: Read) -> None:
    path = products({"item_id": pa.array(["same"] * 300_000)})
    with pytest.raises(InputError, match="100 times"):
        read(path, limit=ExpansionLimit(ratio=100, free_bytes=1 << 16))


def test_the_position_reaches_the_end(products: Callable[..., Path]) -> None:
    path = products({"item_id": [str(n) for n in range(2_500)]})
    with open_feed(path) as feed:
        assert feed.position() == 0
        assert len(list(feed.lines)) == 2_500
        assert feed.position() == path.stat().st_size


def test_the_name_does_not_matter(products: Callable[..., Path]) -> None:
    path = products({"item_id": ["1"]})
    renamed = path.rename(path.with_name("products.dat"))
    with open_feed(renamed) as feed:
        assert feed.format == "parquet"
