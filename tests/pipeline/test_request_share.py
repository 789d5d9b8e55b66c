"""A worker's share: its gate is as wide as its slots, and a slot changes hands only when no request is left on it."""

import time
from collections.abc import Callable

from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.pipeline.request_share import RequestShare
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.request_slots import RequestSlots

NO_TEXT = 0


def _adjusted(share: RequestShare, until: Callable[[], bool]) -> None:
    """Let the share look around until something is so; the time limit of the suite ends what never comes."""
    while not until():
        share.adjust()
        time.sleep(0.01)


def _held(connection: Connection) -> int:
    row = connection.execute(
        "select count(*) from pg_locks where locktype = 'advisory' and granted"
        " and classid::bigint = hashtext('catalog_embeddings.request_slot')::bigint & 4294967295"
        " and database = (select oid from pg_database where datname = current_database())"
    ).fetchone()
    assert row
    return int(row[0])


def test_a_lone_worker_has_all_of_them_and_leaves_none_behind(connection: Connection, database_url: str) -> None:
    gate = Gate(10)
    with connect(database_url) as own:
        with RequestShare(own, gate, 10):
            assert _held(connection) == 10
            passages = [gate.enter(NO_TEXT) for _ in range(10)]
            assert gate.in_flight == 10
            for passage in passages:
                gate.leave(passage, None)
        assert _held(connection) == 0


def test_another_worker_gets_its_part_as_soon_as_requests_are_done(connection: Connection, database_url: str) -> None:
    first, second = Gate(10), Gate(10)
    with connect(database_url) as one, connect(database_url) as two, RequestShare(one, first, 10) as early:
        busy = [first.enter(NO_TEXT) for _ in range(8)]
        with RequestShare(two, second, 10) as late:
            _adjusted(early, lambda: _held(connection) == 8)
            # Eight are in flight on the first worker's slots, so two are all that the other can have.
            _adjusted(late, lambda: _held(connection) == 10)
            others = [second.enter(NO_TEXT) for _ in range(2)]
            for passage in busy[:4]:
                first.leave(passage, None)
            _adjusted(early, lambda: _held(connection) < 10)
            _adjusted(late, lambda: _held(connection) == 10)
            others += [second.enter(NO_TEXT) for _ in range(3)]
            assert (first.in_flight, second.in_flight) == (4, 5)
            for passage in others:
                second.leave(passage, None)
        _adjusted(early, lambda: _held(connection) == 10)
        for passage in busy[4:]:
            first.leave(passage, None)


def test_a_worker_without_a_slot_sends_nothing(database_url: str) -> None:
    gate = Gate(2)
    with connect(database_url) as other, connect(database_url) as own:
        greedy = RequestSlots(other, 2)
        greedy.join()
        greedy.take(2)
        with RequestShare(own, gate, 2) as share:
            assert gate._slots == 0
            greedy.give_back(kept=1)
            _adjusted(share, lambda: gate._slots == 1)
