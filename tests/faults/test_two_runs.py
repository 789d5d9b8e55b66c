"""Two runs of one version at once: the second is told who has it, asks nothing, and changes nothing."""

import re

import pytest

from tests.faults.child import Moment
from tests.faults.conftest import World
from tests.faults.crash_points import STORED, UPSERTED, stopping

LOCKED = (
    r"RunLocked: version v1 is locked by run {run_id}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC, on a scheduler; "
    "wait for it to end, or stop it"
)


@pytest.mark.parametrize("moment", [STORED, UPSERTED], ids=["between two writes", "inside a transaction"])
def test_the_second_is_locked_out(world: World, moment: Moment) -> None:
    first = world.start(stopping(moment))
    first.stands_still()
    [(run_id,)] = world.ask("select run_id from pipeline.leases")
    before, asked = world.everything(), world.asked()

    for second in (world.start(command=("run", "--json")), world.start(holder="another scheduler"), world.start()):
        assert second.ends() == 1
        assert re.search(LOCKED.format(run_id=run_id), world.last_word()), world.said()
        assert (world.asked(), world.everything()) == (asked, before)

    first.goes_on()
    assert first.ends() == 0, world.said()
    world.check(paid_twice_at_most=0)


def test_a_second_that_begins_between_two_tasks_of_the_first_is_locked_out(world: World) -> None:
    world.dies(Moment("catalog_embeddings.pipeline.plan:make_plan", "leave"))
    [(run_id,)] = world.ask("select run_id from pipeline.leases")
    second = world.start(command=("run", "--json"))
    assert second.ends() == 1
    assert re.search(LOCKED.format(run_id=run_id), world.last_word()), world.said()
    world.finishes()
    world.check(paid_twice_at_most=0)
