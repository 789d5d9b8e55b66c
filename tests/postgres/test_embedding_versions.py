"""Versions: a spec is written once and never changed, and no two versions share a name or a spec."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from catalog_embeddings.domain.version import Chunking, EmbeddingVersion, VersionSpec
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.embedding_aliases import point
from catalog_embeddings.postgres.embedding_versions import (
    all_versions,
    dropping_of,
    find_registered,
    find_version,
    lake_due,
    lake_needed,
    mark_dropped,
    mark_lake_removed,
    register,
    set_status,
)


def test_a_version_comes_back_as_it_was_registered(connection: Connection, spec: VersionSpec) -> None:
    spec = replace(spec, chunking=Chunking(max_tokens=100, bytes_per_token=1.5), model_revision="r2", enrichment="e1")
    register(connection, "v1", spec, "fingerprint")
    assert find_version(connection, "v1") == EmbeddingVersion("v1", spec, "fingerprint", "building")


def test_versions_are_listed_oldest_first(connection: Connection, spec: VersionSpec) -> None:
    for name in ("b", "a", "c"):
        register(connection, name, spec, f"fingerprint of {name}")
    assert [found.version for found in all_versions(connection)] == ["b", "a", "c"]


def test_a_name_is_given_once(connection: Connection, version: EmbeddingVersion) -> None:
    with pytest.raises(InputError, match="there is already a version named 'v1'"):
        register(connection, "v1", version.spec, "another fingerprint")


def test_a_spec_is_registered_once(connection: Connection, version: EmbeddingVersion) -> None:
    with pytest.raises(InputError, match="there is already a version with this very spec"):
        register(connection, "v2", version.spec, version.fingerprint)
    assert [found.version for found in all_versions(connection)] == ["v1"]
    assert connection.execute("select to_regclass('item_embeddings_v2')").fetchone() == (None,)


def test_a_name_that_cannot_be_one_is_refused(connection: Connection, spec: VersionSpec) -> None:
    for name in ("V1", "v 1", "", "v-1", "_v1", "v" * 41, 'v"; drop table x'):
        with pytest.raises(InputError, match="lower-case letters, digits and _"):
            register(connection, name, spec, "fingerprint")
    assert all_versions(connection) == []
    register(connection, "v" * 40, spec, "fingerprint")


def test_an_unknown_version_is_answered_with_those_that_are_there(
    connection: Connection, version: EmbeddingVersion
) -> None:
    with pytest.raises(InputError, match=r"there is no embedding version 'v9'; there are: v1$"):
        find_version(connection, "v9")


def test_only_the_status_changes(connection: Connection, version: EmbeddingVersion) -> None:
    set_status(connection, "v1", "candidate")
    assert find_version(connection, "v1") == replace(version, status="candidate")


def test_the_database_refuses_to_change_a_spec(connection: Connection, version: EmbeddingVersion) -> None:
    for change in (
        "model = 'another'",
        "dims = 8",
        "template_hash = ''",
        "fingerprint = 'another'",
        "record_fields = '{title}'",
        "chunking = '{}'",
        "version = 'v2'",
        "created_by = 'another'",
        "model = 'another', status = 'active'",
    ):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="version v1 is immutable"):
            connection.execute(f"update embedding_versions set {change}".encode())
    assert find_version(connection, "v1") == version


def test_what_readers_see_stays_active_whatever_a_run_says(connection: Connection, version: EmbeddingVersion) -> None:
    point(connection, "v1", reason="a test")
    set_status(connection, "v1", "candidate")
    assert find_version(connection, "v1").status == "active"


def test_a_dropped_version_is_known_and_cannot_be_used(connection: Connection, version: EmbeddingVersion) -> None:
    mark_dropped(connection, "v1", None)
    with pytest.raises(InputError, match=r"version v1 was dropped on \d{4}-\d\d-\d\d: its vectors are gone"):
        find_version(connection, "v1")
    found = find_registered(connection, "v1")
    assert (found.status, found.spec) == ("retired", version.spec)
    assert found.dropped_at is not None
    with pytest.raises(InputError, match=r"no embedding version 'v9'; there are: none yet$"):
        find_version(connection, "v9")


def test_a_dropped_spec_may_be_registered_again_under_another_name(
    connection: Connection, version: EmbeddingVersion
) -> None:
    mark_dropped(connection, "v1", None)
    register(connection, "v2", version.spec, version.fingerprint)
    with pytest.raises(InputError, match="a version with this very spec"):
        register(connection, "v3", version.spec, version.fingerprint)
    with pytest.raises(InputError, match="a version named 'v1'"):
        register(connection, "v1", version.spec, "another fingerprint")


def test_the_lake_is_due_when_the_person_said(connection: Connection, version: EmbeddingVersion) -> None:
    for days, due_after in ((None, 30), (7, 7), (None, 7), (0, 0)):
        assert lake_needed(connection) == {"v1"}
        assert lake_due(connection) == []
        mark_dropped(connection, "v1", days)
        found = dropping_of(connection, "v1")
        assert found.lake_due_at - found.dropped_at == timedelta(days=due_after)
        assert found.lake_removed_at is None
    assert (lake_needed(connection), lake_due(connection)) == (set(), ["v1"])
    mark_lake_removed(connection, "v1")
    assert (lake_needed(connection), lake_due(connection)) == (set(), [])
    assert dropping_of(connection, "v1").lake_removed_at is not None


def test_what_readers_see_is_never_marked_as_dropped(connection: Connection, version: EmbeddingVersion) -> None:
    mark_dropped(connection, "v1", None)
    with pytest.raises(psycopg.errors.CheckViolation, match="embedding_versions_dropped_is_retired"):
        point(connection, "v1", reason="a slip of the pen")
