"""Requests and tokens a minute: token buckets, from the settings and from what the server says of its own.

Knows amounts and rates; how the server's headers are read is left to ``responses``. Not safe for threads by
itself: the gate holds its lock around it.
"""

from dataclasses import dataclass

# A bucket that a setting fills allows so many seconds' worth at once: a burst of a whole minute's worth would make
# it two minutes' worth in the first minute.
_BURST_SECONDS = 6.0

# A rate is believed once so much of a limit is used up: the headers are rounded.
_TELLING = 10.0

# Tokens a byte until the first answers say better: high, because too little would be refused.
_FIRST_RATIO = 0.5
_FIRST_BYTES = 1_000.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """One of the server's limits as its headers tell it; None where they are silent or make no sense."""

    limit: float
    remaining: float | None = None
    #: Seconds until all of it is there again.
    reset: float | None = None

    def per_second(self) -> float | None:
        """How fast it comes back, None where that cannot be told: a limit may be one a minute or one a day."""
        if self.remaining is None or not self.reset:
            return None
        used = self.limit - self.remaining
        return used / self.reset if used >= min(_TELLING, self.limit / 2) else None


@dataclass(frozen=True, slots=True)
class Allowances:
    """The server's limits on requests and on tokens, each None where it tells of none."""

    requests: Allowance | None = None
    tokens: Allowance | None = None


class Bucket:
    """An amount that is used up and comes back evenly. It belongs to the account; a process uses its share of it."""

    def __init__(self, capacity: float, per_second: float, now: float) -> None:
        """A full bucket."""
        self._capacity = capacity
        self._per_second = per_second
        self._level = capacity
        self._seen = now

    def seconds_until(self, amount: float, share: float, now: float) -> float:
        """How long until ``amount`` may be taken. What is larger than the bucket waits until it is full."""
        self._level = min(self._capacity, self._level + (now - self._seen) * self._per_second)
        self._seen = now
        return max(0.0, (min(amount / share, self._capacity) - self._level) / self._per_second)

    def take(self, amount: float, share: float) -> None:
        """Use some; ask ``seconds_until`` first. A negative amount gives back what was too much."""
        self._level -= amount / share


class ServersBucket(Bucket):
    """A bucket that the server keeps: every answer says how full it is."""

    def __init__(self, told: Allowance, now: float) -> None:
        """A bucket of one minute's worth, until more is known."""
        super().__init__(told.limit, told.limit / 60, now)
        self._heard = now

    def seconds_until(self, amount: float, share: float, now: float) -> float:
        """How long until ``amount`` may be taken; a minute without news at most, whatever the headers said."""
        return max(0.0, min(super().seconds_until(amount, share, now), self._heard + 60 - now))

    def learn(self, told: Allowance, on_the_way: float, now: float) -> None:
        """Follow the server. It may not have counted yet what is ``on_the_way``, so that is left out."""
        if told.limit != self._capacity:
            self._capacity, self._per_second = told.limit, told.limit / 60
        self._per_second = told.per_second() or self._per_second
        if told.remaining is not None:
            self._level, self._seen = told.remaining - on_the_way, now
        self._heard = now


class Budget:
    """What may be used a minute, by the setting and by the server: the smaller of the two decides."""

    def __init__(self, per_minute: int | None, now: float) -> None:
        """The setting's bucket, None for none; the server's comes with its first answer."""
        self._buckets: list[Bucket] = []
        self._servers: ServersBucket | None = None
        if per_minute is not None:
            per_second = per_minute / 60
            self._buckets.append(Bucket(max(1.0, per_second * _BURST_SECONDS), per_second, now))

    def seconds_until(self, amount: float, share: float, now: float) -> float:
        """How long until ``amount`` may be taken."""
        return max((bucket.seconds_until(amount, share, now) for bucket in self._buckets), default=0.0)

    def take(self, amount: float, share: float) -> None:
        """Use some; a negative amount gives back."""
        for bucket in self._buckets:
            bucket.take(amount, share)

    def learn(self, told: Allowance | None, on_the_way: float, now: float) -> None:
        """Follow what the server says of its limit, if anything."""
        if told is None:
            return
        if self._servers is None:
            self._servers = ServersBucket(told, now)
            self._buckets.append(self._servers)
        self._servers.learn(told, on_the_way, now)


class TokenRatio:
    """Tokens a byte of what is sent, corrected by what is billed; recent answers count most."""

    def __init__(self) -> None:
        """A cautious guess."""
        self._bytes = _FIRST_BYTES
        self._tokens = _FIRST_BYTES * _FIRST_RATIO

    def tokens_of(self, text_bytes: int) -> float:
        """The tokens to expect."""
        return text_bytes * self._tokens / self._bytes

    def correct(self, text_bytes: int, billed: int) -> None:
        """So many bytes were billed as so many tokens; 0 says nothing, because some servers do not bill."""
        if billed:
            self._bytes = 0.9 * self._bytes + text_bytes
            self._tokens = 0.9 * self._tokens + billed
