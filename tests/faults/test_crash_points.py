"""Named moments at which a worker dies without warning; the next one goes on, and nothing is lost or paid again."""

import pytest

from tests.faults.catalog import LONGER_BY, many_more
from tests.faults.conftest import World
from tests.faults.crash_points import CRASH_POINTS, CrashPoint


@pytest.mark.parametrize("point", CRASH_POINTS, ids=lambda point: point.name)
def test_a_worker_dies_and_the_next_one_goes_on(world: World, point: CrashPoint) -> None:
    world.parallelism = point.parallelism
    if point.more_items:
        world.batch = 32
        many_more(world.connection, point.more_items)
    for moment in point.moments:
        world.dies(moment)
    world.finishes()
    world.check(point.windows * (world.parallelism * world.batch + LONGER_BY) + point.canaries)
    assert world.paid_twice() >= point.at_least
