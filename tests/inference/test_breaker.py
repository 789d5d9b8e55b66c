"""The breaker, on a clock of its own: when it opens, who may pass then, and what an outage of five minutes costs."""

import pytest

from catalog_embeddings.inference.breaker import Breaker
from catalog_embeddings.inference.pace import PACE


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker(PACE)
    while not breaker.is_open:
        breaker.fail(now, probe=False)
    return breaker


def due(breaker: Breaker, now: float) -> float:
    """When the next probe may go."""
    wait = breaker.seconds_to_probe(now)
    assert wait is not None
    return now + wait


def test_a_few_failures_are_no_outage() -> None:
    breaker = Breaker(PACE)
    for _ in range(10):
        for _ in range(4):
            breaker.fail(0.0, probe=False)
        assert not breaker.close()
    assert not breaker.is_open
    for _ in range(4):
        breaker.fail(0.0, probe=False)
    assert not breaker.is_open
    breaker.fail(0.0, probe=False)
    assert breaker.is_open


def test_the_first_probe_is_due_after_a_second_or_so() -> None:
    assert 0.75 <= due(opened(100.0), 100.0) - 100 <= 1.25
    breaker = opened(100.0)
    assert breaker.seconds_to_probe(200.0) == 0


def test_only_one_probe_is_under_way_at_a_time() -> None:
    breaker = opened()
    breaker.begin_probe()
    assert breaker.seconds_to_probe(1e9) is None
    breaker.abandon_probe()
    assert breaker.seconds_to_probe(1e9) == 0
    assert breaker.failed_probes == 0


def test_probes_become_rarer_up_to_one_in_half_a_minute() -> None:
    breaker, now, gaps = opened(), 0.0, []
    for _ in range(12):
        at = due(breaker, now)
        gaps.append(at - now)
        now = at
        breaker.begin_probe()
        breaker.fail(now, probe=True)
    for gap, doubled in zip(gaps, [1, 2, 4, 8, 16, *[30] * 7], strict=True):
        assert gap == pytest.approx(doubled, rel=0.25)
    assert breaker.failed_probes == 12


@pytest.mark.parametrize("attempt", range(20))
def test_five_minutes_cost_fewer_probes_than_leave_room_for_what_was_in_flight(attempt: int) -> None:
    breaker, now = opened(), 0.0
    while (now := due(breaker, now)) < 300:
        breaker.begin_probe()
        breaker.fail(now, probe=True)
    assert breaker.failed_probes + 10 <= 40


def test_stragglers_that_fail_do_not_put_the_probe_off() -> None:
    breaker = opened(0.0)
    before = due(breaker, 0.0)
    for _ in range(9):
        breaker.fail(0.5, probe=False)
    assert due(breaker, 0.0) == before
    assert breaker.failed_probes == 0


def test_an_answer_ends_the_outage_and_the_next_begins_anew() -> None:
    breaker = opened()
    breaker.begin_probe()
    breaker.fail(1.0, probe=True)
    assert breaker.close()
    assert not breaker.is_open
    assert breaker.seconds_to_probe(1e9) is None
    assert not breaker.close()
    for _ in range(5):
        breaker.fail(500.0, probe=False)
    assert due(breaker, 500.0) <= 501.25


def test_a_probe_that_fails_after_another_was_answered_is_one_failure_of_many() -> None:
    breaker = opened()
    breaker.begin_probe()
    breaker.close()
    breaker.fail(2.0, probe=True)
    assert not breaker.is_open
    assert breaker.failed_probes == 0
