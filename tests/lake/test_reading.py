"""Reading ahead: in order, whatever is missing or damaged marked as such, and never the whole lake in memory."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest

from catalog_embeddings.errors import ServerFailed, UntrustedAnswer
from catalog_embeddings.lake.reading import read_ahead
from catalog_embeddings.lake.store import Lake


def _bytes(lake: Lake, key: str) -> bytes:
    if key.startswith("damaged"):
        raise UntrustedAnswer(f"{key} is damaged")
    return lake.read(key)


def test_objects_come_in_the_order_they_were_asked_for(lake: Lake) -> None:
    keys = [f"some/{number % 7}-{number}" for number in range(40)]
    for key in keys:
        lake.create(key, key.encode())
    assert list(read_ahead(lake, keys, _bytes)) == [(key, key.encode()) for key in keys]
    assert list(read_ahead(lake, [], _bytes)) == []


def test_what_is_missing_or_damaged_is_marked_and_named(folder_lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    folder_lake.create("some", b"thing")
    asked = ["missing", "some", "damaged"]
    assert list(read_ahead(folder_lake, asked, _bytes)) == [("missing", None), ("some", b"thing"), ("damaged", None)]
    assert "holds no missing" in caplog.text
    assert "damaged is damaged" in caplog.text


def test_a_lake_that_fails_is_no_missing_object(folder_lake: Lake) -> None:
    def fail(_lake: Lake, key: str) -> bytes:
        raise ServerFailed(f"the lake did not read {key}")

    with pytest.raises(ServerFailed, match="did not read some"):
        list(read_ahead(folder_lake, ["some"], fail))


def test_only_a_few_are_read_before_they_are_wanted(folder_lake: Lake) -> None:
    folder_lake.create("some", b"thing")
    asked: list[int] = []

    def endless() -> Iterator[str]:
        for number in count():
            asked.append(number)
            yield "some"

    with closing(read_ahead(folder_lake, endless(), _bytes)) as read:
        for _ in range(3):
            next(read)
    assert len(asked) < 20
