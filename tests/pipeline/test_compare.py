"""Comparing versions: what differs, with what a version is compared, and when it cannot be."""

from dataclasses import replace

import pytest

from catalog_embeddings.domain.version import Chunking, VersionSpec
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.compare import compare, differences
from catalog_embeddings.postgres import embedding_aliases, embedding_versions
from catalog_embeddings.postgres.connection import Connection

SPEC = VersionSpec("emulator", "text-embedding-3-small", 2, "product.v2", "hash", ("title", "brand"))


@pytest.fixture(autouse=True)
def versions(connection: Connection) -> None:
    """Two versions of nothing; v1 is active."""
    embedding_versions.register(connection, "v1", SPEC, "v1")
    embedding_versions.register(connection, "v2", replace(SPEC, dims=3), "v2")
    embedding_aliases.point(connection, "v1", reason="a test")


def test_differences_stand_in_the_order_of_the_spec_and_nothing_else() -> None:
    other = replace(SPEC, dims=8, record_fields=("title",), chunking=replace(Chunking(), max_tokens=100))
    assert [(found.field, found.version, found.against) for found in differences(SPEC, other)] == [
        ("dims", 2, 8),
        ("record_fields", ["title", "brand"], ["title"]),
        ("chunking.max_tokens", 8_000, 100),
    ]
    assert differences(SPEC, SPEC) == ()


def test_a_version_is_compared_with_the_active_one_unless_another_is_named(connection: Connection) -> None:
    found = compare(connection, "v2")
    assert (found.version.version, found.against.version) == ("v2", "v1")
    assert [difference.field for difference in found.spec] == ["dims"]
    assert found.evaluation is None
    assert found.neighbours is not None
    assert (found.neighbours.sample, found.neighbours.overlap) == (0, None)
    assert compare(connection, "v1", "v2", sample=0).neighbours is None


def test_the_last_judged_evaluation_is_repeated(connection: Connection) -> None:
    kept = (
        "insert into embedding_evaluations (version, against, k, ndcg, ndcg_against, low, high, report)"
        " values (%s, %s, 10, %s, %s, -0.1, 0.2, '{}')"
    )
    connection.execute(kept, ["v1", "v2", 0.9, 0.1])
    connection.execute(kept, ["v2", "v1", None, None])
    without = compare(connection, "v2").evaluation
    assert without is not None
    assert without.ndcg is None
    connection.execute(kept, ["v2", "v1", 0.6, 0.5])
    connection.execute(kept, ["v2", "v1", 0.7, 0.5])
    connection.execute(kept, ["v2", "v1", None, None])
    judged = compare(connection, "v2").evaluation
    assert judged is not None
    assert (judged.k, judged.ndcg, judged.ndcg_against, judged.low, judged.high) == (10, 0.7, 0.5, -0.1, 0.2)


def test_what_cannot_be_compared_is_said(connection: Connection) -> None:
    for version, against, sentence in (
        ("v1", None, "there is no other version to compare v1 with: name one with --against"),
        ("v1", "v1", "version v1 cannot be compared with itself"),
        ("v9", None, "there is no embedding version 'v9'"),
        ("v1", "v9", "there is no embedding version 'v9'"),
    ):
        with pytest.raises(InputError, match=sentence):
            compare(connection, version, against)
    embedding_versions.mark_dropped(connection, "v2", None)
    with pytest.raises(InputError, match="version v2 was dropped"):
        compare(connection, "v2")
