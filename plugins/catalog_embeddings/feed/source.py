"""Opening a catalog file: what it is by its first bytes, and its content as a stream of bytes.

Knows gzip, archives, and how far a compressed file may expand before it is taken for a bomb. Leaves encodings to
``encoding`` and the formats to their readers.
"""

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from catalog_embeddings.errors import InputError

CHUNK_BYTES = 1 << 20

_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_TAR_OFFSET, _TAR = 257, b"ustar"
_ARCHIVES = (
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "a zip archive or a workbook"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7z archive"),
    (re.compile(rb"Rar!\x1a\x07"), "a rar archive"),
    (re.compile(rb"BZh[1-9]1AY&SY"), "compressed by bzip2"),
    (re.compile(rb"\xfd7zXZ\x00"), "compressed by xz"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "compressed by zstd"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "a workbook of an old office program"),
)


@dataclass(frozen=True, slots=True)
class ExpansionLimit:
    """How far a compressed file may expand: beyond ``free_bytes``, at most to ``ratio`` times its own size."""

    ratio: int = 100
    free_bytes: int = 1 << 30

    def allows(self, expanded: int, compressed: int) -> bool:
        """Whether so many bytes may come out of so many."""
        return expanded <= self.free_bytes or expanded <= self.ratio * compressed


class FeedStream(io.RawIOBase):
    """The content of a file as bytes, decompressed on the way.

    Reading raises InputError where a compressed file is cut off, damaged, or expands beyond the limit.
    """

    def __init__(self, path: Path, *, compressed: bool, limit: ExpansionLimit) -> None:
        super().__init__()
        self._path = path
        self._limit = limit if compressed else None
        self._file = path.open("rb")
        self._content: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=self._file) if compressed else self._file
        self._delivered = 0

    def readable(self) -> bool:
        """A stream to read from."""
        return True

    def position(self) -> int:
        """How far into the file on disk, in bytes."""
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        view = memoryview(buffer)
        try:
            piece = self._content.read(len(view))
        except EOFError:
            raise InputError(f"{self._path}: the gzip file is cut off; fetch it again") from None
        except (gzip.BadGzipFile, zlib.error):
            raise InputError(f"{self._path}: the gzip file is damaged; fetch it again") from None
        self._delivered += len(piece)
        if self._limit and not self._limit.allows(self._delivered, self.position()):
            raise InputError(
                f"{self._path} expands to more than {self._limit.ratio} times its size, as no catalog does: "
                "if you trust it, decompress it and import the result"
            )
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A file that holds text, plain or compressed by gzip, or parquet."""

    path: Path
    compressed: bool
    parquet: bool
    limit: ExpansionLimit

    def open(self) -> FeedStream:
        """Its content from the beginning."""
        return FeedStream(self.path, compressed=self.compressed, limit=self.limit)


def inspect_file(path: Path, limit: ExpansionLimit) -> FeedFile:
    """Look at the first bytes of a file.

    Raises:
        InputError: there is no such file, it is empty, or it is nothing that could be imported.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder: name one file in it")
    if not path.exists():
        raise InputError(f"there is no file {path}")
    if not path.is_file():
        raise InputError(f"{path} is not a regular file; it is read twice, so save it to disk first")
    try:
        head = _head(FeedStream(path, compressed=False, limit=limit))
        compressed = head.startswith(_GZIP)
        if compressed:
            head = _head(FeedStream(path, compressed=True, limit=limit))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if not head:
        raise InputError(f"{path} is empty")
    parquet = head.startswith(_PARQUET)
    _refuse_archives(path, head, compressed, parquet)
    if path.suffix.lower() == ".parquet" and not parquet:
        raise InputError(f"{path} is named like a parquet file, but does not begin like one; fetch it again")
    return FeedFile(path, compressed, parquet, limit)


def _head(stream: FeedStream) -> bytes:
    with stream:
        return stream.read(_TAR_OFFSET + len(_TAR)) or b""


def _refuse_archives(path: Path, head: bytes, compressed: bool, parquet: bool) -> None:
    archive = next((name for magic, name in _ARCHIVES if magic.match(head)), None)
    if head[_TAR_OFFSET:] == _TAR:
        archive = "a tar archive"
    if archive:
        raise InputError(f"{path} is {archive}: unpack it and import the CSV, JSON or parquet file inside")
    if compressed and (parquet or head.startswith(_GZIP)):
        inside = "a parquet file" if parquet else "another gzip file"
        raise InputError(f"{path} is a gzip file around {inside}: decompress it and import that")
