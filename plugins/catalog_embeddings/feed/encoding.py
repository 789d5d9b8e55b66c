"""Which encoding a file is in: by its mark, else UTF-8 if it reads as such, else cp1252.

The whole file is read once for that, because the first letter beyond ASCII may stand at its end; so a compressed
file that is cut off or a bomb is found here, before anything else is begun.
"""

import codecs
import io
from contextlib import closing
from dataclasses import dataclass

from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.source import CHUNK_BYTES, FeedFile, FeedStream

# The longer mark first: that of UTF-16 is the beginning of that of UTF-32.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FALLBACK = "cp1252"


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding by Python's name for it. ``assumed``: nothing in the file proves it."""

    name: str
    assumed: bool = False

    @property
    def errors(self) -> str:
        """How undecodable bytes are decoded: as lone surrogates, which make their line a bad one."""
        return "surrogatepass" if self.name.startswith(("utf-16", "utf-32")) else "surrogateescape"


def named_encoding(name: str) -> Encoding:
    """The encoding a person named.

    Raises:
        InputError: Python knows no such text encoding.
    """
    try:
        "a".encode(name)
    except (LookupError, UnicodeError):
        raise InputError(f"there is no encoding {name!r}; names are such as utf-8, cp1250 or shift_jis") from None
    return Encoding(name)


def detect_encoding(file: FeedFile) -> Encoding:
    """Read the file through and tell its encoding.

    Raises:
        InputError: the file is cut off, damaged, or expands beyond the limit.
    """
    with closing(file.open()) as raw:
        stream = io.BufferedReader(raw, CHUNK_BYTES)
        marked = _marked(stream.peek(4))
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        broken = composed = 0
        while chunk := stream.read(CHUNK_BYTES):
            if marked or (chunk.isascii() and not decoder.getstate()[0]):
                continue
            text = decoder.decode(chunk)
            sound = text.encode("utf-8", "ignore")
            escaped = len(text.encode("utf-8", "surrogateescape")) - len(sound)
            broken += escaped
            # Each letter beyond ASCII takes one byte or more than it has characters.
            composed += len(sound) - (len(text) - escaped)
        broken += len(decoder.getstate()[0])
    if marked:
        return marked
    # A few broken bytes in UTF-8 make a few bad lines; they must not turn every other letter into two.
    return Encoding(FALLBACK, assumed=True) if broken > composed else Encoding("utf-8")


def open_text(file: FeedFile, encoding: Encoding, newline: str = "\n") -> tuple[io.TextIOWrapper, FeedStream]:
    """The file as text, its line ends as they are, and the stream below it, which knows the position."""
    raw = file.open()
    buffered = io.BufferedReader(raw, CHUNK_BYTES)
    return io.TextIOWrapper(buffered, encoding.name, encoding.errors, newline=newline), raw


def _marked(head: bytes) -> Encoding | None:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    # UTF-16 without its mark: every format begins with an ASCII character, whose other byte is zero.
    if head[1:2] == b"\0":
        return Encoding("utf-16-le", assumed=True)
    return Encoding("utf-16-be", assumed=True) if head[:1] == b"\0" else None
