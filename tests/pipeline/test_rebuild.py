"""Rebuilding: every row comes back bit for bit from the lake alone, and what is damaged is named instead of loaded."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.seal import RebuildSummary
from catalog_embeddings.domain.version import Chunking
from catalog_embeddings.errors import InputError, RunFenced, RunHeld, RunLocked
from catalog_embeddings.lake.parts import read_part, store_part
from catalog_embeddings.pipeline.finish import finish_run
from catalog_embeddings.pipeline.rebuild import rebuild_version
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import embedding_aliases, lake_parts, leases, runs
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedding_versions import find_version
from tests.pipeline.conftest import Steps

# Every column, the vector by its bytes.
ROWS = (
    "select org_id, item_id, namespace, version, modality, dims, halfvec_send(vector), record_hash, content_hash,"
    " source_updated_at, generated_at from item_embeddings order by item_id, namespace"
)


def _rows(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(ROWS.encode()).fetchall()


def _rebuild(connection: Connection, steps: Steps) -> tuple[RebuildSummary, RunHeld | None]:
    return rebuild_version(connection, steps.lake, "v1", "a test")


def _three_runs(steps: Steps) -> None:
    """New, changed, deleted, dead and duplicate items, one that came back, and one whose title went to and fro."""
    steps.emulator.faults(poison=["Marrowby"])
    steps.run("run-1")
    steps.version = find_version(steps.connection, "v1")
    steps.emulator.faults(poison=[])
    steps.put("lamp", title="Zephyrine floor lamp")
    steps.put("twin_c", title="Gemini candle holder")
    steps.put("chair", title="Marrowby garden chair")
    steps.remove("desk")
    steps.remove("tent")
    steps.found(new=("twin_c", "chair"), changed=("lamp",), deleted=("desk", "tent"))
    steps.run("run-2")
    steps.put("desk", title="Quillwood standing desk", tags=["office", "oak"])
    steps.put("lamp", title="Zephyrine reading lamp")
    steps.found(new=("desk",), changed=("lamp",))
    steps.run("run-3")


def _forget_everything(connection: Connection) -> None:
    """What a database that was made anew knows, save for the catalog."""
    connection.execute("drop table item_embeddings_v1")
    connection.execute(
        "truncate embedding_versions, embedding_aliases, embedding_alias_history, pipeline.runs, pipeline.leases,"
        " pipeline.lake_parts, pipeline.dead_letters cascade"
    )


@pytest.fixture
def database(connection: Connection) -> Connection:
    """Another database than that of the steps, migrated and empty."""
    return connection


def test_after_several_runs_every_row_comes_back_bit_for_bit(steps: Steps, database: Connection) -> None:
    _three_runs(steps)
    paid = steps.emulator.stats()["requests"]
    told: list[tuple[int, int]] = []
    summary, error = rebuild_version(database, steps.lake, "v1", "a test", lambda done, rows: told.append((done, rows)))
    assert error is None
    assert _rows(database) == _rows(steps.connection)
    assert (summary.state, summary.rows, summary.damaged) == ("verified", 10, ())
    assert told[-1] == (10, 10)
    assert steps.emulator.stats()["requests"] == paid
    assert find_version(database, "v1") == find_version(steps.connection, "v1")
    assert find_version(database, "v1").status == "active"
    assert embedding_aliases.active_version(database) == "v1"
    seen = database.execute("select run_id, state, loaded, requests, error from embedding_runs").fetchall()
    assert seen == [(summary.run_id, "verified", 10, 0, None)]


def test_the_next_run_pays_for_nothing(steps: Steps) -> None:
    _three_runs(steps)
    before = _rows(steps.connection)
    _forget_everything(steps.connection)
    assert _rebuild(steps.connection, steps)[1] is None
    # Also for texts that only an earlier row had, and for items that dbt finds anew.
    steps.version = find_version(steps.connection, "v1")
    steps.put("lamp", title="Zephyrine floor lamp")
    steps.put("late_twin", title="Tarnside tent for two")
    steps.found(new=("late_twin",), changed=("lamp", "vase"))
    paid = steps.paid()
    assert steps.run("run-4").state == "verified"
    assert steps.paid() == paid
    unchanged = {row[1]: row for row in _rows(steps.connection)}
    assert [unchanged[row[1]] for row in before if row[1] not in {"lamp", "vase"}] == [
        row for row in before if row[1] not in {"lamp", "vase"}
    ]


def test_the_catalog_is_not_asked(steps: Steps, database: Connection) -> None:
    _three_runs(steps)
    database.execute("drop table analytics.catalog_features_raw cascade")
    assert _rebuild(database, steps)[1] is None
    assert _rows(database) == _rows(steps.connection)


def test_wide_vectors_of_long_texts_are_averaged_as_they_were(
    database_url: str, extracted_url: str, steps: Steps, database: Connection
) -> None:
    steps.connection.execute("drop table item_embeddings_v1")
    steps.connection.execute("truncate embedding_versions cascade")
    spec = text_spec("emulator", "text-embedding-3-large", dims=3_072)
    steps.version = register_version(steps.connection, "v1", replace(spec, chunking=Chunking(max_tokens=100)))
    for number in range(40):
        title = " ".join(f"Sentence {sentence} of long thing {number}." for sentence in range(number + 1))
        steps.put(f"long-{number}", title=title)
    steps.found(new=tuple(f"long-{number}" for number in range(40)))
    assert steps.run().loaded == 40
    [part] = steps.parts()
    assert len(read_part(steps.lake, part.relative_to(steps.lake_folder).as_posix()).owners) > 100
    assert _rebuild(database, steps)[1] is None
    assert _rows(database) == _rows(steps.connection)


def test_what_a_killed_run_has_paid_for_is_known_again(steps: Steps) -> None:
    steps.run("run-1")
    steps.put("lamp", title="Zephyrine floor lamp")
    steps.found(changed=("lamp",))
    lease = steps.lease("run-2")
    steps.plan(lease)
    steps.embed(lease)
    # Here it dies: its part lies in the lake, and no manifest names it.
    _forget_everything(steps.connection)
    assert _rebuild(steps.connection, steps)[1] is None
    steps.version = find_version(steps.connection, "v1")
    paid = steps.paid()
    assert steps.run("run-3").reused == 1
    assert steps.paid() == paid


def _finish_and_die(steps: Steps, lease: Lease) -> None:
    """A worker that is killed before its commit."""
    with connect(steps.database_url) as dying, dying.transaction():
        finish_run(dying, steps.lake, lease, steps.version, 0.5, steps.started)
        steps.connection.execute("select pg_terminate_backend(%s, 5000)", [dying.info.backend_pid])


def test_an_end_that_was_sealed_but_not_committed_gives_way_to_the_next(steps: Steps, database: Connection) -> None:
    steps.run("run-1")
    for item in ("lamp", "desk"):
        steps.remove(item)
    steps.found(deleted=("lamp", "desk"))
    lease = steps.lease("run-2")
    steps.plan(lease)
    with pytest.raises(psycopg.OperationalError):
        _finish_and_die(steps, lease)
    assert len(steps.lake.keys("manifests/v1/run-2/")) == 1
    # Meanwhile one of the items comes back.
    steps.put("desk", title="Quillwood standing desk")
    assert steps.finish(lease)[0].deleted == 1
    assert len(steps.lake.keys("manifests/v1/run-2/")) == 2
    assert _rebuild(database, steps)[1] is None
    assert _rows(database) == _rows(steps.connection)
    assert "desk" in {row[1] for row in _rows(database)}


def test_a_superseded_workers_manifest_is_not_believed(steps: Steps, database: Connection) -> None:
    steps.run("run-1")
    steps.remove("lamp")
    steps.found(deleted=("lamp",))
    zombie = steps.lease("run-2")
    steps.plan(zombie)
    with steps.connection.transaction(force_rollback=True):
        steps.finish(zombie)
    steps.put("lamp", title="Zephyrine reading lamp", brand="Lumora")
    steps.finish(steps.lease("run-2"))
    # The zombie's manifest came later, but under the older fence.
    [late, _] = steps.lake.keys("manifests/v1/run-2/")
    assert late.endswith(f"/{zombie.fence:010d}-0000000002.json")
    path = steps.lake_folder / late
    path.rename(path.with_name(f"{zombie.fence:010d}-0000000099.json"))
    assert _rebuild(database, steps)[1] is None
    assert "lamp" in {row[1] for row in _rows(database)}


def test_the_fence_never_falls_behind_what_the_lake_has_seen(steps: Steps, database: Connection) -> None:
    for _ in range(4):
        lease = steps.lease("run-1")
    steps.plan(lease)
    steps.embed(lease)
    steps.finish(lease, 0.5)
    _rebuild(database, steps)
    assert database.execute("select fence from pipeline.leases").fetchone() == (lease.fence,)
    runs.open_run(database, "run-2", "v1", "a test")
    assert leases.take(database, "v1", "run-2", "a test", 0.0).fence > lease.fence


def _damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("missing", [False, True], ids=["damaged", "missing"])
def test_a_part_that_cannot_be_trusted_is_named_and_not_loaded(
    steps: Steps, database: Connection, missing: bool
) -> None:
    _three_runs(steps)
    [part] = steps.column("select distinct part_key from pipeline.lake_parts where run_id = 'run-2'")
    of_part = set(
        steps.column(
            "select item_id from item_embeddings natural join pipeline.paid_contents where part_key = %s", part
        )
    )
    if missing:
        (steps.lake_folder / part).unlink()
    else:
        _damage(steps.lake_folder / part)
    summary, error = _rebuild(database, steps)
    assert (summary.state, summary.damaged, summary.rows) == ("held", (part,), 10 - len(of_part))
    assert str(error) == (
        f"{10 - len(of_part)} of 10 rows were rebuilt: 1 objects of the lake are damaged or missing, the first is "
        f"{part}; `catalog-embeddings run --version v1` makes the rest anew, and pays for it again"
    )
    assert of_part
    assert _rows(database) == [row for row in _rows(steps.connection) if row[1] not in of_part]
    assert embedding_aliases.active_version(database) is None
    assert database.execute("select 1 from pipeline.lake_parts where part_key = %s", [part]).fetchall() == []
    assert database.execute("select state, error from embedding_runs").fetchall() == [("held", str(error))]


def test_after_damage_the_next_run_makes_the_rest_anew(steps: Steps) -> None:
    _three_runs(steps)
    [part] = steps.column("select distinct part_key from pipeline.lake_parts where run_id = 'run-2'")
    _forget_everything(steps.connection)
    _damage(steps.lake_folder / part)
    _rebuild(steps.connection, steps)
    steps.version = find_version(steps.connection, "v1")
    steps.found(new=("chair",))
    summary = steps.run("run-4")
    assert (summary.state, summary.embedded, summary.loaded) == ("verified", 1, 1)
    assert embedding_aliases.active_version(steps.connection) == "v1"
    before = _rows(steps.connection)
    # What is damaged is needed no more: the new part takes its place.
    _forget_everything(steps.connection)
    assert _rebuild(steps.connection, steps)[1] is None
    assert _rows(steps.connection) == before


def test_a_damaged_part_that_no_row_needs_does_no_harm(steps: Steps, database: Connection) -> None:
    _three_runs(steps)
    steps.put("chair", title="Marrowby rocking chair")
    steps.found(changed=("chair",))
    steps.run("run-4")
    [part] = steps.column("select distinct part_key from pipeline.lake_parts where run_id = 'run-2'")
    _damage(steps.lake_folder / part)
    summary, error = _rebuild(database, steps)
    assert (error, summary.damaged) == (None, ())
    assert _rows(database) == _rows(steps.connection)


@pytest.mark.parametrize("folder", ["rows/v1/run-2", "manifests/v1/run-2"])
def test_a_damaged_line_of_the_history_holds_the_rebuild(steps: Steps, database: Connection, folder: str) -> None:
    _three_runs(steps)
    [path] = (steps.lake_folder / folder).iterdir()
    _damage(path)
    summary, error = _rebuild(database, steps)
    assert (summary.state, summary.damaged) == ("held", (path.relative_to(steps.lake_folder).as_posix(),))
    assert path.name in str(error)
    original = _rows(steps.connection)
    # The items of the other runs are right; the next run mends those of this one.
    assert {row for row in _rows(database) if row[1] in {"desk", "lamp", "vase"}} == {
        row for row in original if row[1] in {"desk", "lamp", "vase"}
    }


def test_a_lost_manifest_shows_in_the_count(steps: Steps, database: Connection) -> None:
    _three_runs(steps)
    [path] = (steps.lake_folder / "manifests/v1/run-2").iterdir()
    path.unlink()
    summary, error = _rebuild(database, steps)
    assert (summary.state, summary.rows) == ("held", 9)
    assert str(error).startswith("9 rows were rebuilt, but run run-3 left 10: a manifest is missing in the lake")
    assert embedding_aliases.active_version(database) is None


def test_a_version_that_holds_rows_is_left_alone(steps: Steps, database: Connection) -> None:
    steps.run("run-1")
    before = _rows(steps.connection)
    with pytest.raises(InputError, match="version v1 holds rows in this database, and a rebuild fills an empty one"):
        _rebuild(steps.connection, steps)
    assert _rows(steps.connection) == before
    assert _rebuild(database, steps)[1] is None
    with pytest.raises(InputError, match="holds rows"):
        _rebuild(database, steps)
    assert database.execute("select count(*) from pipeline.runs").fetchone() == (1,)


def test_a_version_of_another_spec_is_left_alone(steps: Steps, database: Connection) -> None:
    steps.run("run-1")
    register_version(database, "v1", text_spec("emulator", "text-embedding-3-small", dims=8))
    with pytest.raises(InputError, match="has another spec in this database"):
        _rebuild(database, steps)


def test_a_lake_that_knows_nothing_of_the_version_is_said_so(steps: Steps, database: Connection) -> None:
    with pytest.raises(InputError, match="holds no manifest of version v1: is CATALOG_EMBEDDINGS_LAKE_URL"):
        _rebuild(database, steps)
    assert database.execute("select count(*) from embedding_versions").fetchone() == (0,)


def test_a_version_that_is_worked_on_is_not_rebuilt(steps: Steps, database: Connection, database_url: str) -> None:
    steps.run("run-1")
    register_version(database, "v1", steps.version.spec)
    runs.open_run(database, "run-9", "v1", "another")
    leases.take(database, "v1", "run-9", "another", 0.0)
    with connect(database_url) as late, pytest.raises(RunLocked, match="locked by run run-9"):
        _rebuild(late, steps)


def _many(steps: Steps, items: int) -> None:
    names = [f"bulk-{number}" for number in range(items)]
    steps.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title)"
        " select gen_random_uuid(), item, 'A bulky thing called ' || item from unnest(%s::text []) as item",
        [names],
    )
    steps.found(new=tuple(names))
    steps.run("run-1")


class _Died(Exception):
    pass


def test_after_a_crash_the_same_rebuild_goes_on(steps: Steps, database: Connection, database_url: str) -> None:
    _many(steps, 3_000)

    def die(done: int, rows: int) -> None:
        raise _Died

    with connect(database_url) as dying, pytest.raises(_Died):
        rebuild_version(dying, steps.lake, "v1", "a test", die)
    written = database.execute("select count(*) from item_embeddings").fetchone() or (0,)
    assert 0 < written[0] < 3_000
    # Nobody else may take it up, or pay for what it lacks.
    with pytest.raises(RunLocked, match=r"version v1 is half rebuilt by run rebuild-.*`catalog-embeddings rebuild"):
        runs.unfinished_run(database, "v1")
    told: list[tuple[int, int]] = []
    summary, error = rebuild_version(database, steps.lake, "v1", "a test", lambda done, rows: told.append((done, rows)))
    assert (error, summary.rows) == (None, 3_000)
    assert all(done > written[0] for done, _ in told)
    assert summary.parts < len(steps.parts())
    assert _rows(database) == _rows(steps.connection)
    assert database.execute("select sum(loaded) from pipeline.load_packages").fetchone() == (3_000,)
    assert database.execute("select count(*) from pipeline.lake_parts").fetchone() == (len(steps.parts()),)
    assert runs.unfinished_run(database, "v1") is None


def test_a_superseded_rebuild_writes_nothing_more(steps: Steps, database: Connection, database_url: str) -> None:
    _many(steps, 3_000)
    with connect(database_url) as other:
        written: list[int] = []

        def supersede(done: int, rows: int) -> None:
            written.append(done)
            other.execute("update pipeline.leases set fence = fence + 1")

        with pytest.raises(RunFenced):
            rebuild_version(database, steps.lake, "v1", "a test", supersede)
    assert database.execute("select count(*) from item_embeddings").fetchone() == (written[0],)


def test_each_row_of_a_text_that_was_paid_for_twice_keeps_its_own_vector(steps: Steps, database: Connection) -> None:
    steps.run("run-1")
    [(key,)] = steps.ask("select part_key from pipeline.lake_parts")
    part = read_part(steps.lake, key)
    other = store_part(steps.lake, "run-0", 0, replace(part, vectors=-part.vectors))
    lake_parts.record_parts(steps.connection, "run-0", 0, [other])
    steps.connection.execute("update pipeline.paid_contents set part_key = %s", [other.key])
    steps.put("third_twin", title="Gemini candle holder")
    steps.found(new=("third_twin",))
    steps.run("run-2")
    assert steps.column("select count(distinct vector) from item_embeddings where item_id like '%%twin%%'") == [2]
    assert _rebuild(database, steps)[1] is None
    assert _rows(database) == _rows(steps.connection)
