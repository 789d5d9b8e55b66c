"""Four workers of one deployment, each a process of its own, share the requests that may be in flight."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable

import pytest

from catalog_embeddings import bootstrap
from tests.river.conftest import River

WORKERS = 4
PARALLELISM = 10
# The plan is read in batches of so many, and where requests are few and small each of them makes a shard.
TEXTS_PER_SHARD = 2_000

LOAD = "import sys; from catalog_embeddings import bootstrap; bootstrap.load_shard(sys.argv[1], int(sys.argv[2]))"


def test_together_they_never_exceed_the_parallelism(
    river: River, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    items = WORKERS * TEXTS_PER_SHARD
    river.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title)"
        " select %s, 'item-' || n, 'Thing number ' || n from generate_series(1, %s) as n",
        [uuid.UUID(int=1), items],
    )
    monkeypatch.setenv("CATALOG_EMBEDDINGS_BATCH_SIZE", "1")
    monkeypatch.setenv("CATALOG_EMBEDDINGS_PARALLELISM", "1")
    run_id = bootstrap.start_run(None, "a scheduler")
    bootstrap.extract_changes([run_id])
    shards = bootstrap.plan_run(run_id)
    assert len(shards) == WORKERS

    monkeypatch.setenv("CATALOG_EMBEDDINGS_BATCH_SIZE", "32")
    monkeypatch.setenv("CATALOG_EMBEDDINGS_PARALLELISM", str(PARALLELISM))
    river.emulator.faults(latency_s=0.2)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", LOAD, run_id, str(shard)], env=environment, stderr=subprocess.PIPE, text=True
        )
        for shard in shards
    ]
    for worker in workers:
        _, said = worker.communicate()
        assert worker.returncode == 0, said

    summary = bootstrap.finish_run(run_id)
    assert (summary["state"], summary["loaded"]) == ("verified", items)
    stats = river.emulator.stats()
    most = int(str(stats["max_in_flight"]))
    assert most <= PARALLELISM
    # Not by luck: together they did use what they may.
    assert most >= PARALLELISM - WORKERS
    assert (stats["inputs_paid"], stats["inputs_paid_twice"]) == (items, 0)
    record_property("fault", "four workers load four shards of a run at once")
    record_property("expected", "never more than 10 requests in flight over all of them; nothing paid twice")
    record_property("seen", f"at most {most} in flight, {stats['inputs_paid_twice']} paid twice")
