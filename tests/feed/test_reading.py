"""The right reader for every file, and any text survives every format."""

import codecs
import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.lines import FeedLine
from catalog_embeddings.feed.reading import open_feed

Write = Callable[[str, bytes | str], Path]
Read = Callable[..., list[FeedLine]]

JSON_LINE = '{"item_id": "1", "title": "Kettle"}\n'
CSV = "item_id,title\n1,Kettle\n"

# Whatever a person could write, but NUL and half characters, which are bad lines.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
REAL_TEXTS = st.lists(st.fixed_dictionaries({"item_id": TEXTS, "title": TEXTS}), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("products.csv", CSV, "csv"),
        ("products.tsv", CSV.replace(",", "\t"), "csv"),
        ("products.txt", CSV, "csv"),
        ("products", CSV, "csv"),
        ("products.CSV", "{item_id},[title]\n", "csv"),
        ("products.jsonl", JSON_LINE, "jsonl"),
        ("products.ndjson", JSON_LINE, "jsonl"),
        ("products.json", JSON_LINE, "jsonl"),
        ("products.json", f"[{JSON_LINE}]", "json"),
        ("products", JSON_LINE, "jsonl"),
        ("products.v2.dat", f"  [{JSON_LINE}]", "json"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_the_format_is_found(write: Write, name: str, content: str, kind: str, packed: bool) -> None:
    path = write(f"{name}.gz", gzip.compress(content.encode())) if packed else write(name, content)
    with open_feed(path) as feed:
        assert feed.format == kind
        assert feed.encoding
        assert feed.encoding.name == "utf-8"


@pytest.mark.parametrize(("mark", "encoding"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
@pytest.mark.parametrize("content", [JSON_LINE, f"[{JSON_LINE}]", CSV])
def test_utf_16_is_read_in_every_format(write: Write, read: Read, mark: bytes, encoding: str, content: str) -> None:
    lines = read(write("products.gz", gzip.compress(mark + content.encode(encoding))))
    assert [line.fields for line in lines] == [{"item_id": "1", "title": "Kettle"}]


def test_a_named_encoding_overrules_the_guess(write: Write, read: Read) -> None:
    path = write("products.csv", "item_id,title\n1,Žehlička\n".encode("cp1250"))
    assert read(path)[0].fields["title"] != "Žehlička"
    assert read(path, encoding="cp1250")[0].fields["title"] == "Žehlička"


def test_text_in_another_encoding_than_named_is_refused(write: Write, read: Read) -> None:
    with pytest.raises(InputError, match="no text in utf-16"):
        read(write("products.csv", codecs.BOM_UTF16_LE + CSV.encode("utf-16-le") + b"x"))
    with pytest.raises(InputError, match="no text in utf-7"):
        read(write("products.csv", "item_id,title\n1,+é\n"), encoding="utf-7")


def test_white_space_is_nothing(write: Write, read: Read) -> None:
    with pytest.raises(InputError, match="nothing but white space"):
        read(write("products.jsonl", " \n\n"))


@pytest.mark.parametrize(
    "content", [b"item_id,title\n1,Caf\xe9\n2,\xc3\x89t\xc3\xa9\n", b'{"title": "Caf\xe9 \xc3\xa9\xc3\xa9"}']
)
def test_a_stray_byte_is_half_a_character(write: Write, read: Read, content: bytes) -> None:
    assert "\udce9" in read(write("products", content))[0].fields["title"]


def _as_csv(rows: list[dict[str, Any]], dialect: str) -> str:
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, ["item_id", "title"], dialect=dialect)
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("feed")


def _read_back(path: Path) -> list[dict[str, Any]]:
    with open_feed(path) as feed:
        lines = list(feed.lines)
    assert not any(line.refused for line in lines)
    return [line.fields for line in lines]


# The folder is the same for every example: each one overwrites its file.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(rows=REAL_TEXTS, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_any_text_survives_every_format(scratch: Path, rows: list[dict[str, Any]], encoding: str) -> None:
    files = {
        "a.csv": _as_csv(rows, "excel").encode(encoding),
        "a.tsv": _as_csv(rows, "excel-tab").encode(encoding),
        "a.jsonl": "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(encoding),
        "a.json": json.dumps(rows, ensure_ascii=False, indent=1).encode(encoding),
        "b.jsonl.gz": gzip.compress("\n".join(json.dumps(row) for row in rows).encode(encoding)),
    }
    for name, content in files.items():
        (scratch / name).write_bytes(content)
        assert _read_back(scratch / name) == rows, name
    pq.write_table(pa.Table.from_pylist(rows), scratch / "a.parquet")
    assert _read_back(scratch / "a.parquet") == rows
