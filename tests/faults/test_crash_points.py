"""Named moments at which a worker dies without warning; the next one goes on, and nothing is lost or paid again."""

from collections.abc import Callable

import pytest

from tests.faults.catalog import LONGER_BY, many_more
from tests.faults.conftest import World
from tests.faults.crash_points import CRASH_POINTS, CrashPoint


@pytest.mark.parametrize("point", CRASH_POINTS, ids=lambda point: point.name)
def test_a_worker_dies_and_the_next_one_goes_on(
    world: World, point: CrashPoint, record_property: Callable[[str, object], None]
) -> None:
    world.parallelism = point.parallelism
    if point.more_items:
        world.batch = 32
        many_more(world.connection, point.more_items)
    for moment in point.moments:
        world.dies(moment)
    world.finishes()
    allowed = point.windows * (world.parallelism * world.batch + LONGER_BY) + point.canaries
    world.check(allowed)
    assert world.paid_twice() >= point.at_least
    record_property("fault", point.name)
    record_property("expected", f"resumed, every invariant, at most {allowed} inputs paid twice")
    record_property("seen", f"{world.paid_twice()} paid twice")
