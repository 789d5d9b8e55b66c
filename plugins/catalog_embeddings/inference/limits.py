"""The gate that every request of a client passes: it alone decides when the next may be sent.

Knows who is in flight, who waits, and why: a pause the API asked for, an outage, no free slot, a window, an empty
bucket. Each reason's own arithmetic is left to ``breaker``, ``window`` and ``buckets``; what an answer means to
``responses``; whether a failed request is tried again to ``retry``.
"""

import random
import threading
import time
from types import TracebackType
from typing import Self

from catalog_embeddings.errors import Permanent, RateLimited, RequestRefused, RunPaused, Transient
from catalog_embeddings.inference.breaker import Breaker
from catalog_embeddings.inference.buckets import Allowances, Budget, TokenRatio
from catalog_embeddings.inference.pace import PACE, Pace
from catalog_embeddings.inference.window import Window

# Whoever waits looks again after so many seconds, told or not: a wake-up that got lost must not stop a run.
_LONGEST_NAP = 1.0


class Passage:
    """One request's way through the gate, as a context: leaving it frees the place, and tells how it went."""

    def __init__(
        self, gate: "Gate", text_bytes: int, tokens: float, sent: tuple[int, float], *, is_probe: bool
    ) -> None:
        self._gate = gate
        self.text_bytes = text_bytes
        self.tokens = tokens
        #: Requests and tokens that had been sent when this one was, itself included.
        self.sent = sent
        #: In an outage: send something cheap that surely works, and come back for the request itself.
        self.is_probe = is_probe
        #: Tokens the API billed, once it has answered.
        self.billed: int | None = None

    def learn(self, told: Allowances) -> None:
        """Take in what the answer's headers say of the server's limits."""
        self._gate.learn(told, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._gate.leave(self, error)


class Gate:
    """Shared by all threads of a client. Everything it knows is under one lock, held for microseconds."""

    def __init__(
        self,
        parallelism: int,
        *,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        cautious: bool = False,
        pace: Pace = PACE,
    ) -> None:
        """An open gate for at most ``parallelism`` requests in flight, or as many as ``resize`` says.

        The limits a minute are the account's, None where only the server knows them. A ``cautious`` gate begins
        with one request at a time, to find out whether what paused the run before is over.
        """
        now = time.monotonic()
        self.parallelism = parallelism
        self.pace = pace
        self._changed = threading.Condition(threading.Lock())
        self._slots = parallelism
        self._inside: set[Passage] = set()
        self._requests_sent = 0
        self._tokens_sent = 0.0
        self._opens_at = now
        self._requests = Budget(requests_per_minute, now)
        self._tokens = Budget(tokens_per_minute, now)
        self._ratio = TokenRatio()
        self._window = Window(parallelism, 1.0 if cautious else parallelism)
        self._breaker = Breaker(pace)
        self._answers = 0
        self._silent_since: float | None = None
        self._stopped: Permanent | None = None
        self._stop_told = threading.Event()

    @property
    def in_flight(self) -> int:
        """Requests that have been let through and not come back."""
        return len(self._inside)

    @property
    def answers(self) -> int:
        """Requests that the API answered so far, be it with a refusal of what they held."""
        return self._answers

    @property
    def failed_probes(self) -> int:
        """Probes that failed in outages so far."""
        return self._breaker.failed_probes

    def resize(self, slots: int) -> None:
        """Let at most so many be in flight from now on, 0 to ``parallelism``; 0 lets nobody pass until it is raised.

        A process with a part of the slots uses the same part of the limits a minute. Nobody in flight is cut off.
        """
        with self._changed:
            self._slots = max(0, min(slots, self.parallelism))
            if not self._slots:
                # Who may not ask cannot be answered: that is no outage.
                self._silent_since = None
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Keep everybody waiting for at least so many seconds from now: the API asked for it."""
        # A little more, so that the processes that were told the same do not come back together.
        opens_at = time.monotonic() + seconds * random.uniform(1.0, 1.05)
        with self._changed:
            self._opens_at = max(self._opens_at, opens_at)

    def stop(self, error: Permanent) -> None:
        """Let nobody pass any more: who waits or comes raises the same sentence. The first reason stands."""
        with self._changed:
            self._stop(error)

    def rest(self, seconds: float) -> None:
        """Sleep; raises at once when the gate is stopped."""
        self._stop_told.wait(seconds)
        self._check_stopped()

    def enter(self, text_bytes: int) -> Passage:
        """Wait until a request with so many bytes of text may be sent; to be used as a context.

        Raises:
            RunPaused: another request has found out that none will be answered; or whatever ``stop`` was given.
        """
        with self._changed:
            tokens = self._ratio.tokens_of(text_bytes)
            while (wait := self._obstacle(tokens)) is None or wait > 0:
                self._changed.wait(_LONGEST_NAP if wait is None else min(wait, _LONGEST_NAP))
            is_probe = self._breaker.is_open
            if is_probe:
                self._breaker.begin_probe()
                tokens = 0.0
            self._requests_sent += 1
            self._tokens_sent += tokens
            self._use(1, tokens)
            sent = self._requests_sent, self._tokens_sent
            passage = Passage(self, text_bytes, tokens, sent, is_probe=is_probe)
            self._inside.add(passage)
            # There may be room for one more.
            self._changed.notify()
            return passage

    def learn(self, told: Allowances, passage: Passage) -> None:
        """Follow the server's limits, as the answer to ``passage`` tells them."""
        if told.requests is None and told.tokens is None:
            return
        with self._changed:
            # What the server may not have counted yet: all that was sent later, even if its answer was read earlier,
            # and what was sent before and has not come back.
            requests, tokens = passage.sent
            before = [each.tokens for each in self._inside if each.sent[0] < requests]
            now = time.monotonic()
            self._requests.learn(told.requests, self._requests_sent - requests + len(before), now)
            self._tokens.learn(told.tokens, self._tokens_sent - tokens + sum(before), now)

    def leave(self, passage: Passage, error: BaseException | None) -> None:
        """A request came back, answered or with an ``error``: see how that bears on the others."""
        with self._changed:
            if error is None or isinstance(error, RequestRefused):
                self._answered(passage)
            elif isinstance(error, Transient):
                self._failed(passage, error)
            else:
                if passage.is_probe:
                    self._breaker.abandon_probe()
                if isinstance(error, RunPaused):
                    self._stop(error)
            self._inside.remove(passage)
            if passage.is_probe:
                self._changed.notify_all()
            else:
                self._changed.notify()

    def _obstacle(self, tokens: float) -> float | None:
        """Seconds until the next may pass as far as is known, 0 for now, None when that depends on others."""
        self._check_stopped()
        now = time.monotonic()
        if now < self._opens_at:
            return self._opens_at - now
        if len(self._inside) >= self._slots:
            return None
        if self._breaker.is_open:
            return self._breaker.seconds_to_probe(now)
        if len(self._inside) >= self._window.size:
            return None
        share = self._slots / self.parallelism
        return max(self._requests.seconds_until(1, share, now), self._tokens.seconds_until(tokens, share, now))

    def _answered(self, passage: Passage) -> None:
        self._answers += 1
        self._silent_since = None
        if self._breaker.close():
            self._window.restart()
            self._changed.notify_all()
        else:
            self._window.grow(len(self._inside))
        if passage.billed is not None and not passage.is_probe:
            self._ratio.correct(passage.text_bytes, passage.billed)
            self._use(0, passage.billed - passage.tokens)

    def _failed(self, passage: Passage, error: Transient) -> None:
        now = time.monotonic()
        self._window.shrink()
        if not isinstance(error, RateLimited):
            self._breaker.fail(now, probe=passage.is_probe)
        elif passage.is_probe and self._breaker.close():
            # It only asks for less: the outage is over.
            self._window.restart()
        if self._silent_since is None:
            self._silent_since = now
        elif now - self._silent_since > self.pace.patience:
            silence = round(now - self._silent_since)
            self._stop(RunPaused(f"no answer from the API for {silence} s, last: {error}; run again once it is up"))

    def _use(self, requests: float, tokens: float) -> None:
        # Without a slot of its own, a process is at most giving one back.
        share = max(self._slots, 1) / self.parallelism
        self._requests.take(requests, share)
        self._tokens.take(tokens, share)

    def _stop(self, error: Permanent) -> None:
        if self._stopped is None:
            self._stopped = error
            self._stop_told.set()
            self._changed.notify_all()

    def _check_stopped(self) -> None:
        if self._stopped is not None:
            # Its own exception for everybody: threads must not share one traceback.
            raise type(self._stopped)(*self._stopped.args)
