"""Request slots: together no more than there are, whoever comes and goes."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.request_slots import RequestSlots


class Workers:
    """Several workers of one deployment, each on its own connection."""

    def __init__(self, database_url: str, stack: ExitStack) -> None:
        self._database_url = database_url
        self._stack = stack

    def arrive(self, total: int = 10) -> tuple[RequestSlots, Connection]:
        connection = self._stack.enter_context(connect(self._database_url))
        slots = RequestSlots(connection, total)
        slots.join()
        return slots, connection


@pytest.fixture
def workers(database_url: str) -> Iterator[Workers]:
    with ExitStack() as stack:
        yield Workers(database_url, stack)


def test_a_lone_worker_takes_them_all(workers: Workers) -> None:
    alone, _ = workers.arrive()
    assert alone.fair_share() == 10
    alone.take(10)
    assert alone.held == 10
    # What it holds it does not take twice: one return is enough.
    alone.take(10)
    alone.give_back()
    other, _ = workers.arrive()
    other.take(10)
    assert (alone.held, other.held) == (0, 10)


@pytest.mark.parametrize(("count", "share"), [(2, 5), (3, 4), (4, 3), (10, 1), (13, 1)])
def test_a_share_is_fair_and_leaves_nothing_unused(workers: Workers, count: int, share: int) -> None:
    everyone = [workers.arrive()[0] for _ in range(count)]
    for slots in everyone:
        assert slots.fair_share() == share
        slots.take(share)
    assert sum(slots.held for slots in everyone) == 10


def test_together_they_never_hold_more_than_there_are(workers: Workers) -> None:
    greedy, _ = workers.arrive()
    greedy.take(7)
    late, _ = workers.arrive()
    late.take(10)
    assert (greedy.held, late.held) == (7, 3)
    greedy.give_back(kept=5)
    late.take(10)
    assert (greedy.held, late.held) == (5, 5)


def test_the_dead_hold_nothing_and_are_not_counted(workers: Workers) -> None:
    doomed, connection = workers.arrive()
    doomed.take(10)
    heir, own = workers.arrive()
    heir.take(10)
    assert (heir.held, heir.fair_share()) == (0, 5)
    own.execute("select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
    assert heir.fair_share() == 10
    heir.take(10)
    assert heir.held == 10


def test_whoever_leaves_frees_its_slots(workers: Workers) -> None:
    leaving, connection = workers.arrive()
    leaving.take(10)
    leaving.leave()
    staying, _ = workers.arrive()
    assert staying.fair_share() == 10
    staying.take(10)
    assert staying.held == 10
    # A lost connection has left by itself.
    connection.close()
    leaving.leave()


def test_another_database_is_another_deployment(workers: Workers, empty_database_url: str) -> None:
    here, _ = workers.arrive()
    here.take(10)
    with connect(empty_database_url) as connection:
        there = RequestSlots(connection, 10)
        there.join()
        assert there.fair_share() == 10
        there.take(10)
        assert there.held == 10
