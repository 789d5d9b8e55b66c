"""The retry policy, with the waits written down instead of slept."""

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
from catalog_embeddings.inference.retry import ATTEMPTS, retrying


class Call:
    """Fails as it is told, then succeeds; remembers how often it was made and what was waited for in between."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.made = 0
        self.waits: list[float] = []

    def make(self) -> str:
        self.made += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"

    def retried(self) -> str:
        answer: str = retrying().copy(sleep=self.waits.append)(self.make)
        return answer


@pytest.mark.parametrize("error", [RateLimited(""), RateLimited("", 5.0), ServerFailed(""), UntrustedAnswer("")])
def test_a_transient_error_is_tried_again_until_the_attempts_are_used_up(error: CatalogEmbeddingsError) -> None:
    call = Call(*[error] * ATTEMPTS)
    with pytest.raises(type(error)) as raised:
        call.retried()
    assert raised.value is error
    assert (call.made, len(call.waits)) == (ATTEMPTS, ATTEMPTS - 1)


def test_the_last_attempt_may_succeed() -> None:
    call = Call(*[ServerFailed("")] * (ATTEMPTS - 1))
    assert call.retried() == "done"
    assert call.made == ATTEMPTS


@pytest.mark.parametrize(
    "error", [RunPaused(""), RequestRefused("", "code"), ItemRefused("empty_text"), ValueError("our own mistake")]
)
def test_any_other_error_passes_through_at_once(error: Exception) -> None:
    call = Call(error)
    with pytest.raises(type(error)):
        call.retried()
    assert (call.made, call.waits) == (1, [])


@pytest.mark.parametrize("error", [ServerFailed(""), UntrustedAnswer(""), RateLimited("")])
def test_waits_grow_with_full_jitter_and_stay_short(error: CatalogEmbeddingsError) -> None:
    rounds = []
    for _ in range(50):
        call = Call(*[error] * (ATTEMPTS - 1))
        call.retried()
        rounds.append(call.waits)
    for number, waits in enumerate(zip(*rounds, strict=True)):
        ceiling = min(0.5 * 2**number, 15)
        assert all(0 <= wait <= ceiling for wait in waits)
        # Full jitter: of 50 waits some fall into either half.
        assert min(waits) < ceiling / 2 < max(waits)


def test_where_the_server_said_how_long_the_gate_waits_and_not_the_policy() -> None:
    call = Call(RateLimited("", 3.0), RateLimited("", 0.0))
    assert call.retried() == "done"
    assert call.waits == [0, 0]
