"""Whatever a feed and a run's deaths do in whatever order: once a run comes through, everything holds.

hypothesis makes up the nights: items come, change, change back and go; runs are killed at named moments, once or
several times, the API stumbles, a version is promoted and taken back, and in between a run comes through. A failure
is shrunk to the shortest such story.
"""

import signal
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, cast

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from catalog_embeddings.cli.app import exit_code
from catalog_embeddings.domain.promotion import EVERYWHERE
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.errors import ThresholdExceeded
from catalog_embeddings.pipeline.promote import promote, rollback
from catalog_embeddings.pipeline.register import register_version, text_spec
from tests.faults import catalog
from tests.faults.conftest import Evening, World, copied
from tests.faults.crash_points import CRASH_POINTS

# Few items, so that stories meet again what they did before; "plain_00" and "gone_0" have a row from the first night.
ITEMS = st.sampled_from(["plain_00", "plain_01", "gone_0", "new_a", "new_b"])
TITLES = st.sampled_from(["lamp", "lantern", f"{catalog.POISON} lamp", "candle holder", None])
MOMENTS = st.sampled_from([moment for point in CRASH_POINTS for moment in point.moments])

# How a run ends that comes through: well, or with too much that the API refuses, which is true of a small night.
THROUGH = {0, exit_code(ThresholdExceeded(""))}

# The sentence that tells a bad item from a broken API may be asked for again by each worker.
CANARIES = 2


class Nights(RuleBasedStateMachine):
    """A catalog, its feed, and workers that die."""

    def __init__(self, new_world: Callable[[ExitStack], World]) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._world = new_world(self._stack)
        self._kills = 0

    @initialize()
    def dusk(self) -> None:
        self._world.emulator.faults(latency_s=0.002)
        register_version(self._world.connection, "v2", text_spec("emulator", "text-embedding-3-small", dims=8))

    @rule(item=ITEMS, title=TITLES)
    def the_feed_writes(self, item: str, title: str | None) -> None:
        catalog.put(self._world.connection, item, title=title and f"{catalog.WORD} {title}")

    @rule(item=ITEMS)
    def the_feed_removes(self, item: str) -> None:
        self._world.connection.execute("delete from analytics.catalog_features_raw where item_id = %s", [item])

    @rule(rate=st.sampled_from([0.0, 0.2]))
    def the_weather_changes(self, rate: float) -> None:
        self._world.emulator.faults(rate_of_429=rate, retry_after=0.01, rate_of_500=rate / 4)

    @rule(moment=MOMENTS)
    def a_worker_dies(self, moment: object) -> None:
        ended = self._world.start(moment).ends()  # type: ignore[arg-type]
        # A moment that does not come, because there is less to do, lets the worker come through.
        assert ended in {-signal.SIGKILL, *THROUGH}, self._world.said()
        self._kills += ended == -signal.SIGKILL

    @rule()
    def another_version_is_promoted_and_taken_back(self) -> None:
        moved = promote(self._world.connection, "v2", EVERYWHERE, force=True, reason="a mistake")
        assert (moved.from_version, moved.version) == ("v1", "v2")
        assert self._world.ask("select count(*) from public.active_item_embeddings") == [(0,)]
        back, _ = rollback(self._world.connection, EVERYWHERE)
        assert (back.from_version, back.version) == ("v2", "v1")

    @rule()
    def a_run_comes_through(self) -> None:
        self._comes_through()
        self._world.holds(self._allowed())

    def teardown(self) -> None:
        try:
            self._world.emulator.faults(rate_of_429=0.0, rate_of_500=0.0)
            self._comes_through()
            self._world.check(self._allowed())
        finally:
            self._stack.close()

    def _comes_through(self) -> None:
        # A run that was left takes up its own plan: what the feed did since is found by the one after it.
        for _ in range(2):
            assert self._world.start().ends() in THROUGH, self._world.said()

    def _allowed(self) -> int:
        world = self._world
        return self._kills * (world.parallelism * world.batch + catalog.LONGER_BY) + CANARIES * len(world.workers)


def test_whatever_happens_in_whatever_order(
    postgres_server: str,
    evening: Evening,
    emulator: Emulator,
    workers: ForkServerContext,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    stories = 0

    def new_world(stack: ExitStack) -> World:
        nonlocal stories
        stories += 1
        folder = tmp_path / str(stories)
        folder.mkdir()
        return stack.enter_context(copied(postgres_server, evening, folder, emulator, workers))

    run_state_machine_as_test(
        # Any callable that gives a machine will do; the annotation knows classes only.
        cast("Any", lambda: Nights(new_world)),
        settings=settings(
            max_examples=8,
            stateful_step_count=8,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    record_property("fault", "made-up nights: edit, delete, change back, die, resume, roll back, in any order")
    record_property("expected", "every invariant after every run that comes through")
    record_property("seen", f"{stories} stories, all hold")
