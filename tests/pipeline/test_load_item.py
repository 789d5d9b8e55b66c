"""Loading one item beside runs: those that are planned, those that are not, and those that end meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.errors import RunFenced, RunLocked
from catalog_embeddings.lake.parts import Part, store_part
from catalog_embeddings.pipeline.load_item import ITEMS_SHARD, load_item, new_run_id
from catalog_embeddings.pipeline.rendering import Renderer
from catalog_embeddings.postgres import item_embeddings, lake_parts, leases, rebuilds, run_plan
from catalog_embeddings.postgres.catalog_items import find_item
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.halfvecs import halfvecs
from catalog_embeddings.postgres.run_plan import PlannedItem
from tests.pipeline.conftest import Steps


def _load(steps: Steps, item_id: str, angle: float = 1.0) -> str:
    """Load an item with a vector that tells where it is from; returns the run that answers for it."""
    changed = find_item(steps.connection, steps.version, item_id).changed
    text = Renderer(steps.version.spec).render(changed)
    vectors = np.full((1, steps.version.spec.dims), angle, dtype=np.float32)
    run_id = new_run_id()
    if lake_parts.part_of(steps.connection, text.content_hash) is None:
        part = Part([text.content_hash], np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64), vectors)
        lake_parts.record_parts(
            steps.connection, run_id, ITEMS_SHARD, [store_part(steps.lake, run_id, ITEMS_SHARD, part)]
        )
    line = PlannedItem(changed, text.content_hash)
    return load_item(steps.connection, steps.lake, steps.version, run_id, line, vectors, Spent(1, 0, 7))


def _holder(steps: Steps) -> list[tuple[object, ...]]:
    return steps.ask("select run_id, fence, holder from pipeline.leases where version = 'v1'")


@pytest.fixture
def night(steps: Steps) -> Steps:
    steps.run("first")
    return steps


def test_alone_it_is_a_run_of_its_own_and_the_lease_stays_whose_it_was(night: Steps) -> None:
    before = _holder(night)
    night.put("sofa", title="Corduroy sofa")
    run_id = _load(night, "sofa")
    assert run_id.startswith("item-")
    assert _holder(night) == before
    [(state, plan, summary)] = night.ask("select state, plan, summary from pipeline.runs where run_id = %s", run_id)
    assert state == "verified"
    assert (plan["new"], plan["distinct_texts"]) == (1, 1)
    assert (summary["planned"], summary["loaded"], summary["requests"], summary["tokens"]) == (1, 1, 1, 7)


def test_it_becomes_a_line_of_a_plan_that_is_under_way(night: Steps) -> None:
    night.put("stool", title="Three-legged stool")
    night.found(new=("stool",))
    lease = night.lease("second")
    night.plan(lease)
    night.put("sofa", title="Corduroy sofa")
    assert _load(night, "sofa") == "second"
    # The run goes on under its own fence, and answers for both.
    night.embed(lease)
    summary, error = night.finish(lease)
    assert error is None
    assert (summary.planned, summary.loaded, summary.unresolved, summary.embedded) == (2, 2, 0, 2)
    assert {"sofa", "stool"} <= set(night.loaded())


def test_a_newer_record_takes_the_place_of_the_planned_one(night: Steps) -> None:
    night.put("lamp", title="Zephyrine floor lamp")
    night.found(changed=("lamp",))
    lease = night.lease("second")
    night.plan(lease)
    night.put("lamp", title="Zephyrine ceiling lamp")
    _load(night, "lamp", angle=2.0)
    night.embed(lease)
    summary, _ = night.finish(lease)
    assert (summary.planned, summary.loaded, summary.unresolved) == (1, 1, 0)
    wanted = Renderer(night.version.spec).render(find_item(night.connection, night.version, "lamp").changed)
    assert night.column("select content_hash from item_embeddings where item_id = 'lamp'") == [wanted.content_hash]


def test_a_text_that_the_run_has_loaded_already_gets_a_second_item(night: Steps) -> None:
    night.put("stool", title="Three-legged stool")
    night.found(new=("stool",))
    lease = night.lease("second")
    night.plan(lease)
    night.embed(lease)
    night.put("other_stool", title="Three-legged stool")
    assert _load(night, "other_stool") == "second"
    summary, error = night.finish(lease)
    assert error is None
    assert (summary.planned, summary.loaded) == (2, 2)
    [(contents, loaded)] = night.ask(
        "select sum(contents)::int, (select count(*) from pipeline.run_texts where run_id = 'second'"
        " and outcome = 'loaded') from pipeline.load_packages where run_id = 'second'"
    )
    assert contents == loaded == 1


def test_beside_a_run_that_is_not_planned_yet_it_is_a_run_of_its_own(night: Steps) -> None:
    night.put("sofa", title="Corduroy sofa")
    night.found(new=("sofa",))
    record_hash = find_item(night.connection, night.version, "sofa").changed.record_hash
    night.connection.execute("update catalog.changed_catalog_items set record_hash = %s", [record_hash])
    lease = night.lease("second")
    run_id = _load(night, "sofa")
    assert run_id.startswith("item-")
    written = night.ask("select ctid, xmin::text from item_embeddings where item_id = 'sofa'")
    # The other run finds it in its change set, and has nothing to write.
    night.plan(lease)
    night.embed(lease)
    summary, error = night.finish(lease)
    assert error is None
    assert (summary.planned, summary.loaded, summary.embedded) == (1, 1, 0)
    assert night.ask("select ctid, xmin::text from item_embeddings where item_id = 'sofa'") == written


def test_a_run_that_is_planned_while_it_waits_takes_it_up(night: Steps) -> None:
    night.put("stool", title="Three-legged stool")
    night.put("sofa", title="Corduroy sofa")
    night.found(new=("stool",))
    lease = night.lease("second")
    with (
        connect(night.database_url) as blocker,
        connect(night.database_url) as own,
        ThreadPoolExecutor(1) as thread,
    ):
        with blocker.transaction():
            leases.lock(blocker, "v1")
            loading = thread.submit(_load, replace(night, connection=own), "sofa")
            while not night.ask(
                "select 1 from pg_stat_activity where pid = %s and wait_event_type = 'Lock'", own.info.backend_pid
            ):
                assert not loading.done(), "it did not wait"
            night.plan(lease)
        assert loading.result() == "second"
    night.embed(lease)
    summary, error = night.finish(lease)
    assert (summary.planned, summary.loaded, error) == (2, 2, None)


@pytest.mark.parametrize("planned", ["stool", "lamp"], ids=["a new row", "a row that is replaced"])
def test_it_waits_for_the_package_that_brings_the_same_item(night: Steps, planned: str) -> None:
    night.put(planned, title="Three-legged stool")
    night.found(**{"new" if planned == "stool" else "changed": (planned,)})
    lease = night.lease("second")
    night.plan(lease)
    [content_hash] = night.column("select content_hash from pipeline.run_plan where run_id = 'second'")
    with connect(night.database_url) as own, ThreadPoolExecutor(1) as thread:
        with night.connection.transaction():
            item_embeddings.record_package(night.connection, "package", lease, 0, 1)
            item_embeddings.declare_version(night.connection, night.version)
            vectors = halfvecs(np.ones((1, night.version.spec.dims), dtype=np.float32))
            applied = item_embeddings.apply_package(
                night.connection, "package", lease, night.version, [content_hash], vectors
            )
            assert applied == 1
            run_plan.settle_texts(night.connection, "second", [content_hash], "loaded")
            with connect(night.database_url) as feed:
                feed.execute(
                    "update analytics.catalog_features_raw set title = 'Four-legged stool' where item_id = %s",
                    [planned],
                )
            loading = thread.submit(_load, replace(night, connection=own), planned)
            while not night.ask(
                "select 1 from pg_stat_activity where pid = %s and wait_event_type = 'Lock'", own.info.backend_pid
            ):
                assert not loading.done(), "it did not wait"
        assert loading.result() == "second"
    wanted = Renderer(night.version.spec).render(find_item(night.connection, night.version, planned).changed)
    held = night.column(f"select content_hash from item_embeddings where item_id = '{planned}'")
    assert held == [wanted.content_hash]


def test_an_older_record_never_takes_the_place_of_a_newer(night: Steps) -> None:
    stale = find_item(night.connection, night.version, "lamp").changed
    night.put("lamp", title="Zephyrine ceiling lamp")
    _load(night, "lamp")
    held = night.ask("select content_hash, record_hash from item_embeddings where item_id = 'lamp'")
    text = Renderer(night.version.spec).render(stale)
    vectors = np.ones((1, night.version.spec.dims), dtype=np.float32)
    line = PlannedItem(stale, text.content_hash)
    load_item(night.connection, night.lake, night.version, new_run_id(), line, vectors, Spent())
    assert night.ask("select content_hash, record_hash from item_embeddings where item_id = 'lamp'") == held


def test_an_item_that_is_gone_stays_gone(night: Steps) -> None:
    changed = find_item(night.connection, night.version, "lamp").changed
    night.remove("lamp")
    night.connection.execute("delete from item_embeddings where item_id = 'lamp'")
    text = Renderer(night.version.spec).render(changed)
    vectors = np.ones((1, night.version.spec.dims), dtype=np.float32)
    line = PlannedItem(changed, text.content_hash)
    load_item(night.connection, night.lake, night.version, new_run_id(), line, vectors, Spent())
    assert "lamp" not in night.loaded()


def test_a_version_that_is_being_rebuilt_is_left_alone(night: Steps) -> None:
    night.connection.execute("delete from item_embeddings")
    rebuilds.open_rebuild(night.connection, "rebuild-1", "v1", "a test")
    night.put("sofa", title="Corduroy sofa")
    with pytest.raises(RunLocked, match="half rebuilt"):
        _load(night, "sofa")


def test_a_version_that_was_never_run_has_nothing_to_add_to(steps: Steps) -> None:
    with pytest.raises(RunFenced, match="never run"):
        _load(steps, "lamp")


def test_the_seals_stay_whole(night: Steps) -> None:
    night.put("sofa", title="Corduroy sofa")
    _load(night, "sofa")
    held = night.column("select count(*) from item_embeddings where record_hash <> ''")[0]
    night.put("stool", title="Three-legged stool")
    night.found(new=("stool",))
    assert night.run("second").state == "verified"
    manifests = [night.lake.read(key) for key in night.lake.keys("manifests/v1/")]
    assert len(manifests) == 3
    assert any(f'"rows_held": {held}'.encode() in manifest for manifest in manifests)
    assert any(f'"rows_held": {held + 1}'.encode() in manifest for manifest in manifests)
