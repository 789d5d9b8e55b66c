"""What was asked of an API."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spent:
    """``requests`` counts every attempt, ``retries`` all but the first of each; ``tokens`` were billed."""

    requests: int = 0
    retries: int = 0
    tokens: int = 0

    def __sub__(self, earlier: "Spent") -> "Spent":
        """What was spent since ``earlier``."""
        return Spent(self.requests - earlier.requests, self.retries - earlier.retries, self.tokens - earlier.tokens)
