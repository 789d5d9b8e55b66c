"""The encoding is found by its mark or by reading the file through, and a few bad bytes do not sway it."""

import codecs
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.encoding import Encoding, detect_encoding, named_encoding, open_text
from catalog_embeddings.feed.source import CHUNK_BYTES, ExpansionLimit, inspect_file

Write = Callable[[str, bytes | str], Path]

TEXT = "item_id,title\n1,Théière à induction – 5 €\n"


def _detect(path: Path) -> Encoding:
    return detect_encoding(inspect_file(path, ExpansionLimit()))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), Encoding("utf-8")),
        (b"item_id,title\n1,Kettle\n", Encoding("utf-8")),
        (codecs.BOM_UTF8 + TEXT.encode(), Encoding("utf-8-sig")),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), Encoding("utf-16")),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), Encoding("utf-16")),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), Encoding("utf-32")),
        (TEXT.encode("utf-16-le"), Encoding("utf-16-le", assumed=True)),
        (TEXT.encode("utf-16-be"), Encoding("utf-16-be", assumed=True)),
        (TEXT.encode("cp1252"), Encoding("cp1252", assumed=True)),
    ],
)
def test_an_encoding_is_found_and_read(write: Write, content: bytes, encoding: Encoding) -> None:
    path = write("products.csv", content)
    assert _detect(path) == encoding
    text, _ = open_text(inspect_file(path, ExpansionLimit()), encoding)
    with text:
        assert text.read() in {TEXT, "item_id,title\n1,Kettle\n"}


def test_one_stray_byte_does_not_make_a_file_cp1252(write: Write) -> None:
    assert _detect(write("products.csv", TEXT.encode() + b"2,Caf\xe9\n")) == Encoding("utf-8")


def test_the_last_byte_of_a_large_file_counts(write: Write) -> None:
    plain = b"1,Kettle\n" * (2 * CHUNK_BYTES // 9)
    assert _detect(write("a.csv", plain + b"2,Caf\xe9")) == Encoding("cp1252", assumed=True)


def test_a_letter_divided_between_two_chunks_is_whole(write: Write) -> None:
    for shift in range(3):
        content = b"x" * (CHUNK_BYTES - shift) + "€".encode()
        assert _detect(write("a.csv", content)) == Encoding("utf-8")


def test_a_marked_file_is_read_through_as_well(write: Write) -> None:
    cut = gzip.compress(codecs.BOM_UTF8 + TEXT.encode() * 100)[:-9]
    with pytest.raises(InputError, match="is cut off"):
        _detect(write("products.csv.gz", cut))


def test_a_named_encoding_has_to_exist() -> None:
    assert named_encoding("shift_jis") == Encoding("shift_jis")
    for name in ("utf-9", "base64", ""):
        with pytest.raises(InputError, match="there is no encoding"):
            named_encoding(name)
