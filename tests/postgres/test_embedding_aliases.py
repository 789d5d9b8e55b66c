"""Aliases: a promotion moves a pointer, the most specific pointer wins, and every move is on record."""

from uuid import UUID

import psycopg
import pytest

from catalog_embeddings.domain.promotion import EVERYWHERE, Place
from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.embedding_aliases import (
    active_version,
    all_aliases,
    any_alias,
    hold,
    own_alias,
    point,
    undo,
)
from catalog_embeddings.postgres.embedding_versions import all_versions, register, set_status

ORG = UUID("00000000-0000-4000-8000-000000000001")
SHOES = Place(namespace="shoes")


def _statuses(connection: Connection) -> dict[str, str]:
    return {found.version: found.status for found in all_versions(connection)}


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


def test_a_move_says_who_when_from_and_to(connection: Connection) -> None:
    first = point(connection, "v1", reason="the first version")
    second = point(connection, "v2", reason="a hunch", namespace="shoes", forced=True, unmet=("It is new.",))
    assert (first.version, first.from_version, first.place) == ("v1", None, EVERYWHERE)
    assert (second.version, second.from_version, second.place) == ("v2", "v1", SHOES)
    assert (second.reason, second.forced, second.unmet) == ("a hunch", True, ("It is new.",))
    assert second.moved_at > first.moved_at
    kept = "select moved_by, moved_at, forced, unmet from embedding_alias_history where to_version = 'v2'"
    assert connection.execute(kept).fetchall() == [(second.moved_by, second.moved_at, True, ["It is new."])]


def test_statuses_follow_the_pointers(connection: Connection) -> None:
    set_status(connection, "v4", "candidate")
    point(connection, "v1", reason="everybody")
    point(connection, "v2", reason="shoes", namespace="shoes")
    assert _statuses(connection) == {"v1": "active", "v2": "active", "v3": "building", "v4": "candidate"}
    point(connection, "v2", reason="everybody")
    assert _statuses(connection) == {"v1": "retired", "v2": "active", "v3": "building", "v4": "candidate"}
    point(connection, "v3", reason="everybody")
    assert _statuses(connection) == {"v1": "retired", "v2": "active", "v3": "active", "v4": "candidate"}


def test_every_place_with_a_pointer_of_its_own_is_listed(connection: Connection) -> None:
    point(connection, "v2", reason="one org", org_id=ORG, namespace="shoes")
    point(connection, "v1", reason="everybody")
    assert all_aliases(connection) == [(EVERYWHERE, "v1"), (Place(ORG, "shoes"), "v2")]
    assert own_alias(connection, EVERYWHERE) == "v1"
    assert own_alias(connection, SHOES) is None


def test_undoing_twice_goes_back_by_two(connection: Connection) -> None:
    for version in ("v1", "v2", "v3"):
        point(connection, version, reason="better")
    first = undo(connection, EVERYWHERE)
    assert (first.version, first.from_version, first.reason) == ("v2", "v3", "undo the promotion of v3")
    assert undo(connection, EVERYWHERE).version == "v1"
    assert active_version(connection) == "v1"
    assert _statuses(connection) == {"v1": "active", "v2": "retired", "v3": "retired", "v4": "building"}


def test_a_promotion_after_an_undo_is_undone_before_the_older_ones(connection: Connection) -> None:
    for version in ("v1", "v2"):
        point(connection, version, reason="better")
    assert undo(connection, EVERYWHERE).version == "v1"
    point(connection, "v3", reason="better still")
    assert undo(connection, EVERYWHERE).version == "v1"
    with pytest.raises(InputError, match=r"v1 is the first version .* at \*: there is none to go back to"):
        undo(connection, EVERYWHERE)
    assert active_version(connection) == "v1"


def test_a_place_that_had_no_pointer_follows_the_general_one_again(connection: Connection) -> None:
    point(connection, "v1", reason="everybody")
    point(connection, "v2", reason="shoes", namespace="shoes")
    point(connection, "v3", reason="everybody")
    assert undo(connection, SHOES).version == "v3"
    assert own_alias(connection, SHOES) is None
    assert _statuses(connection)["v2"] == "retired"
    with pytest.raises(InputError, match="nothing was ever promoted at shoes, or all of it has been taken back"):
        undo(connection, SHOES)
    assert active_version(connection) == "v3"


def test_whoever_moves_a_pointer_waits_for_the_one_before_and_readers_do_not(
    connection: Connection, other_connection: Connection
) -> None:
    point(connection, "v1", reason="everybody")
    other_connection.execute("set lock_timeout = '100ms'")
    with connection.transaction():
        hold(connection)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            point(other_connection, "v2", reason="at the same time")
        assert active_version(other_connection) == "v1"
    assert point(other_connection, "v2", reason="afterwards").from_version == "v1"
