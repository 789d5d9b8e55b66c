"""Loading: a package goes in whole or not at all, once, and never brings back what is gone."""

import numpy as np
import pytest

from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.errors import RunFenced
from catalog_embeddings.lake.parts import Part
from catalog_embeddings.pipeline.load import PACKAGE_TEXTS, PackageLoader
from catalog_embeddings.pipeline.text_vectors import TextVectors
from catalog_embeddings.postgres import run_plan
from tests.pipeline.conftest import Steps

PENDING = "select content_hash from pipeline.run_texts where outcome is null"


@pytest.fixture
def lease(steps: Steps) -> Lease:
    lease = steps.lease()
    steps.plan(lease)
    return lease


@pytest.fixture
def hashes(steps: Steps, lease: Lease) -> list[bytes]:
    """The nine texts of the plan; the first is the one that two items share."""
    return steps.column(
        "select content_hash from pipeline.run_plan where content_hash is not null"
        " group by content_hash order by count(*) desc, min(item_id)"
    )


def _part(hashes: list[bytes], *, chunks: int = 1) -> Part:
    texts = len(hashes)
    vectors = np.random.default_rng(texts).standard_normal((texts * chunks, 16)).astype(np.float32)
    owners = np.repeat(np.arange(texts), chunks)
    return Part(hashes, owners, np.ones(texts * chunks, dtype=np.int64), vectors)


def _stored(part: Part) -> StoredPart:
    key = f"vectors/run-1/00000/{part.content_hashes[0].hex()}.parquet"
    return StoredPart(key, "00" * 32, 1_000, part.content_hashes)


def _loader(steps: Steps, lease: Lease) -> PackageLoader:
    return PackageLoader(steps.connection, lease, steps.version, 0, Spent, lambda _texts: None)


def test_a_package_writes_rows_index_counts_and_outcomes_together(
    steps: Steps, lease: Lease, hashes: list[bytes]
) -> None:
    loader = _loader(steps, lease)
    paid_now = _part(hashes[:2])
    loader.add(TextVectors.of(paid_now), paid_now=_stored(paid_now))
    loader.add(TextVectors.of(_part(hashes[2:3])))
    assert steps.loaded() == []
    loader.flush()
    assert len(steps.loaded()) == 4
    assert steps.ask("select contents, loaded, fence, shard from pipeline.load_packages") == [(3, 4, lease.fence, 0)]
    assert set(steps.column("select content_hash from pipeline.paid_contents")) == set(hashes[:2])
    assert set(steps.column(PENDING)) == set(hashes[3:])
    counts = run_plan.shard_counts(steps.connection, "run-1", 0)
    assert (counts["texts"], counts["embedded"], counts["reused"], counts["loaded"]) == (9, 2, 1, 4)


def test_what_was_spent_since_the_shard_began_is_counted_once(steps: Steps, lease: Lease, hashes: list[bytes]) -> None:
    # An earlier shard of the same process has spent something already.
    spent = [Spent(requests=10, retries=1, tokens=100)]
    loader = PackageLoader(steps.connection, lease, steps.version, 0, lambda: spent[-1], lambda _texts: None)
    for now in (Spent(requests=11, retries=1, tokens=110), Spent(requests=14, retries=3, tokens=115)):
        spent.append(now)
        loader.flush()
    counts = run_plan.shard_counts(steps.connection, "run-1", 0)
    assert (counts["requests"], counts["retries"], counts["tokens"]) == (4, 2, 15)


def test_a_package_is_applied_at_most_once(steps: Steps, lease: Lease, hashes: list[bytes]) -> None:
    for _ in range(2):
        loader = _loader(steps, lease)
        loader.add(TextVectors.of(_part(hashes[:2])))
        loader.flush()
        # Were the package applied again, this would bring the rows back.
        steps.connection.execute("delete from item_embeddings")
    assert steps.loaded() == []
    assert steps.column("select loaded from pipeline.load_packages") == [3]


def test_under_an_old_fence_nothing_is_left_behind(steps: Steps, lease: Lease, hashes: list[bytes]) -> None:
    loader = _loader(steps, lease)
    part = _part(hashes)
    loader.add(TextVectors.of(part), paid_now=_stored(part))
    steps.connection.execute("update pipeline.leases set fence = fence + 1")
    before = run_plan.shard_counts(steps.connection, "run-1", 0)
    with pytest.raises(RunFenced, match="nothing more is written"):
        loader.flush()
    assert steps.loaded() == []
    assert steps.ask("select 1 from pipeline.load_packages union all select 1 from pipeline.lake_parts") == []
    assert run_plan.shard_counts(steps.connection, "run-1", 0) == before
    assert len(steps.column(PENDING)) == 9


def test_a_package_that_fails_leaves_nothing_behind(steps: Steps, lease: Lease, hashes: list[bytes]) -> None:
    loader = _loader(steps, lease)
    part = _part(hashes)
    part.vectors[4] = np.nan
    loader.add(TextVectors.of(part))
    with pytest.raises(Exception, match="NaN not allowed in halfvec"):
        loader.flush()
    assert steps.loaded() == []
    assert steps.ask("select 1 from pipeline.load_packages") == []
    assert len(steps.column(PENDING)) == 9


def test_a_full_package_does_not_wait(steps: Steps, lease: Lease) -> None:
    filler = [number.to_bytes(32) for number in range(PACKAGE_TEXTS)]
    told: list[int] = []
    loader = PackageLoader(steps.connection, lease, steps.version, 0, Spent, told.append)
    loader.add(TextVectors.of(_part(filler[:-1])))
    assert told == []
    loader.add(TextVectors.of(_part(filler[-1:])))
    assert told == [PACKAGE_TEXTS]


def test_the_pieces_of_a_text_become_one_unit_vector(steps: Steps, lease: Lease, hashes: list[bytes]) -> None:
    loader = _loader(steps, lease)
    part = _part(hashes[1:2], chunks=3)
    loader.add(TextVectors.of(part))
    loader.flush()
    mean = part.vectors.astype(np.float64).sum(axis=0)
    [vector] = steps.column("select vector::real[] from item_embeddings")
    assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-3)


def test_an_item_deleted_meanwhile_stays_deleted(steps: Steps, lease: Lease) -> None:
    steps.remove("lamp")
    steps.remove("twin_a")
    steps.embed(lease)
    assert {"lamp", "twin_a"}.isdisjoint(steps.loaded())
    assert "twin_b" in steps.loaded()
    summary, error = steps.finish(lease, 0.5)
    assert (summary.state, error, summary.deleted, summary.loaded, summary.unresolved) == ("verified", None, 2, 8, 0)


def test_an_item_deleted_and_its_late_vector_are_not_found(steps: Steps) -> None:
    steps.run("run-1")
    steps.put("lamp", title="Zephyrine floor lamp")
    steps.found(changed=("lamp",))
    lease = steps.lease("run-2")
    steps.plan(lease)
    steps.remove("lamp")
    steps.embed(lease)
    assert steps.finish(lease)[0].deleted == 1
    assert steps.ask("select 1 from active_item_embeddings where item_id = 'lamp'") == []
    assert "lamp" not in steps.column("select item_id from similar_items('desk', 20)")
    steps.found(deleted=("lamp",))
    assert steps.run("run-3").deleted == 1
    assert "lamp" not in steps.loaded()


def test_a_late_package_of_an_older_plan_does_not_overwrite_a_newer_row(steps: Steps, lease: Lease) -> None:
    steps.run("run-2")
    newer = steps.ask("select item_id, vector::text, generated_at from item_embeddings order by item_id")
    steps.connection.execute("update pipeline.run_plan set source_updated_at = source_updated_at - interval '1 day'")
    steps.connection.execute("update pipeline.run_plan set record_hash = 'older' where run_id = 'run-1'")
    late = Lease("v1", "run-1", steps.column("select fence from pipeline.leases")[0])
    steps.connection.execute("update pipeline.leases set run_id = 'run-1'")
    steps.embed(late)
    assert steps.ask("select item_id, vector::text, generated_at from item_embeddings order by item_id") == newer
