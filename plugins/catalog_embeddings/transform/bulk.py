"""How much fits into one batch. Pure arithmetic; what a batch is and who sends it is left to others."""

from collections.abc import Sequence
from dataclasses import dataclass

#: OpenAI's limits for one batch (platform.openai.com/docs/api-reference/batch/create, 2026): lines, inputs over all
#: lines of embeddings, and bytes of the input file.
MAX_LINES = 50_000
MAX_BATCH_INPUTS = 50_000
MAX_FILE_BYTES = 200_000_000

#: Ours: an output file is read whole, and at 3,072 dims 50,000 vectors would be four times as much.
MAX_ANSWER_BYTES = 200_000_000


@dataclass
class BatchRoom:
    """What is left of one batch. ``text_bytes`` is what may still be paid for; None where there is no limit."""

    dims: int
    text_bytes: int | None = None
    lines: int = 0
    inputs: int = 0
    file_bytes: int = 0

    def take(self, sizes: Sequence[int], line_bytes: int) -> bool:
        """Take in a line that asks for inputs of these sizes, in bytes; False where it does not fit any more."""
        # In base64, with its place in the list.
        answer_bytes = (self.inputs + len(sizes)) * (self.dims * 16 // 3 + 80)
        fits = (
            self.lines < MAX_LINES
            and self.inputs + len(sizes) <= MAX_BATCH_INPUTS
            and self.file_bytes + line_bytes <= MAX_FILE_BYTES
            and answer_bytes <= MAX_ANSWER_BYTES
            and (self.text_bytes is None or sum(sizes) <= self.text_bytes)
        )
        if fits:
            self.lines += 1
            self.inputs += len(sizes)
            self.file_bytes += line_bytes
            self.text_bytes = None if self.text_bytes is None else self.text_bytes - sum(sizes)
        return fits
