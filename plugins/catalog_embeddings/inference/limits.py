"""The gate that every request passes: when the API asks one request to wait, all of them wait."""

import random
import threading
import time


class Gate:
    """Closed for as long as the API's last Retry-After says. One gate is shared by all threads of a run."""

    def __init__(self) -> None:
        """An open gate."""
        self._lock = threading.Lock()
        self._opens_at = 0.0

    def pause(self, seconds: float) -> None:
        """Keep everybody waiting for at least so many seconds from now."""
        with self._lock:
            self._opens_at = max(self._opens_at, time.monotonic() + seconds)

    def wait(self) -> None:
        """Return once the gate is open; a little spread keeps the waiting from rushing through together."""
        while (remaining := self._remaining()) > 0:
            time.sleep(remaining + random.uniform(0, 0.1 * remaining))

    def _remaining(self) -> float:
        with self._lock:
            return self._opens_at - time.monotonic()
