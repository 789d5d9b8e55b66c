"""What the tests of the feed share: writing a small file and reading it back as lines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog_embeddings.feed.lines import FeedLine
from catalog_embeddings.feed.reading import open_feed

Write = Callable[[str, bytes | str], Path]
Read = Callable[..., list[FeedLine]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and give its path."""

    def write_file(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def read() -> Read:
    """Every line of a file, good and bad."""

    def read_file(path: Path, **options: Any) -> list[FeedLine]:
        with open_feed(path, **options) as feed:
            return list(feed.lines)

    return read_file
