"""Refusals in a row: so many alike are more likely the system's fault than that of what was sent.

A refusal is believed once the API has since answered something, be it a plain sentence.
"""

import threading
from collections.abc import Callable

_SUSPICIOUS_REFUSALS = 3


class Suspicion:
    """What the API refused lately, without an answer in between. Safe to use from many threads."""

    def __init__(self, check_canary: Callable[[], None]) -> None:
        """No suspicion yet. ``check_canary`` raises RunPaused where even a plain sentence is refused."""
        self._check_canary = check_canary
        self._lock = threading.Lock()
        self._refused_in_a_row: list[str] = []

    def answered(self) -> None:
        """The API has answered: what was refused before was at fault itself."""
        with self._lock:
            self._refused_in_a_row.clear()

    def refused(self, code: str) -> None:
        """Something was refused alone.

        Raises:
            RunPaused: so were others before it, and so is a plain sentence.
        """
        with self._lock:
            self._refused_in_a_row.append(code)
            suspicious = self._refused_in_a_row[-_SUSPICIOUS_REFUSALS:] == [code] * _SUSPICIOUS_REFUSALS
        if suspicious:
            self.confirm()

    def confirm(self) -> None:
        """Make sure that the API answers at all, if the last things were refused.

        Raises:
            RunPaused: it does not; nothing that was sent is to blame.
        """
        if self._refused_in_a_row:
            self._check_canary()
            self.answered()
