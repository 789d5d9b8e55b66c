"""The gate, with real threads: who passes, who waits for what, and what they are told when nobody may pass any more."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from catalog_embeddings.errors import RateLimited, RequestRefused, RunPaused, ServerFailed, ThresholdExceeded
from catalog_embeddings.inference.buckets import Allowance, Allowances
from catalog_embeddings.inference.limits import Gate, Passage
from catalog_embeddings.inference.pace import Pace
from tests.inference.conftest import QUICK

FAILED = ServerFailed("the API failed (HTTP 500)")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(10) as threads:
        yield threads


def passed_at(gate: Gate) -> float:
    with gate.enter(1):
        return time.monotonic()


def nobody_passes(*waiting: Future[Passage]) -> bool:
    """Whether these still wait after a time in which anybody would have passed."""
    time.sleep(0.1)
    return not any(each.done() for each in waiting)


def ask(gate: Gate, error: Exception | None = None) -> Passage:
    passage = gate.enter(1)
    gate.leave(passage, error)
    return passage


def fail_until_open(gate: Gate) -> None:
    for _ in range(5):
        ask(gate, FAILED)


def test_everybody_waits_at_least_as_long_as_was_asked(pool: ThreadPoolExecutor) -> None:
    gate = Gate(4)
    gate.pause(0.2)
    closed_at = time.monotonic()
    # A little less, because the clock was read after the pause had begun.
    assert min(pool.map(passed_at, [gate] * 4)) - closed_at >= 0.19


def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    gate = Gate(4)
    gate.pause(0.2)
    closed_at = time.monotonic()
    gate.pause(0.0)
    assert passed_at(gate) - closed_at >= 0.19


def test_a_pause_that_begins_while_somebody_waits_holds_them_too(pool: ThreadPoolExecutor) -> None:
    gate = Gate(4)
    gate.pause(0.1)
    waiting = pool.submit(passed_at, gate)
    gate.pause(0.3)
    closed_at = time.monotonic()
    assert waiting.result() - closed_at >= 0.29


def test_no_more_than_the_parallelism_are_in_flight(pool: ThreadPoolExecutor) -> None:
    gate = Gate(3)
    inside = [gate.enter(1) for _ in range(3)]
    assert gate.in_flight == 3
    waiting = pool.submit(gate.enter, 1)
    assert nobody_passes(waiting)
    gate.leave(inside[0], None)
    assert waiting.result().is_probe is False
    assert gate.in_flight == 3


def test_a_place_is_free_again_whatever_happened_to_its_request() -> None:
    gate = Gate(1)
    for error in (FAILED, RequestRefused("no", "bad"), ValueError("our own mistake"), RateLimited("slowly")):
        with pytest.raises(type(error)), gate.enter(1):
            raise error
        assert gate.in_flight == 0
    assert gate.answers == 1


def test_a_gate_without_slots_lets_nobody_pass_until_it_gets_some(pool: ThreadPoolExecutor) -> None:
    gate = Gate(10)
    gate.resize(0)
    waiting = [pool.submit(gate.enter, 1) for _ in range(5)]
    assert nobody_passes(*waiting)
    gate.resize(2)
    while gate.in_flight < 2:
        time.sleep(0.005)
    time.sleep(0.1)
    assert sum(each.done() for each in waiting) == gate.in_flight == 2
    gate.resize(10)
    assert len([each.result() for each in waiting]) == gate.in_flight == 5


def test_a_gate_that_shrinks_cuts_nobody_off(pool: ThreadPoolExecutor) -> None:
    gate = Gate(4)
    inside = [gate.enter(1) for _ in range(4)]
    gate.resize(2)
    waiting = pool.submit(gate.enter, 1)
    for passage in inside[:2]:
        gate.leave(passage, None)
    assert nobody_passes(waiting)
    gate.leave(inside[2], None)
    waiting.result()
    assert gate.in_flight == 2


@pytest.mark.parametrize(("asked", "got"), [(-1, 0), (99, 3)])
def test_slots_out_of_bounds_are_those_at_the_bound(asked: int, got: int, pool: ThreadPoolExecutor) -> None:
    gate = Gate(3)
    gate.resize(asked)
    waiting = [pool.submit(gate.enter, 1) for _ in range(5)]
    time.sleep(0.1)
    assert gate.in_flight == got
    gate.stop(RunPaused("enough"))
    assert sum(each.exception() is None for each in waiting) == got


def test_a_cautious_gate_begins_with_one_request(pool: ThreadPoolExecutor) -> None:
    gate = Gate(10, cautious=True)
    first = gate.enter(1)
    waiting = [pool.submit(gate.enter, 1) for _ in range(3)]
    assert nobody_passes(*waiting)
    gate.leave(first, None)
    while gate.in_flight < 2:
        time.sleep(0.005)
    for each in waiting:
        gate.leave(each.result(), None)


def test_failures_narrow_the_window_and_answers_widen_it() -> None:
    gate = Gate(10, pace=QUICK)
    for _ in range(100):
        ask(gate, RateLimited("slowly"))
    assert gate._window.size == 1
    for _ in range(100):
        ask(gate)
    # One at a time tells nothing about more than two.
    assert gate._window.size == 2


def test_whoever_waits_and_whoever_comes_is_told_why_the_gate_was_stopped(pool: ThreadPoolExecutor) -> None:
    gate = Gate(2)
    inside = [gate.enter(1), gate.enter(1)]
    waiting = [pool.submit(gate.enter, 1) for _ in range(6)]
    resting = pool.submit(gate.rest, 60.0)
    assert nobody_passes(*waiting)
    gate.leave(inside[0], RunPaused("the quota is used up"))
    gate.leave(inside[1], None)
    gate.stop(ThresholdExceeded("too late"))
    raised = [*(each.exception() for each in waiting), resting.exception()]
    with pytest.raises(RunPaused) as again:
        gate.enter(1)
    assert {str(error) for error in (*raised, again.value)} == {"the quota is used up"}
    assert {type(error) for error in raised} == {RunPaused}
    assert len({id(error) for error in raised}) == 7


def test_the_gate_is_stopped_with_the_error_it_is_given() -> None:
    gate = Gate(2)
    gate.stop(ThresholdExceeded("most are refused"))
    for step in (lambda: gate.enter(1), lambda: gate.rest(0.0)):
        with pytest.raises(ThresholdExceeded, match="most are refused"):
            step()


def test_in_an_outage_one_probe_goes_at_a_time(pool: ThreadPoolExecutor) -> None:
    gate = Gate(10, pace=QUICK)
    fail_until_open(gate)
    waiting = [pool.submit(gate.enter, 1) for _ in range(5)]
    while not gate.in_flight:
        time.sleep(0.005)
    time.sleep(0.1)
    [probe] = [each.result() for each in waiting if each.done()]
    assert probe.is_probe
    gate.leave(probe, FAILED)
    assert gate.failed_probes == 1
    while not gate.in_flight:
        time.sleep(0.005)
    [second] = [each.result() for each in waiting if each.done() and each.result() is not probe]
    assert second.is_probe
    # Once it is answered the others follow, no longer as probes: one at first, and more with every answer.
    gate.leave(second, None)
    while (done := [each.result() for each in waiting if each.done()]) and len(done) < 3:
        time.sleep(0.005)
    rest = set(waiting)
    for each in [each for each in waiting if each.done()]:
        rest.remove(each)
    assert gate.in_flight == 1
    gate.leave(next(each for each in done if not each.is_probe), None)
    for each in rest:
        passage = each.result()
        assert not passage.is_probe
        gate.leave(passage, None)


@pytest.mark.parametrize("error", [ValueError("our own mistake"), RateLimited("slowly")])
def test_a_probe_that_dies_or_is_asked_to_wait_makes_room_for_others(error: Exception) -> None:
    gate = Gate(10, pace=QUICK)
    fail_until_open(gate)
    probe = ask(gate, error)
    assert probe.is_probe
    # A server that asks for less is there again.
    assert ask(gate).is_probe is isinstance(error, ValueError)


def test_a_refusal_of_what_a_request_holds_is_an_answer() -> None:
    gate = Gate(10, pace=QUICK)
    for _ in range(4):
        ask(gate, FAILED)
    ask(gate, RequestRefused("no", "bad"))
    ask(gate, FAILED)
    assert not ask(gate).is_probe


def test_without_any_answer_patience_ends() -> None:
    gate = Gate(10, pace=Pace(patience=0.2))
    ask(gate, RateLimited("slowly"))
    ask(gate)
    ask(gate, RateLimited("slowly"))
    time.sleep(0.25)
    ask(gate, RateLimited("the API asks for a pause (429)"))
    with pytest.raises(RunPaused, match=r"no answer from the API for 0 s, last: the API asks .* run again"):
        gate.enter(1)


def test_time_without_slots_is_no_outage() -> None:
    gate = Gate(10, pace=Pace(patience=0.2))
    ask(gate, FAILED)
    gate.resize(0)
    time.sleep(0.25)
    gate.resize(10)
    ask(gate, FAILED)
    ask(gate)


def test_requests_a_minute_hold_over_all_threads(pool: ThreadPoolExecutor) -> None:
    gate = Gate(10, requests_per_minute=600)
    began = time.monotonic()
    times = list(pool.map(passed_at, [gate] * 65))
    # Sixty at once, and then ten a second.
    assert max(times) - began >= 0.49


def test_tokens_a_minute_hold_over_all_threads_and_are_counted_as_billed(pool: ThreadPoolExecutor) -> None:
    gate = Gate(10, tokens_per_minute=6_000)
    began = time.monotonic()

    def billed(_: int) -> None:
        with gate.enter(500) as passage:
            passage.billed = 100

    # Six seconds' worth at once, and then a hundred tokens a second.
    list(pool.map(billed, range(7)))
    assert time.monotonic() - began >= 0.9
    # A request of 500 bytes is no longer taken for one of 250 tokens.
    assert gate._ratio.tokens_of(500) < 200


def test_what_the_server_tells_binds_whoever_comes_next(pool: ThreadPoolExecutor) -> None:
    gate = Gate(10)
    with gate.enter(1) as passage:
        passage.learn(Allowances(requests=Allowance(120, remaining=0, reset=60)))
        told_at = time.monotonic()
    assert min(pool.map(passed_at, [gate] * 2)) - told_at >= 0.49


def test_news_that_was_read_late_does_not_hide_what_was_sent_since() -> None:
    gate = Gate(10)
    slow = gate.enter(1)
    for _ in range(3):
        ask(gate)
    # The server had two left when it answered the first; it has heard of three more since.
    slow.learn(Allowances(requests=Allowance(120, remaining=2, reset=59)))
    gate.leave(slow, None)
    told_at = time.monotonic()
    assert passed_at(gate) - told_at >= 0.9


def test_many_threads_pass_quickly_and_none_is_forgotten(pool: ThreadPoolExecutor) -> None:
    gate, most, lock = Gate(3), 0, threading.Lock()

    def pass_often(_: int) -> int:
        nonlocal most
        for _ in range(300):
            with gate.enter(1), lock:
                most = max(most, gate.in_flight)
        return 300

    assert sum(pool.map(pass_often, range(10))) == 3_000
    assert gate.in_flight == 0
    assert gate.answers == 3_000
    assert most <= 3
