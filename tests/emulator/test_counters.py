"""Counters say what was asked and paid, once and twice."""

import pytest

from catalog_embeddings.emulator.counters import Counters


def test_what_is_paid_twice_is_seen() -> None:
    counters = Counters()
    counters.embedded("m", 4, ["a", "b", "a"], tokens=3)
    counters.embedded("m", 4, ["b", "c"], tokens=2)
    stats = counters.snapshot()
    assert (stats["inputs_paid"], stats["inputs_paid_distinct"], stats["inputs_paid_twice"]) == (5, 3, 2)
    assert (stats["prompt_tokens"], stats["largest_batch"]) == (5, 3)


def test_another_model_or_width_is_another_purchase() -> None:
    counters = Counters()
    for model, dims in [("m", 4), ("m", 8), ("n", 4)]:
        counters.embedded(model, dims, ["a"], tokens=1)
    assert counters.snapshot()["inputs_paid_twice"] == 0


def test_requests_in_flight_survive_a_reset() -> None:
    counters = Counters()
    with counters.request("embeddings"), counters.request("chat"):
        counters.zero()
        assert (counters.in_flight, counters.snapshot()["max_in_flight"]) == (2, 2)
    assert counters.in_flight == 0
    assert counters.snapshot()["requests"] == 0


def test_a_request_that_fails_is_no_longer_in_flight() -> None:
    counters = Counters()
    with pytest.raises(KeyError), counters.request("chat"):
        raise KeyError
    assert counters.in_flight == 0


def test_batches_are_counted_apart_from_what_their_lines_hold() -> None:
    counters = Counters()
    counters.batch_created()
    counters.embedded("m", 4, ["a", "b"], tokens=2)
    counters.batch_line_paid()
    stats = counters.snapshot()
    assert (stats["batches"], stats["batch_lines_paid"], stats["inputs_paid"]) == (1, 1, 2)
    counters.zero()
    assert (counters.snapshot()["batches"], counters.snapshot()["batch_lines_paid"]) == (0, 0)


def test_outcomes() -> None:
    counters = Counters()
    for outcome in (200, 200, 429, 429, 500, "dropped"):
        counters.answered(outcome)
    assert counters.snapshot()["ok"] == 2
    assert counters.snapshot()["errors"] == {"429": 2, "500": 1, "dropped": 1}
