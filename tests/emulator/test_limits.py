"""Budgets refill evenly, a refusal says how long to wait, and headers are written as OpenAI writes them."""

import pytest

from catalog_embeddings.emulator.limits import Bucket, RateLimits, duration, estimated_tokens, retry_headers
from catalog_embeddings.emulator.openai_errors import ApiError


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("text", "tokens"), [("a", 1), ("abcd", 1), ("abcde", 2), ("é" * 4, 2)])
def test_estimated_tokens(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0ms"), (0.0061, "7ms"), (1, "1s"), (7.5, "7.5s"), (60, "1m0s"), (150, "2m30s")],
)
def test_duration(seconds: float, written: str) -> None:
    assert duration(seconds) == written


def test_retry_headers_never_promise_too_early() -> None:
    assert retry_headers(0.2) == {"retry-after": "1", "retry-after-ms": "200"}


def test_a_bucket_refills_evenly_and_never_overflows() -> None:
    clock = HandClock()
    bucket = Bucket(60, clock)
    bucket.take(60)
    assert bucket.seconds_until(3) == 3
    clock.now = 2
    assert bucket.level() == 2
    clock.now = 1000
    assert bucket.level() == 60


def test_a_refused_request_spends_nothing() -> None:
    clock = HandClock()
    limits = RateLimits(requests=Bucket(2, clock), tokens=Bucket(600, clock))
    limits.admit(500)
    with pytest.raises(ApiError, match="tokens per min") as caught:
        limits.admit(500)
    assert caught.value.headers["retry-after"] == "40"
    assert limits.headers() == {
        "x-ratelimit-limit-requests": "2",
        "x-ratelimit-remaining-requests": "1",
        "x-ratelimit-reset-requests": "30s",
        "x-ratelimit-limit-tokens": "600",
        "x-ratelimit-remaining-tokens": "100",
        "x-ratelimit-reset-tokens": "50s",
    }
    clock.now = 40
    limits.admit(500)
    assert limits.headers()["x-ratelimit-remaining-tokens"] == "0"


def test_without_limits_there_are_no_headers() -> None:
    RateLimits().admit(10**9)
    assert RateLimits().headers() == {}
