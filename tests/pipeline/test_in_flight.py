"""Requests in flight: handed out as there is room, taken in as they come, and none left when it is over."""

import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

import pytest

from catalog_embeddings.errors import InputError, RunPaused
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.pipeline.in_flight import ask_all, in_flight
from catalog_embeddings.postgres.connection import Connection


def _nothing() -> None:
    return None


def test_every_task_is_answered() -> None:
    tasks = iter(range(100))
    with closing(in_flight(lambda task: task * 2, lambda room: islice(tasks, room), Gate(3), _nothing)) as answers:
        assert sorted(answers) == [2 * task for task in range(100)]


def test_what_is_in_flight_is_taken_in_after_an_error_and_nothing_new_is_sent() -> None:
    failed, asked = threading.Event(), []

    def ask(task: int) -> int:
        asked.append(task)
        if task == 1:
            failed.set()
            raise InputError("the second is no good")
        failed.wait(10)
        return task

    tasks = iter(range(1_000))
    gate = Gate(2)
    answered: list[int] = []
    answers = in_flight(ask, lambda room: islice(tasks, room), gate, _nothing)
    with closing(answers), pytest.raises(InputError, match="second"):
        answered += answers
    assert len(asked) < 50
    with pytest.raises(RunPaused, match="given up"):
        gate.enter(1)


def test_what_keeps_the_next_from_being_handed_out_is_raised_at_the_end() -> None:
    def take(_room: int) -> Iterator[int]:
        yield 1
        raise RunPaused("the limit is reached")

    answers = in_flight(lambda task: task, take, Gate(2), _nothing)
    with closing(answers):
        assert next(answers) == 1
        with pytest.raises(RunPaused, match="limit"):
            next(answers)


def test_who_works_outside_of_a_run_shares_the_slots(connection: Connection) -> None:
    gate, most = Gate(4), []

    def ask(task: int) -> int:
        with gate.enter(1):
            most.append(gate.in_flight)
        return task

    with closing(ask_all(connection, gate, 4, ask, range(40))) as answers:
        assert sorted(answers) == list(range(40))
    assert max(most) <= 4
    # Nothing is held any more.
    assert connection.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone() == (0,)
