"""Aliases: a promotion moves a pointer, the most specific pointer wins, and every move is on record."""

from uuid import UUID

import psycopg
import pytest

from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.embedding_aliases import active_version, any_alias, point
from catalog_embeddings.postgres.embedding_versions import register

ORG = UUID("00000000-0000-4000-8000-000000000001")


@pytest.fixture(autouse=True)
def versions(connection: Connection, spec: VersionSpec, version: EmbeddingVersion) -> None:
    for name in ("v2", "v3", "v4"):
        register(connection, name, spec, f"fingerprint of {name}")


def test_at_first_nothing_is_active(connection: Connection) -> None:
    assert not any_alias(connection)
    assert active_version(connection) is None


def test_the_most_specific_pointer_wins_the_org_before_the_namespace(connection: Connection) -> None:
    point(connection, "v1", reason="everybody")
    point(connection, "v2", reason="shoes", namespace="shoes")
    point(connection, "v3", reason="one org", org_id=ORG)
    point(connection, "v4", reason="shoes of one org", org_id=ORG, namespace="shoes")
    assert any_alias(connection)
    assert active_version(connection) == "v1"
    assert active_version(connection, namespace="books") == "v1"
    assert active_version(connection, namespace="shoes") == "v2"
    assert active_version(connection, org_id=ORG) == "v3"
    assert active_version(connection, org_id=ORG, namespace="books") == "v3"
    assert active_version(connection, org_id=ORG, namespace="shoes") == "v4"
    assert active_version(connection, org_id=UUID(int=9), namespace="shoes") == "v2"


def test_a_promotion_replaces_the_pointer_and_records_the_move(connection: Connection) -> None:
    point(connection, "v1", reason="the first version")
    point(connection, "v2", reason="better")
    assert active_version(connection) == "v2"
    history = (
        "select from_version, to_version, reason, namespace, org_id from embedding_alias_history order by moved_at"
    )
    assert connection.execute(history).fetchall() == [
        (None, "v1", "the first version", "*", None),
        ("v1", "v2", "better", "*", None),
    ]
    assert connection.execute("select count(*) from embedding_aliases").fetchone() == (1,)


def test_only_a_version_that_is_there_can_be_pointed_at(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        point(connection, "v9", reason="a slip of the pen")
    assert connection.execute("select count(*) from embedding_alias_history").fetchone() == (0,)
