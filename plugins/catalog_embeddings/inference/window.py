"""How many requests at once a server bears, found out by its own refusals: AIMD, as TCP does it, but gently.

An answer adds ``GAIN / w`` to the window ``w``, a failure takes the share ``LOSS`` of it. Where a share p of all
requests fails for no reason of load, the two balance at ``w^2 = (1 - p) GAIN / (p LOSS)``: at 30 % that is 10.8, so
random refusals cost no concurrency worth mentioning; with a loss of one half, as in TCP, w would be 2.6. A server
that bears only c at once refuses whatever goes beyond, and w settles one or two above c: see benchmarks/weather.py.

Knows one number. Not safe for threads by itself: the gate holds its lock around it.
"""

GAIN = 1.5
LOSS = 0.03


class Window:
    """Between 1 and ``limit`` requests in flight."""

    def __init__(self, limit: int, start: float) -> None:
        """A window of ``start`` requests that grows to at most ``limit``."""
        self._limit = limit
        self._width = start

    @property
    def size(self) -> int:
        """Requests that may be in flight now."""
        return round(self._width)

    def grow(self, in_flight: int) -> None:
        """A request was answered while so many were in flight, itself among them.

        Where fewer were sent than might have been, the answer says nothing about a larger window.
        """
        if in_flight >= self.size:
            self._width = min(self._limit, self._width + GAIN / self._width)

    def shrink(self) -> None:
        """A request was refused or failed."""
        self._width = max(1.0, self._width * (1 - LOSS))

    def restart(self) -> None:
        """After an outage: begin with one request."""
        self._width = 1.0
