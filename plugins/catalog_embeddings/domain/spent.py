"""What was asked of an API, and what that used up."""

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


@dataclass(frozen=True, slots=True)
class ChatSpent:
    """What a language model was paid for: answers, and the tokens it read and wrote for them."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: "ChatSpent") -> "ChatSpent":
        """Both together."""
        return ChatSpent(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )
