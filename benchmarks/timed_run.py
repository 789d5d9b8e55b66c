"""One run by the functions that the DAG calls, and the seconds that each of them took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

# Each by its name: what they import is imported here, outside the clock.
from catalog_embeddings.bootstrap import (
    enrich_shard,
    extract_changes,
    finish_run,
    index_run,
    load_shard,
    plan_enrichments,
    plan_runs,
    start_runs,
)

#: The steps of a run in their order.
STEPS = ("start", "extract", "enrich", "plan", "load", "finish", "index")


def timed_run(version: str | None = None, *, index: bool = True) -> dict[str, float]:
    """Run a version, or the one there is; returns the seconds of each step. ``index``: build its index as well.

    Raises:
        CatalogEmbeddingsError: the run failed.
    """
    seconds = dict.fromkeys(STEPS, 0.0)

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        seconds[step] += time.perf_counter() - began

    with timed("start"):
        run_id = start_runs(version, "benchmark")[0]
    with timed("extract"):
        extract_changes([run_id])
    with timed("enrich"):
        for shard in plan_enrichments([run_id]):
            enrich_shard(**shard)
    with timed("plan"):
        shards = plan_runs([run_id])
    with timed("load"):
        for shard in shards:
            load_shard(**shard)
    with timed("finish"):
        finish_run(run_id)
    with timed("index"):
        if index:
            index_run(run_id)
    return seconds
