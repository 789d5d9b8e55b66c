"""Extracting: dbt finds what is new, changed and gone, and a second look after a run finds nothing."""

from pathlib import Path

from catalog_embeddings.pipeline.extract import extract_changes
from catalog_embeddings.postgres import run_plan
from catalog_embeddings.postgres.run_plan import ChangeCounts
from tests.pipeline.conftest import Steps


def test_after_a_run_only_what_really_changed_is_found(steps: Steps, tmp_path: Path) -> None:
    first = run_plan.change_counts(steps.connection, "v1")
    assert first == ChangeCounts(items=12, new=12, changed=0, unchanged=0, deleted=0, refused=0)
    steps.run()
    rows = "select item_id, xmin from item_embeddings order by item_id"
    before, paid = steps.ask(rows), steps.paid()

    steps.put("lamp", title="Zephyrine floor lamp")
    steps.put("desk", title="  Quillwood  standing desk")  # the same once it is cleaned
    steps.connection.execute("update analytics.catalog_features_raw set metadata_version = 'm2', updated_at = now()")
    steps.remove("rug")
    steps.put("newcomer", title="Marrowby bar stool")
    statuses = extract_changes(steps.connection, steps.database_url, tmp_path / "dbt")

    assert {status.status for status in statuses} <= {"success", "pass"}
    assert {"changed_catalog_items", "deleted_catalog_items", "catalog_change_counts"} <= {s.name for s in statuses}
    counts = run_plan.change_counts(steps.connection, "v1")
    assert counts == ChangeCounts(items=12, new=1, changed=1, unchanged=8, deleted=1, refused=2)
    summary = steps.run("run-2")
    assert (summary.planned, summary.loaded, summary.deleted, summary.dead) == (3, 2, 1, 0)
    assert steps.paid() == (paid[0] + 2, 0)
    touched = {item for item, _ in set(before) ^ set(steps.ask(rows))}
    assert touched == {"lamp", "rug", "newcomer"}
