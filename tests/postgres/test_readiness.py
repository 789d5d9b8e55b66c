"""Readiness: coverage by place, the last run, and when a version was last written."""

from uuid import UUID

from psycopg.types.json import Jsonb

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.domain.promotion import EVERYWHERE, Place
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.postgres import runs
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.readiness import PlaceCoverage, coverage_of, last_generated_at, last_run


def _hold(connection: Connection, version: EmbeddingVersion, key: ItemKey) -> None:
    connection.execute("select set_config('catalog_embeddings.fingerprint', %s, false)", [version.fingerprint])
    connection.execute(
        "insert into item_embeddings (org_id, namespace, item_id, version, modality, dims, vector, record_hash,"
        " content_hash, source_updated_at, generated_at)"
        " values (%s, %s, %s, 'v1', 'text', 4, '[1,2,3,4]', 'r', 'c', '2026-05-01', '2026-05-02')",
        [key.org_id, key.namespace, key.item_id],
    )


def test_coverage_is_that_of_the_place(connection: Connection, version: EmbeddingVersion, keys: list[ItemKey]) -> None:
    _hold(connection, version, keys[0])
    connection.execute("update analytics.catalog_features_raw set updated_at = '2026-05-01'")
    assert coverage_of(connection, "v1", EVERYWHERE) == PlaceCoverage(items=3, missing=2, stale=0)
    connection.execute("update analytics.catalog_features_raw set updated_at = '2026-05-03'")
    for place in (EVERYWHERE, Place(namespace="default"), Place(keys[0].org_id)):
        assert coverage_of(connection, "v1", place) == PlaceCoverage(items=3, missing=2, stale=1)
    for place in (Place(namespace="shoes"), Place(UUID(int=9))):
        assert coverage_of(connection, "v1", place) == PlaceCoverage(0, 0, 0)
    assert last_generated_at(connection, "v1") is not None
    assert last_generated_at(connection, "v2") is None


def test_what_a_verified_run_has_looked_at_since_is_not_stale(
    connection: Connection, version: EmbeddingVersion, keys: list[ItemKey], lease: Lease
) -> None:
    _hold(connection, version, keys[0])
    connection.execute("update analytics.catalog_features_raw set updated_at = '2026-05-03'")
    for state, stale in (("failed", 1), ("verified", 0)):
        connection.execute("update pipeline.runs set state = %s", [state])
        assert coverage_of(connection, "v1", EVERYWHERE).stale == stale


def test_the_last_run_is_the_one_begun_last_dry_ones_left_out(connection: Connection, lease: Lease) -> None:
    assert last_run(connection, "v1") == ("run-1", "leased")
    runs.open_run(connection, "run-2", "v1", "a test")
    runs.set_previewed(connection, "run-2", {})
    assert last_run(connection, "v1") == ("run-1", "leased")
    assert last_run(connection, "v2") is None
    connection.execute("update pipeline.runs set state = 'failed' where run_id = 'run-1'")
    runs.open_run(connection, "run-3", "v1", "a test")
    set_summary = "update pipeline.runs set state = 'verified', summary = %s where run_id = 'run-3'"
    connection.execute(set_summary, [Jsonb({"planned": 0})])
    assert last_run(connection, "v1") == ("run-1", "failed")
    connection.execute(set_summary, [Jsonb({"planned": 1})])
    assert last_run(connection, "v1") == ("run-3", "verified")
