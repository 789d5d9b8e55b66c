"""Kills at any moment at all, several in a row, while the API stumbles: what holds does not depend on where.

Twenty seeds here; ``make chaos`` runs two hundred (CHAOS_SEEDS says how many). A failure names its seed, and the
same seed strikes the same blows again.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext

import pytest

from catalog_embeddings.cli.app import exit_code
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.errors import RunPaused
from tests.faults.catalog import LONGER_BY
from tests.faults.child import Moment, Place
from tests.faults.conftest import Evening, Worker, World, copied

SEEDS = int(os.environ.get("CHAOS_SEEDS", "20"))

MOST_KILLS = 3

# How often a worker asks about the sentence that tells a bad item from a broken API.
CANARIES = 2

DONE, PAUSED = 0, exit_code(RunPaused(""))


@pytest.fixture(scope="session")
def places(
    postgres_server: str,
    evening: Evening,
    running_emulator: Emulator,
    workers: ForkServerContext,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, int]:
    """Every place that a run and a resumed run come to, and how often."""
    folder = tmp_path_factory.mktemp("places")
    came: dict[str, int] = {}
    for first in (None, Moment("catalog_embeddings.lake.parts:store_part", "leave", nth=6)):
        here = folder / str(len(came))
        here.mkdir()
        with copied(postgres_server, evening, here, running_emulator, workers) as world:
            if first is not None:
                world.dies(first)
            assert world.start(places=here / "places").ends() == DONE, world.said()
        came |= json.loads((here / "places").read_text(encoding="utf-8"))
    return came


@pytest.fixture(scope="module")
def tally() -> list[tuple[int, int, int]]:
    """Of each seed that held: the kills, the inputs that were paid for twice, and how many might have been."""
    return []


@pytest.mark.parametrize("seed", range(SEEDS), ids=lambda seed: f"seed-{seed}")
def test_nothing_is_lost_wherever_a_worker_dies(
    world: World, places: dict[str, int], tally: list[tuple[int, int, int]], seed: int
) -> None:
    dice = random.Random(seed)
    world.emulator.faults(latency_s=0.005, rate_of_429=0.1, retry_after=0.01, rate_of_500=0.02, seed=seed)
    blows = [_blow(dice, places) for _ in range(dice.randint(1, MOST_KILLS))]
    kills = 0
    for blow in blows:
        ended = _struck(world, blow)
        kills += ended == -signal.SIGKILL
        assert ended in {-signal.SIGKILL, DONE, PAUSED}, f"after {blows}: {ended}\n{world.said()}"
    while (ended := world.start().ends()) == PAUSED:
        pass
    assert ended == DONE, f"after {blows}: {ended}\n{world.said()}"
    allowed = kills * (world.parallelism * world.batch + LONGER_BY) + CANARIES * len(world.workers)
    world.check(allowed)
    tally.append((kills, world.paid_twice(), allowed))


def test_over_all_seeds(
    tally: list[tuple[int, int, int]],
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    if not tally:
        pytest.skip("no seed was run")
    kills, paid_twice, allowed = map(sum, zip(*tally, strict=True))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(tally)} seeds, {kills} kills: {paid_twice} inputs were paid for twice, {allowed} are allowed\n"
        )
    assert kills >= len(tally) // 2
    assert paid_twice <= allowed
    record_property("fault", f"over {len(tally)} seeds: {kills} kills at any moment, 10 % of 429s, 2 % of 500s")
    record_property("expected", f"at most {allowed:,} inputs paid twice")
    record_property("seen", f"{paid_twice} paid twice")


def _blow(dice: random.Random, places: dict[str, int]) -> Place | float:
    """A place, each as likely as the other however often code comes there; or, one time in four, just some seconds."""
    if dice.random() < 0.25:
        return dice.uniform(0, 0.6)
    name = dice.choice(sorted(places))
    return Place(name, dice.randint(1, places[name]))


def _struck(world: World, blow: Place | float) -> int:
    if isinstance(blow, Place):
        return world.start(blow).ends()
    worker: Worker = world.start()
    time.sleep(blow)
    worker.process.kill()
    return worker.ends()
