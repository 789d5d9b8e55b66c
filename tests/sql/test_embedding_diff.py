"""embedding_diff: how many of an item's neighbours two versions agree about."""

import psycopg
import pytest

from catalog_embeddings.postgres import embedding_versions
from tests.sql.conftest import Shelf


@pytest.fixture(autouse=True)
def second(shelf: Shelf) -> None:
    """In v2 near and far have changed places."""
    shelf.version("v2", dims=3)
    vectors: dict[str, list[float]] = {"own": [1, 0, 0], "nearer": [4, 1, 0], "near": [-1, 0.5, 0], "far": [1, 1, 0]}
    for item, vector in vectors.items():
        shelf.item(item, vector, version="v2")


def test_a_version_agrees_with_itself(shelf: Shelf) -> None:
    assert shelf.ask("select item_id, shared, overlap from embedding_diff('v1', 'v1', 2)") == [
        (item, 2, 1.0) for item in ("far", "near", "nearer", "own")
    ]


def test_the_least_alike_stand_first(shelf: Shelf) -> None:
    found = shelf.ask("select item_id, namespace, shared, overlap from embedding_diff('v1', 'v2', k => 2)")
    assert found[-2:] == [("nearer", "default", 1, 0.5), ("own", "default", 1, 0.5)]
    assert {item: shared for item, _, shared, _ in found} == {"own": 1, "nearer": 1, "near": 1, "far": 1}
    ((shared, overlap),) = shelf.ask("select shared, overlap from embedding_diff('v1', 'v2', 1) where item_id = 'far'")
    assert (shared, overlap) == (0, 0.0)
    assert {row[0] for row in shelf.ask("select overlap from embedding_diff('v1', 'v2')")} == {1.0}


def test_only_items_of_both_versions_and_of_the_catalog_are_compared(shelf: Shelf) -> None:
    shelf.item("of_v1", [1, 0])
    shelf.item("boot", [1, 0], namespace="shoes")
    shelf.item("boot", [1, 0, 0], namespace="shoes", version="v2")
    shelf.remove("near")
    found = shelf.ask("select item_id, shared, overlap from embedding_diff('v1', 'v2', 5) order by item_id")
    assert found == [("boot", 0, None), ("far", 2, 1.0), ("nearer", 2, 1.0), ("own", 2, 1.0)]


def test_the_sample_is_the_same_every_time(shelf: Shelf) -> None:
    drawn = [shelf.ask("select item_id from embedding_diff('v1', 'v2', 1, sample => 2)") for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 2
    assert drawn[0] != shelf.ask("select item_id from embedding_diff('v1', 'v2', 1, sample => 1)")


def test_what_is_no_version_cannot_be_compared(shelf: Shelf) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match='of "v1" and "v9" one is none'):
        shelf.ask("select * from embedding_diff('v1', 'v9')")


def test_what_was_dropped_cannot_be_compared(shelf: Shelf) -> None:
    embedding_versions.mark_dropped(shelf.connection, "v2", None)
    with pytest.raises(psycopg.errors.RaiseException, match='of "v1" and "v2" one is none, or was dropped'):
        shelf.ask("select * from embedding_diff('v1', 'v2')")
