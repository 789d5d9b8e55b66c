"""What an evaluation reads: the items versions have in common, and their vectors as they are stored."""

from uuid import UUID

import numpy as np
import pytest

from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.postgres.evaluation import (
    Candidate,
    Coverage,
    Exposure,
    Scope,
    candidate_vectors,
    candidates_of,
    categories_of,
    coverage,
    exposures,
    number_candidates,
    purity_by_chance,
)
from tests.sql.conftest import Shelf

EVERYWHERE = Scope()


@pytest.fixture
def shelf(connection: Connection) -> Shelf:
    """Items a to d in v1; b, c, d and e in v2, turned round and of three dims; c has left the catalog."""
    shelf = Shelf(connection, UUID(int=1), UUID(int=2))
    shelf.version("v1")
    shelf.version("v2", dims=3)
    for number, item in enumerate("abcd"):
        shelf.item(item, [number, 0.1], category="cup" if item in "ab" else "", description="x" * number)
    for number, item in enumerate("bcde"):
        shelf.item(item, [0.1, number, 1], version="v2", category="pan")
    shelf.remove("c")
    return shelf


@pytest.fixture
def versions(shelf: Shelf) -> tuple[EmbeddingVersion, EmbeddingVersion]:
    return find_version(shelf.connection, "v1"), find_version(shelf.connection, "v2")


def _vectors(shelf: Shelf, version: EmbeddingVersion, among: list[int] | None = None) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for numbers, vectors in candidate_vectors(shelf.connection, version, among):
        assert vectors.dtype == np.float16
        assert vectors.shape == (len(numbers), version.spec.dims)
        found |= dict(zip(numbers.tolist(), vectors.tolist(), strict=True))
    return found


def test_candidates_are_what_every_version_and_the_catalog_hold(
    shelf: Shelf, versions: tuple[EmbeddingVersion, EmbeddingVersion]
) -> None:
    first, second = versions
    assert number_candidates(shelf.connection, first, None, EVERYWHERE) == 3
    assert set(candidates_of(shelf.connection, list("abcde"))) == {"a", "b", "d"}
    assert number_candidates(shelf.connection, first, second, EVERYWHERE) == 2
    assert set(candidates_of(shelf.connection, list("abcde"))) == {"b", "d"}
    assert number_candidates(shelf.connection, second, None, EVERYWHERE) == 3


def test_an_item_of_another_namespace_or_org_is_another_item(
    shelf: Shelf, versions: tuple[EmbeddingVersion, EmbeddingVersion]
) -> None:
    shelf.item("d", [1, 1], namespace="shoes")
    shelf.item("b", [1, 1], org=shelf.other_org)
    assert number_candidates(shelf.connection, versions[0], None, EVERYWHERE) == 5
    assert number_candidates(shelf.connection, *versions, EVERYWHERE) == 2


def test_vectors_come_as_they_are_stored_under_the_same_numbers(
    shelf: Shelf, versions: tuple[EmbeddingVersion, EmbeddingVersion]
) -> None:
    first, second = versions
    number_candidates(shelf.connection, first, second, EVERYWHERE)
    b, d = (candidates_of(shelf.connection, ["b", "d"])[item].number for item in "bd")
    assert _vectors(shelf, first) == {b: pytest.approx([1, 0.1], abs=1e-4), d: pytest.approx([3, 0.1], abs=1e-4)}
    assert _vectors(shelf, second) == {b: pytest.approx([0.1, 0, 1], abs=1e-4), d: pytest.approx([0.1, 2, 1], abs=1e-4)}
    assert set(_vectors(shelf, second, [d])) == {d}
    assert _vectors(shelf, second, []) == {}


def test_more_vectors_than_a_piece_holds(shelf: Shelf, versions: tuple[EmbeddingVersion, EmbeddingVersion]) -> None:
    with shelf.connection.transaction():
        shelf.connection.execute("select set_config('catalog_embeddings.fingerprint', 'fingerprint of v1', true)")
        shelf.connection.execute(
            "insert into analytics.catalog_features_raw (org_id, item_id)"
            " select %s, 'many-' || n from generate_series(1, 2100) as n",
            [shelf.org],
        )
        shelf.connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " select org_id, item_id, 'v1', 'text', 2, '[1,1]', 'r', 'c' from analytics.catalog_features_raw"
            " where item_id like 'many-%'"
        )
    assert number_candidates(shelf.connection, versions[0], None, EVERYWHERE) == 2_103
    assert [len(numbers) for numbers, _ in candidate_vectors(shelf.connection, versions[0])] == [1_000, 1_000, 103]
    assert set(_vectors(shelf, versions[0])) == set(range(2_103))


def test_a_record_is_as_rich_as_its_fields_are_long(
    shelf: Shelf, versions: tuple[EmbeddingVersion, EmbeddingVersion]
) -> None:
    shelf.connection.execute(
        """
        update analytics.catalog_features_raw
        set title = null, category = null, description = 'é', tags = array['x'], attributes = '{"a": 1}'
        where item_id = 'a'
        """
    )
    number_candidates(shelf.connection, versions[0], None, EVERYWHERE)
    assert candidates_of(shelf.connection, ["a"]) == {"a": Candidate(0, len('é {"a": 1} {x}'.encode()))}


def test_the_scope_bounds_candidates_and_coverage(
    shelf: Shelf, versions: tuple[EmbeddingVersion, EmbeddingVersion]
) -> None:
    shelf.item("a", [1, 1], namespace="shoes")
    shelf.item("f", [1, 1], org=shelf.other_org)
    shelf.item("no_vector", org=shelf.other_org)
    assert number_candidates(shelf.connection, versions[0], None, EVERYWHERE) == 5
    with pytest.raises(InputError, match="item 'a' stands in several namespaces or orgs: name one with --namespace"):
        candidates_of(shelf.connection, ["a"])
    assert number_candidates(shelf.connection, versions[0], None, Scope(namespace="shoes")) == 1
    assert set(candidates_of(shelf.connection, ["a", "b"])) == {"a"}
    other = Scope(org_id=shelf.other_org)
    assert number_candidates(shelf.connection, versions[0], None, other) == 1
    assert coverage(shelf.connection, versions[0], EVERYWHERE) == Coverage(7, 5, 1)
    assert coverage(shelf.connection, versions[0], other) == Coverage(2, 1, 0)
    assert coverage(shelf.connection, versions[1], Scope(namespace="shoes")) == Coverage(1, 0, 0)


def test_categories_and_what_chance_would_make_of_them(
    shelf: Shelf, versions: tuple[EmbeddingVersion, EmbeddingVersion]
) -> None:
    number_candidates(shelf.connection, versions[0], None, EVERYWHERE)
    numbers = {item: found.number for item, found in candidates_of(shelf.connection, list("abd")).items()}
    assert categories_of(shelf.connection, [numbers["a"], numbers["d"]]) == {numbers["a"]: "cup", numbers["d"]: None}
    assert purity_by_chance(shelf.connection) == 1
    shelf.connection.execute("update analytics.catalog_features_raw set category = item_id where item_id <> 'd'")
    number_candidates(shelf.connection, versions[0], None, EVERYWHERE)
    assert purity_by_chance(shelf.connection) == 0
    shelf.connection.execute("update analytics.catalog_features_raw set category = null")
    number_candidates(shelf.connection, versions[0], None, EVERYWHERE)
    assert purity_by_chance(shelf.connection) is None


def test_exposures_are_added_up_and_what_was_never_shown_is_left_out(shelf: Shelf) -> None:
    shelf.connection.execute(
        "insert into analytics.recommendation_events (version, impressions, clicks)"
        " values ('v1', 100, 3), ('v1', 50, 0), ('v2', 0, 0), ('v3', 9, 9)"
    )
    assert exposures(shelf.connection, ["v1", "v2"]) == [Exposure("v1", 150, 3)]
