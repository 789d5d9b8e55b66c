"""What the pipeline's tables say of a dropped version: its runs and letters are closed, its plans and parts named."""

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.postgres import embedding_versions, lake_parts, run_plan, runs
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.dropped_versions import close, forget_parts, plans_of, runs_of


def test_an_unfinished_run_fails_and_open_letters_close(
    connection: Connection, lease: Lease, keys: list[ItemKey], spec: VersionSpec
) -> None:
    embedding_versions.register(connection, "v2", spec, "another")
    runs.open_run(connection, "run-2", "v2", "a test")
    for version in ("v1", "v2", "*"):
        connection.execute(
            "insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason)"
            " values (%s, %s, 'default', 'item-0', 'plan', 'empty_text')",
            [version, keys[0].org_id],
        )
    close(connection, "v1")
    assert (runs.find_run(connection, "run-1").state, runs.find_run(connection, "run-1").error) == (
        "failed",
        "the version was dropped",
    )
    assert runs.find_run(connection, "run-2").state == "leased"
    left = connection.execute("select version from pipeline.dead_letters where resolved_at is null order by version")
    assert left.fetchall() == [("*",), ("v2",)]


def test_runs_plans_and_parts_are_those_of_the_versions(connection: Connection, lease: Lease) -> None:
    runs.freeze(connection, "run-1", "plan-1", {})
    run_plan.add_shard(connection, "run-1", 0, 10)
    run_plan.add_shard(connection, "run-1", 1, 10)
    assert runs_of(connection, ["v1", "v2"]) == {"run-1"}
    assert runs_of(connection, ["v2"]) == set()
    assert plans_of(connection, "v1") == [("plan-1", 0), ("plan-1", 1)]
    for run_id in ("run-1", "run-2"):
        part = StoredPart(f"vectors/{run_id}/00000/{'0' * 64}.parquet", "00", 9, [run_id.encode()])
        lake_parts.record_parts(connection, run_id, 0, [part])
    forget_parts(connection, {"run-1"})
    assert connection.execute("select content_hash from pipeline.paid_contents").fetchall() == [(b"run-2",)]
