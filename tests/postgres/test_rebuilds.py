"""Rebuilds in the table runs: only into an empty version, one at a time, and gone on with after a crash."""

import pytest

from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.errors import InputError, RunLocked
from catalog_embeddings.postgres import embedding_versions, item_embeddings, rebuilds, runs
from catalog_embeddings.postgres.connection import Connection


def _hold_a_row(connection: Connection, version: EmbeddingVersion) -> None:
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
        connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " values (gen_random_uuid(), 'lamp', %s, 'text', 4, '[1,2,3,4]', '', '')",
            [version.version],
        )


def test_a_rebuild_is_a_run_of_its_own_kind(connection: Connection, version: EmbeddingVersion) -> None:
    assert rebuilds.open_rebuild(connection, "rebuild-1", "v1", "host-1") == "rebuild-1"
    assert connection.execute("select run_id, version, state, started_by, kind from pipeline.runs").fetchall() == [
        ("rebuild-1", "v1", "leased", "host-1", "rebuild")
    ]


def test_an_unfinished_rebuild_is_gone_on_with(connection: Connection, version: EmbeddingVersion) -> None:
    rebuilds.open_rebuild(connection, "rebuild-1", "v1", "host-1")
    _hold_a_row(connection, version)
    assert rebuilds.open_rebuild(connection, "rebuild-2", "v1", "host-2") == "rebuild-1"
    for state in ("verified", "held"):
        connection.execute("update pipeline.runs set state = %s", [state])
        with pytest.raises(InputError, match="version v1 holds rows in this database"):
            rebuilds.open_rebuild(connection, "rebuild-2", "v1", "host-2")


def test_rows_of_another_version_are_no_hindrance(
    connection: Connection, version: EmbeddingVersion, spec: VersionSpec
) -> None:
    embedding_versions.register(connection, "v2", spec, "fingerprint of v2")
    _hold_a_row(connection, embedding_versions.find_version(connection, "v2"))
    assert rebuilds.open_rebuild(connection, "rebuild-1", "v1", "host-1") == "rebuild-1"


def test_no_other_run_takes_up_a_rebuild(connection: Connection, version: EmbeddingVersion) -> None:
    rebuilds.open_rebuild(connection, "rebuild-1", "v1", "host-1")
    sentence = "v1 is half rebuilt by run rebuild-1: `catalog-embeddings rebuild --version v1` goes on with it"
    with pytest.raises(RunLocked, match=sentence):
        runs.unfinished_run(connection, "v1")
    connection.execute("update pipeline.runs set state = 'verified'")
    assert runs.unfinished_run(connection, "v1") is None
