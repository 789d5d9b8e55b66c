"""How much fits into one batch. Pure arithmetic; what a batch is and who sends it is left to others."""

from dataclasses import dataclass
from decimal import Decimal

#: OpenAI's limits for one batch (platform.openai.com/docs/api-reference/batch/create, 2026): lines, inputs over all
#: lines of embeddings, and bytes of the input file.
MAX_LINES = 50_000
MAX_BATCH_INPUTS = 50_000
MAX_FILE_BYTES = 200_000_000

#: Ours: an output file is read whole, and at 3,072 dims 50,000 vectors would be four times as much.
MAX_ANSWER_BYTES = 200_000_000


# Of a token in JSON: most are a few letters, and a control character is spelled in six.
_TOKEN_BYTES = 8

# What stands around an answer in its line.
_ENVELOPE_BYTES = 2_000


def vector_bytes(dims: int) -> int:
    """The bytes of a vector in an answer: in base64, with its place in the list."""
    return dims * 16 // 3 + 80


def completion_bytes(max_tokens: int) -> int:
    """The bytes of a completion of so many tokens, with what stands around it."""
    return max_tokens * _TOKEN_BYTES + _ENVELOPE_BYTES


@dataclass
class BatchRoom:
    """What is left of one batch. ``usd`` is what may still be paid for; None where there is no limit."""

    usd: Decimal | None = None
    lines: int = 0
    inputs: int = 0
    file_bytes: int = 0
    answer_bytes: int = 0

    def take(self, inputs: int, line_bytes: int, answer_bytes: int, usd: Decimal) -> bool:
        """Take in a line that asks for so many inputs and costs up to ``usd``; False where it does not fit any more."""
        fits = (
            self.lines < MAX_LINES
            and self.inputs + inputs <= MAX_BATCH_INPUTS
            and self.file_bytes + line_bytes <= MAX_FILE_BYTES
            and self.answer_bytes + answer_bytes <= MAX_ANSWER_BYTES
            and (self.usd is None or usd <= self.usd)
        )
        if fits:
            self.lines += 1
            self.inputs += inputs
            self.file_bytes += line_bytes
            self.answer_bytes += answer_bytes
            self.usd = None if self.usd is None else self.usd - usd
        return fits
