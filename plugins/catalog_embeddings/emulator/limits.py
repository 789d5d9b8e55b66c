"""Tokens and rates: how much a text weighs, how much a minute allows, and what the x-ratelimit headers say.

Knows budgets and the clock; leaves scripted and random refusals to ``faults``.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from catalog_embeddings.emulator.openai_errors import rate_limited

Clock = Callable[[], float]


def estimated_tokens(text: str) -> int:
    """A fixed estimate, four UTF-8 bytes a token: no tokenizer has to be downloaded for it."""
    return max(1, math.ceil(len(text.encode()) / 4))


def retry_headers(seconds: float) -> dict[str, str]:
    """Both spellings OpenAI sends: whole seconds for everybody, milliseconds for clients that know them."""
    return {"retry-after": str(math.ceil(seconds)), "retry-after-ms": str(math.ceil(seconds * 1000))}


def duration(seconds: float) -> str:
    """Seconds as OpenAI writes them in x-ratelimit-reset-*: ``250ms``, ``7.5s``, ``2m30s``."""
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, rest = divmod(math.ceil(seconds * 1000) / 1000, 60)
    return f"{minutes:.0f}m{rest:.0f}s" if minutes else f"{rest:g}s"


class Bucket:
    """A budget that starts full, holds one minute's worth and refills evenly."""

    def __init__(self, per_minute: int, clock: Clock = time.monotonic) -> None:
        self.capacity = per_minute
        self._clock = clock
        self._level = float(per_minute)
        self._seen = clock()

    def level(self) -> float:
        """What may be taken now."""
        now = self._clock()
        self._level = min(self.capacity, self._level + (now - self._seen) * self.capacity / 60)
        self._seen = now
        return self._level

    def seconds_until(self, amount: float) -> float:
        """How long until ``amount`` may be taken; 0 when it may be taken now."""
        return max(0.0, (amount - self.level()) * 60 / self.capacity)

    def take(self, amount: float) -> None:
        """Spend ``amount``; ask ``seconds_until`` first."""
        self._level = self.level() - amount


@dataclass(frozen=True)
class RateLimits:
    """Requests and tokens a minute, either of them None for no limit."""

    requests: Bucket | None = None
    tokens: Bucket | None = None

    def admit(self, tokens: int) -> None:
        """Spend one request of ``tokens`` tokens, or raise a 429 and spend nothing."""
        wanted = [("requests", self.requests, 1), ("tokens", self.tokens, tokens)]
        for name, bucket, amount in wanted:
            if bucket and (wait := bucket.seconds_until(amount)):
                message = (
                    f"Rate limit reached on {name} per min. Limit: {bucket.capacity}, requested: {amount}. "
                    f"Please try again in {duration(wait)}."
                )
                raise rate_limited(message, retry_headers(wait))
        for _, bucket, amount in wanted:
            if bucket:
                bucket.take(amount)

    def headers(self) -> dict[str, str]:
        """The x-ratelimit-* headers, for the limits that are set."""
        headers = {}
        for name, bucket in (("requests", self.requests), ("tokens", self.tokens)):
            if bucket:
                headers[f"x-ratelimit-limit-{name}"] = str(bucket.capacity)
                headers[f"x-ratelimit-remaining-{name}"] = str(math.floor(bucket.level()))
                headers[f"x-ratelimit-reset-{name}"] = duration(bucket.seconds_until(bucket.capacity))
        return headers
