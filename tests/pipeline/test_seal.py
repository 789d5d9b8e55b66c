"""Sealing: a manifest says how a run left its version, once for each end, and nothing of it is catalog text."""

import json

import pytest
from psycopg.errors import LockNotAvailable

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.seal import Manifest, SealedRow
from catalog_embeddings.errors import RunHeld, ServerFailed
from catalog_embeddings.lake.manifests import manifest_keys, read_manifest
from catalog_embeddings.lake.sealed_rows import read_rows
from catalog_embeddings.pipeline.finish import finish_run
from catalog_embeddings.pipeline.seal import seal_run
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.embedding_versions import find_version
from tests.pipeline.conftest import WORDS, Steps


def _sealed(steps: Steps) -> list[Manifest]:
    """The manifests of all runs, by run."""
    return [read_manifest(steps.lake, key) for key in manifest_keys(steps.lake, "v1")]


def _lines(steps: Steps, manifest: Manifest) -> dict[str, SealedRow]:
    rows = [row for file in manifest.rows for row in read_rows(steps.lake, file.key)]
    assert sum(file.lines for file in manifest.rows) == len(rows)
    return {row.item_id: row for row in rows}


def _planned(steps: Steps) -> Lease:
    """A run in which a lamp changed, a tent is gone and a desk came back before the end, ready to finish."""
    steps.run("run-1")
    steps.version = find_version(steps.connection, "v1")
    steps.put("lamp", title="Zephyrine floor lamp")
    steps.remove("tent")
    steps.found(changed=("lamp",), deleted=("tent", "desk"))
    lease = steps.lease("run-2")
    steps.plan(lease)
    steps.embed(lease)
    return lease


def test_a_first_run_is_sealed_as_the_whole_version(steps: Steps) -> None:
    summary = steps.run("run-1")
    [manifest] = _sealed(steps)
    assert steps.column("select manifest_key from pipeline.runs") == manifest_keys(steps.lake, "v1")
    assert (manifest.run_id, manifest.version, manifest.fence) == ("run-1", "v1", 1)
    assert (manifest.fingerprint, manifest.spec) == (steps.version.fingerprint, steps.version.spec)
    assert manifest.started_at == steps.started
    assert (manifest.rows_held, manifest.complete) == (10, True)
    assert manifest.counts["planned"] == summary.planned == 12
    assert manifest.counts["state"] == "verified"
    lines = _lines(steps, manifest)
    assert len(lines) == 12
    # Two items have nothing to embed: they are tombstones.
    assert {item for item, row in lines.items() if row.part is None} == {"silent", "listed"}
    assert lines["silent"][3:] == (None,) * 5
    held = steps.ask(
        "select org_id, namespace, item_id, 0, record_hash, content_hash, source_updated_at, generated_at"
        " from item_embeddings order by item_id"
    )
    assert sorted(row for row in lines.values() if row.part is not None) == sorted(SealedRow(*row) for row in held)


def test_the_parts_are_named_with_their_hashes(steps: Steps) -> None:
    steps.run("run-1")
    [manifest] = _sealed(steps)
    assert [(part.key, part.sha256, part.bytes, part.texts) for part in manifest.parts] == steps.ask(
        "select part_key, encode(sha256, 'hex'), bytes::int, vectors from pipeline.lake_parts"
    )
    assert [file.key for file in manifest.rows] == steps.lake.keys("rows/v1/run-1/")


def test_a_later_run_seals_what_it_planned(steps: Steps) -> None:
    steps.finish(_planned(steps))
    manifest = _sealed(steps)[1]
    lines = _lines(steps, manifest)
    assert {item: row.part is not None for item, row in lines.items()} == {"lamp": True, "desk": True, "tent": False}
    # The lamp's part is this run's, the desk's an earlier one's.
    runs = {item: manifest.parts[row.part].key.split("/")[1] for item, row in lines.items() if row.part is not None}
    assert runs == {"lamp": "run-2", "desk": "run-1"}
    assert (manifest.rows_held, manifest.complete) == (9, False)


def test_a_run_that_makes_every_row_anew_is_complete(steps: Steps) -> None:
    steps.run("run-1")
    steps.version = find_version(steps.connection, "v1")
    for item in steps.loaded():
        steps.put(item, title=f"Another {item}")
    steps.found(changed=tuple(steps.loaded()))
    steps.run("run-2")
    assert [manifest.complete for manifest in _sealed(steps)] == [True, True]


def test_a_run_that_planned_nothing_seals_nothing(steps: Steps) -> None:
    steps.run("run-1")
    before = steps.lake.keys("")
    steps.found()
    assert steps.run("run-2").state == "verified"
    assert steps.lake.keys("") == before
    assert steps.column("select manifest_key from pipeline.runs where run_id = 'run-2'") == [None]


@pytest.mark.parametrize("state", ["failed", "held"])
def test_a_run_that_does_not_end_well_is_sealed_too(steps: Steps, state: str) -> None:
    lease = steps.lease()
    steps.plan(lease)
    steps.embed(lease)
    if state == "held":
        steps.connection.execute("delete from item_embeddings where item_id = 'lamp'")
    assert steps.finish(lease, 0.0)[0].state == state
    [manifest] = _sealed(steps)
    assert manifest.counts["state"] == state
    assert manifest.rows_held == len(steps.loaded())


def test_a_row_without_an_indexed_part_is_not_sealed_but_made_anew(steps: Steps) -> None:
    lease = _planned(steps)
    [part] = steps.column("select part_key from pipeline.lake_parts where run_id = 'run-2'")
    # What happens to a part that was found damaged after its vectors had been loaded.
    steps.connection.execute("delete from pipeline.lake_parts where part_key = %s", [part])
    summary, error = steps.finish(lease)
    assert (summary.state, summary.unresolved, summary.loaded) == ("held", 1, 1)
    assert str(error) == ("1 of 3 planned items have neither a vector nor a dead letter; run again: it plans them anew")
    assert type(error) is RunHeld
    manifest = _sealed(steps)[1]
    assert _lines(steps, manifest)["lamp"].part is None
    assert (manifest.rows_held, len(steps.loaded())) == (8, 9)
    # dbt compares the record hashes, and no record has this one.
    assert steps.column("select item_id from item_embeddings where record_hash = ''") == ["lamp"]
    steps.found(changed=("lamp",))
    assert steps.run("run-3").embedded == 1
    assert [(each.rows_held, _lines(steps, each)["lamp"].part) for each in _sealed(steps)[2:]] == [(9, 0)]


def test_every_attempt_has_a_number_of_its_own_and_the_last_one_counts(steps: Steps) -> None:
    lease = _planned(steps)
    for _ in range(2):
        with steps.connection.transaction(force_rollback=True):
            steps.finish(lease)
    steps.finish(lease)
    keys = steps.lake.keys("manifests/v1/run-2/")
    assert [key[-15:] for key in keys] == ["0000000002.json", "0000000003.json", "0000000004.json"]
    assert manifest_keys(steps.lake, "v1")[1] == keys[-1]
    assert steps.column("select manifest_key from pipeline.runs where run_id = 'run-2'") == [keys[-1]]
    # The same rows are the same bytes, and so one object.
    assert len(steps.lake.keys("rows/v1/run-2/")) == 1


def test_a_second_end_of_the_same_run_waits_before_it_seals(steps: Steps) -> None:
    lease = _planned(steps)
    with connect(steps.database_url) as late, steps.connection.transaction():
        # What another worker holds that has just begun to end the run, or still loads into it.
        steps.connection.execute("select 1 from pipeline.runs for share")
        late.execute("set lock_timeout = '100ms'")
        with pytest.raises(LockNotAvailable):
            finish_run(late, steps.lake, lease, steps.version, 0.5, steps.started)
    assert steps.lake.keys("manifests/v1/run-2/") == []


def test_without_its_seal_a_run_does_not_end(steps: Steps) -> None:
    lease = _planned(steps)
    (steps.lake_folder / "manifests/v1/run-2").write_text("in the way of a folder")
    with pytest.raises(ServerFailed):
        steps.finish(lease)
    assert steps.column("select state from pipeline.runs where run_id = 'run-2'") == ["planned"]
    assert "tent" in steps.loaded()
    (steps.lake_folder / "manifests/v1/run-2").unlink()
    assert steps.finish(lease)[0].state == "verified"


def test_many_lines_are_several_files(steps: Steps) -> None:
    lease = _planned(steps)
    summary, _ = steps.finish(lease)
    steps.connection.execute(
        "insert into pipeline.run_plan (run_id, org_id, namespace, item_id, change)"
        " select 'run-2', gen_random_uuid(), 'bulk', number::text, 'deleted' from generate_series(4, 10001) as number"
    )
    with steps.connection.transaction():
        seal_run(steps.connection, steps.lake, lease, steps.version, summary, steps.started)
    manifest = _sealed(steps)[1]
    assert [file.lines for file in manifest.rows] == [10_000, 1]
    assert len(_lines(steps, manifest)) == 10_001


def test_nothing_that_is_sealed_is_catalog_text(steps: Steps) -> None:
    steps.run("run-1")
    keys = [*steps.lake.keys("manifests/"), *steps.lake.keys("rows/")]
    sealed = b"".join(steps.lake.read(key) for key in keys)
    rows = [row for manifest in _sealed(steps) for row in _lines(steps, manifest).values()]
    assert json.loads(steps.lake.read(keys[0]))["manifest"]["run_id"] == "run-1"
    for word in WORDS:
        assert word.encode() not in sealed
        assert word not in str(rows)
