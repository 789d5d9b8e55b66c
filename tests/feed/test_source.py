"""What is no catalog file is refused in one sentence, before anything is read of it as a catalog."""

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.source import ExpansionLimit, FeedStream, inspect_file

CSV = b"item_id,title\n1,Kettle\n"


def _tar() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        member = tarfile.TarInfo("products.csv")
        member.size = len(CSV)
        archive.addfile(member, io.BytesIO(CSV))
    return target.getvalue()


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("products.csv", CSV)
    return target.getvalue()


def _read_all(path: Path, limit: ExpansionLimit) -> bytes:
    with inspect_file(path, limit).open() as stream:
        return stream.readall()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "is empty"),
        ("empty.csv.gz", gzip.compress(b""), "is empty"),
        ("products.zip", _zip(), "a zip archive or a workbook: unpack it"),
        ("products.csv", _zip(), "a zip archive or a workbook: unpack it"),
        ("products.tar", _tar(), "a tar archive: unpack it"),
        ("products.tar.gz", gzip.compress(_tar()), "a tar archive: unpack it"),
        ("products.csv.gz", gzip.compress(gzip.compress(CSV)), "around another gzip file: decompress it"),
        ("products.parquet.gz", gzip.compress(b"PAR1...PAR1"), "around a parquet file: decompress it"),
        ("products.parquet", CSV, "does not begin like one"),
        ("products.csv.bz2", b"BZh91AY&SY...", "compressed by bzip2"),
        ("products.csv.xz", b"\xfd7zXZ\x00...", "compressed by xz"),
        ("products.csv.zst", b"\x28\xb5\x2f\xfd...", "compressed by zstd"),
        ("products.7z", b"7z\xbc\xaf\x27\x1c...", "a 7z archive"),
        ("products.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "a workbook"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_catalog_file_is_refused(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        inspect_file(path, ExpansionLimit())


def test_a_folder_a_missing_file_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, sentence in (
        (tmp_path, "is a folder"),
        (tmp_path / "absent.csv", "there is no file"),
        (tmp_path / "pipe", "not a regular file"),
    ):
        with pytest.raises(InputError, match=sentence):
            inspect_file(path, ExpansionLimit())


def test_a_gzip_file_of_several_members_is_one_text(tmp_path: Path) -> None:
    path = tmp_path / "products.csv.gz"
    path.write_bytes(gzip.compress(CSV) + gzip.compress(b"2,Pan\n"))
    assert _read_all(path, ExpansionLimit()) == CSV + b"2,Pan\n"


def test_a_plain_file_named_like_a_compressed_one_is_read_plainly(tmp_path: Path) -> None:
    path = tmp_path / "products.csv.gz"
    path.write_bytes(CSV)
    assert _read_all(path, ExpansionLimit()) == CSV


def test_a_gzip_file_that_is_cut_off_or_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "products.csv.gz"
    whole = gzip.compress(os.urandom(4_000))
    for content, sentence in ((whole[:-500], "is cut off"), (whole[:-8] + bytes(8), "is damaged")):
        path.write_bytes(content)
        with pytest.raises(InputError, match=sentence):
            _read_all(path, ExpansionLimit())


def test_a_bomb_is_refused_as_soon_as_it_goes_off(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(bytes(30 << 20)))
    with FeedStream(path, compressed=True, limit=ExpansionLimit(100, 2 << 20)) as stream:
        assert len(stream.read(1 << 20) or b"") == 1 << 20
        with pytest.raises(InputError, match="100 times"):
            stream.read(2 << 20)
    assert _read_all(path, ExpansionLimit(ratio=2_000, free_bytes=2 << 20)) == bytes(30 << 20)
    assert _read_all(path, ExpansionLimit(ratio=100, free_bytes=30 << 20)) == bytes(30 << 20)


def test_the_position_is_that_in_the_file_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "products.csv.gz"
    path.write_bytes(gzip.compress(CSV * 10_000))
    with FeedStream(path, compressed=True, limit=ExpansionLimit()) as stream:
        assert stream.position() == 0
        stream.readall()
        assert stream.position() == path.stat().st_size
