"""One run by the functions that the DAG calls, and the seconds that each of them took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from catalog_embeddings import bootstrap

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
        run_id = bootstrap.start_runs(version, "benchmark")[0]
    with timed("extract"):
        bootstrap.extract_changes([run_id])
    with timed("enrich"):
        for shard in bootstrap.plan_enrichments([run_id]):
            bootstrap.enrich_shard(**shard)
    with timed("plan"):
        shards = bootstrap.plan_runs([run_id])
    with timed("load"):
        for shard in shards:
            bootstrap.load_shard(**shard)
    with timed("finish"):
        bootstrap.finish_run(run_id)
    with timed("index"):
        if index:
            bootstrap.index_run(run_id)
    return seconds
