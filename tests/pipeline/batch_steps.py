"""The steps of a run that goes through the Batch API, for the tests of the modules that take part in it."""

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.errors import BatchesUnderWay
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import Pace
from catalog_embeddings.pipeline.ask import Shard
from catalog_embeddings.pipeline.embed import embed_shard
from catalog_embeddings.postgres import runs
from tests.pipeline.conftest import KEY, Steps

QUICK = Pace(first_backoff=0.01, longest_backoff=0.05, read=5.0, request=10.0)
LOOKS = 400

Value = TypeVar("Value")


def shard_of(steps: Steps, lease: Lease, number: int = 0) -> Shard:
    return Shard(lease, steps.version, runs.find_run(steps.connection, lease.run_id).plan_id or "", number)


def opened_api(steps: Steps) -> closing[BatchesApi]:
    return closing(BatchesApi(api_key=KEY, base_url=steps.emulator.url, gate=Gate(1, pace=QUICK)))


def look(steps: Steps, lease: Lease, number: int = 0) -> dict[str, int]:
    """What one worker does: all that can be done now."""
    shard = shard_of(steps, lease, number)
    with opened_api(steps) as bulk, closing(steps.api()) as api:
        return embed_shard(steps.connection, steps.lake, api, shard, steps.limits, batches_api=bulk)


def through(
    steps: Steps, lease: Lease, number: int = 0, meanwhile: Callable[[], None] = lambda: None
) -> dict[str, int]:
    """Look again and again until the shard is done."""
    return again_and_again(lambda: look(steps, lease, number), meanwhile)


def again_and_again(look_once: Callable[[], Value], meanwhile: Callable[[], None] = lambda: None) -> Value:
    """What comes of looking until no batch is under way any more."""
    for _ in range(LOOKS):
        try:
            return look_once()
        except BatchesUnderWay:
            meanwhile()
            time.sleep(0.02)
    raise AssertionError("the batches never ended")


def stats(steps: Steps) -> dict[str, Any]:
    return dict(steps.emulator.stats())


def written(steps: Steps) -> list[tuple[Any, ...]]:
    """The batches as they stand: number, state, requests, inputs, error."""
    return steps.ask("select number, state, requests, inputs, error from pipeline.batches order by number")
