"""A worker that was given up and comes back: it was stopped in its tracks, lost its connection, and was replaced.

When it goes on it finds its lines cut. What another worker has made of the run in the meantime stays as it is.
"""

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.errors import RunFenced
from tests.faults.catalog import LONGER_BY
from tests.faults.child import Moment
from tests.faults.conftest import World
from tests.faults.crash_points import ANSWERED, BURYING, CANARY, DELETED, SEALING, STORED, UPSERTED, WRITING, stopping


@pytest.mark.parametrize(
    "moment",
    [ANSWERED, STORED, WRITING, UPSERTED, BURYING, DELETED, SEALING],
    ids=["answered", "stored", "writing", "upserted", "burying", "deleted", "sealing"],
)
def test_a_zombie_writes_nothing(world: World, moment: Moment) -> None:
    zombie = world.start(stopping(moment))
    zombie.stands_still()
    world.cut_off()
    world.finishes()
    in_flight = world.parallelism * world.batch + LONGER_BY
    world.holds(in_flight + CANARY)
    before, paid = world.everything(), world.paid()

    zombie.goes_on()

    assert zombie.ends() == 1
    assert world.last_word().startswith("ServerFailed: Postgres did not answer to the end"), world.said()
    assert world.everything() == before
    # What it had in flight when it was stopped is paid for, and stored where nobody looks any more. What it may still
    # have sealed does not count.
    assert world.paid() - paid <= in_flight
    wrong = [each for each in world.broken(2 * in_flight + CANARY) if each.seen != "it was paid for and is not indexed"]
    assert not wrong, wrong


def test_a_zombie_is_no_worker_of_its_run_any_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    zombie = world.start(stopping(STORED))
    zombie.stands_still()
    [(run_id,)] = world.ask("select run_id from pipeline.leases")
    world.cut_off()
    world.finishes()
    before, asked = world.everything(), world.asked()

    # What a scheduler does that believes the task to be merely late: it tries the same shard again.
    for name, value in world.surroundings().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(RunFenced, match=f"run {run_id} is over"):
        bootstrap.load_shard(run_id, 0)

    assert world.asked() == asked
    assert world.everything() == before
