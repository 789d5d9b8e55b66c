"""A piece of the lake that holds vectors."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredPart:
    """Where a part lies, the hash (hex) of its bytes and their number, and the texts it holds vectors of."""

    key: str
    sha256: str
    size: int
    content_hashes: list[bytes]
