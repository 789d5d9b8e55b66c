"""Outages: when nobody gets an answer any more, nobody asks but one probe at a time.

Knows failures in a row and when the next probe is due. Not safe for threads by itself: the gate holds its lock
around it.
"""

import random

from catalog_embeddings.inference.pace import Pace

# So many failures in a row, over all threads and with no answer between them, are an outage.
_SUSPICIOUS_FAILURES = 5


class Breaker:
    """Closed while the API answers; open during an outage."""

    def __init__(self, pace: Pace) -> None:
        """A closed breaker."""
        self._pace = pace
        self._failures = 0
        self._delay = pace.first_probe
        self._next_probe: float | None = None
        self._probing = False
        #: Probes that failed so far; each of them proves that the failures before it were nobody's fault.
        self.failed_probes = 0

    @property
    def is_open(self) -> bool:
        """Whether only probes may pass."""
        return self._next_probe is not None

    def seconds_to_probe(self, now: float) -> float | None:
        """How long until the next probe is due, 0 when it is; None while one is under way, or there is no outage."""
        return None if self._probing or self._next_probe is None else max(0.0, self._next_probe - now)

    def begin_probe(self) -> None:
        """One request goes ahead of the others."""
        self._probing = True

    def abandon_probe(self) -> None:
        """The probe ended without telling anything: another may go at once."""
        self._probing = False

    def fail(self, now: float, *, probe: bool) -> None:
        """A request failed. Stragglers that fail once the breaker is open change nothing."""
        self._failures += 1
        # An answer to a straggler may have ended the outage in the meantime.
        probe = probe and self.is_open
        if probe:
            self.failed_probes += 1
            self._delay = min(2 * self._delay, self._pace.longest_probe)
            self._probing = False
        if probe or (self._next_probe is None and self._failures >= _SUSPICIOUS_FAILURES):
            self._next_probe = now + self._delay * random.uniform(0.75, 1.25)

    def close(self) -> bool:
        """A request was answered; returns whether that ends an outage."""
        ended = self.is_open
        self._failures = 0
        self._delay = self._pace.first_probe
        self._next_probe = None
        self._probing = False
        return ended
