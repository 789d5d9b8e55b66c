"""The retry policy, with the waits written down instead of slept: what counts as an attempt, and who is to blame."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from catalog_embeddings.errors import (
    CatalogEmbeddingsError,
    ItemRefused,
    RateLimited,
    RequestRefused,
    RunPaused,
    ServerFailed,
    UntrustedAnswer,
)
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import PACE, Pace
from catalog_embeddings.inference.retry import ATTEMPTS, retrying
from tests.inference.conftest import QUICK

FAILED = ServerFailed("the API failed (HTTP 500)")


class Call:
    """Fails as it is told, then succeeds; remembers how often it was made and what was waited for in between."""

    def __init__(self, gate: Gate, *failures: Exception, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.gate = gate
        self.failures = list(failures)
        self.meanwhile = meanwhile
        self.made = 0
        self.waits: list[float] = []

    def make(self) -> str:
        self.made += 1
        self.meanwhile()
        if self.failures:
            raise self.failures.pop(0)
        return "done"

    def retried(self) -> str:
        answer: str = retrying(self.gate).copy(sleep=self.waits.append)(self.make)
        return answer


def answer_another(gate: Gate) -> None:
    gate.leave(gate.enter(1), None)


def fail_a_probe(gate: Gate) -> None:
    """An outage as the gate sees it: some requests fail, then a probe, and then all is well."""
    while not (passage := gate.enter(1)).is_probe:
        gate.leave(passage, FAILED)
    gate.leave(passage, FAILED)
    while (passage := gate.enter(1)).is_probe:
        gate.leave(passage, None)
    gate.leave(passage, None)


@pytest.mark.parametrize(
    ("error", "code"), [(FAILED, "server_failed"), (UntrustedAnswer("nonsense"), "untrusted_answer")]
)
def test_who_fails_while_others_are_answered_is_refused(error: CatalogEmbeddingsError, code: str) -> None:
    gate = Gate(4)
    call = Call(gate, *[error] * 99, meanwhile=lambda: answer_another(gate))
    with pytest.raises(RequestRefused, match=f"failed {ATTEMPTS} times while the API answered others") as refused:
        call.retried()
    assert refused.value.code == code
    assert (call.made, len(call.waits)) == (ATTEMPTS, ATTEMPTS - 1)
    answer_another(gate)


@pytest.mark.parametrize("error", [FAILED, UntrustedAnswer("nonsense")])
def test_where_nobody_is_answered_the_run_pauses_for_everybody(error: CatalogEmbeddingsError) -> None:
    gate = Gate(4)
    with pytest.raises(RunPaused, match=f"the API failed {ATTEMPTS} times in a row, last: .* run again") as paused:
        Call(gate, *[error] * 99).retried()
    with pytest.raises(RunPaused) as told:
        gate.enter(1)
    assert str(told.value) == str(paused.value)


def test_an_outage_in_between_forgives_what_failed_before_it() -> None:
    gate = Gate(4, pace=QUICK)
    outages = iter([fail_a_probe] + [lambda _: None] * 99)
    failures = [FAILED] * (ATTEMPTS - 1)
    call = Call(gate, *failures)
    # The outage falls into the sixth attempt: without it, two more failures would be one too many.
    call.meanwhile = lambda: next(outages)(gate) if call.made > 5 else None
    call.failures += [FAILED] * 4
    assert call.retried() == "done"
    assert call.made == ATTEMPTS + 4


def test_a_request_that_brings_the_server_down_each_time_is_refused_in_the_end() -> None:
    gate = Gate(4, pace=QUICK)
    call = Call(gate, *[FAILED] * 999, meanwhile=lambda: fail_a_probe(gate))
    with pytest.raises(RequestRefused):
        call.retried()
    assert call.made == 4 * ATTEMPTS


@pytest.mark.parametrize("error", [RateLimited(""), RateLimited("", 5.0)])
def test_being_asked_to_wait_is_no_attempt(error: CatalogEmbeddingsError) -> None:
    call = Call(Gate(4), *[error] * 200)
    assert call.retried() == "done"
    assert call.made == 201


def test_who_is_asked_to_wait_for_ever_pauses_the_run_and_is_not_to_blame() -> None:
    gate = Gate(4, pace=Pace(patience=0.0))
    call = Call(gate, *[RateLimited("slowly")] * 999, meanwhile=lambda: answer_another(gate))
    with pytest.raises(RunPaused, match="lower CATALOG_EMBEDDINGS_BATCH_SIZE"):
        call.retried()
    assert call.made == ATTEMPTS
    with pytest.raises(RunPaused, match="lower CATALOG_EMBEDDINGS_BATCH_SIZE"):
        gate.enter(1)


def test_who_rests_is_told_at_once_that_it_is_over() -> None:
    gate = Gate(4, pace=Pace(first_backoff=1_000, longest_backoff=1_000))
    call = Call(gate, *[RateLimited("slowly")] * 999)
    with ThreadPoolExecutor(1) as pool:
        resting = pool.submit(retrying(gate), call.make)
        while not call.made:
            time.sleep(0.001)
        gate.stop(RunPaused("the quota is used up"))
        with pytest.raises(RunPaused, match="the quota is used up"):
            resting.result()


def test_the_last_attempt_may_succeed() -> None:
    call = Call(Gate(4), *[FAILED] * (ATTEMPTS - 1))
    assert call.retried() == "done"
    assert call.made == ATTEMPTS


@pytest.mark.parametrize(
    "error", [RunPaused(""), RequestRefused("", "code"), ItemRefused("empty_text"), ValueError("our own mistake")]
)
def test_any_other_error_passes_through_at_once(error: Exception) -> None:
    call = Call(Gate(4), error)
    with pytest.raises(type(error)) as raised:
        call.retried()
    assert raised.value is error
    assert (call.made, call.waits) == (1, [])


@pytest.mark.parametrize("error", [FAILED, UntrustedAnswer(""), RateLimited("")])
def test_waits_grow_with_full_jitter_and_stay_short(error: CatalogEmbeddingsError) -> None:
    rounds = []
    for _ in range(50):
        call = Call(Gate(4), *[error] * (ATTEMPTS - 1))
        call.retried()
        rounds.append(call.waits)
    for number, waits in enumerate(zip(*rounds, strict=True)):
        ceiling = min(PACE.first_backoff * 2**number, PACE.longest_backoff)
        assert all(0 <= wait <= ceiling for wait in waits)
        # Full jitter: of 50 waits some fall into either half.
        assert min(waits) < ceiling / 2 < max(waits)


def test_where_the_server_said_how_long_the_gate_waits_and_not_the_policy() -> None:
    call = Call(Gate(4), RateLimited("", 3.0), RateLimited("", 0.0))
    assert call.retried() == "done"
    assert call.waits == [0, 0]
