"""The gate: open at first, and closed for everybody for as long as the longest wait says."""

import time
from concurrent.futures import ThreadPoolExecutor

from catalog_embeddings.inference.limits import Gate


def passed_at(gate: Gate) -> float:
    gate.wait()
    return time.monotonic()


def test_everybody_waits_at_least_as_long_as_was_asked() -> None:
    gate = Gate()
    gate.pause(0.2)
    closed_at = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        times = list(pool.map(passed_at, [gate] * 4))
    # A little less, because the clock was read after the pause had begun.
    assert min(times) - closed_at >= 0.19


def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    gate = Gate()
    gate.pause(0.2)
    closed_at = time.monotonic()
    gate.pause(0.0)
    assert passed_at(gate) - closed_at >= 0.19


def test_a_pause_that_begins_while_somebody_waits_holds_them_too() -> None:
    gate = Gate()
    gate.pause(0.1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(passed_at, gate)
        gate.pause(0.3)
        closed_at = time.monotonic()
        assert waiting.result() - closed_at >= 0.29


def test_an_open_gate_lets_pass() -> None:
    gate = Gate()
    gate.pause(0.0)
    gate.wait()
    assert gate._remaining() <= 0
