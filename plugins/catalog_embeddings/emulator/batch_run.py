"""The life of a batch: validated at once, answered line by line, and finished, in ``batch_seconds``.

Each line is paid for when it is answered, and not before. Changed while a batch runs, ``batch_seconds`` holds it
where it is, or lets it go. How lines are read and written is left to
``batch_lines``, who may ask for a batch to ``batches``.
"""

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from catalog_embeddings.emulator import chat, embeddings, vectors
from catalog_embeddings.emulator.batch import Batch
from catalog_embeddings.emulator.batch_lines import (
    InvalidInputFile,
    Line,
    answered_line,
    over_the_queue,
    read_lines,
    refused_line,
    unsent_line,
)
from catalog_embeddings.emulator.counters import Counters
from catalog_embeddings.emulator.faults import Behaviour, Faults
from catalog_embeddings.emulator.files import Files, StoredFile
from catalog_embeddings.emulator.openai_errors import ApiError

# The share of a batch's time after which its last line is answered; the rest is for writing the files.
_ANSWERED = 0.9
# How often a batch that waits looks whether its time was changed.
_TICK_S = 0.05
# A row of the output file, and the tokens of question and answer.
_Answer = tuple[bytes, int, int]


@dataclass
class BatchRun:
    """One batch while it runs. ``wish`` is the behaviour at its creation; ``waiting`` lines are not sent yet."""

    batch: Batch
    wish: Behaviour
    files: Files
    faults: Faults
    counters: Counters
    waiting: deque[Line] = field(default_factory=deque)
    output: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    async def run(self, content: bytes) -> None:
        """Take the batch from its input file's content to its end."""
        try:
            lines = await self._validated(content)
        except InvalidInputFile as invalid:
            self.batch.errors = invalid.errors
            self.batch.become("failed")
            return
        self.batch.model, self.batch.total = lines[0].body.get("model"), len(lines)
        if not self.batch.cancel_asked.is_set():
            self.batch.become("in_progress")
        # As if two workers took turns: with two lines or more, never the order of the input.
        self.waiting.extend(lines[1::2] + lines[::2])
        await self._send_lines()
        self._finish(await self._end())

    async def _validated(self, content: bytes) -> list[Line]:
        lines = await asyncio.to_thread(read_lines, content, self.batch.endpoint)
        if self.wish.batch_fails:
            raise InvalidInputFile([over_the_queue(lines[0])])
        return lines

    async def _reach(self, share: float) -> None:
        """Wait until this share of the batch's time has passed, or somebody cancels it."""
        while not self.batch.cancel_asked.is_set():
            wait = self.started + share * self.faults.behaviour.batch_seconds - time.monotonic()
            if wait <= 0:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self.batch.cancel_asked.wait(), min(wait, _TICK_S))

    async def _send_lines(self) -> None:
        share = 1.0 if self.wish.batch_expires_after is None else self.wish.batch_expires_after
        for sent in range(1, int(share * self.batch.total) + 1):
            await self._reach(_ANSWERED * sent / self.batch.total)
            if self.batch.cancel_asked.is_set():
                return
            await self._send(self.waiting.popleft())

    async def _send(self, line: Line) -> None:
        try:
            embedding = self.batch.endpoint == "/v1/embeddings"
            row, asked, answered = await (self._embed(line) if embedding else self._complete(line))
        except ApiError as error:
            self.errors.append(refused_line(line, error))
            self.batch.failed += 1
            return
        self.output.append(row)
        self.batch.completed += 1
        self.batch.input_tokens += asked
        self.batch.output_tokens += answered
        self.counters.batch_line_paid()

    async def _embed(self, line: Line) -> _Answer:
        asked = embeddings.parse(line.body)
        self.faults.refuse_poison(asked.texts)
        row = await asyncio.to_thread(_embedded, line, asked)
        self.counters.embedded(asked.model, asked.dims, asked.texts, asked.tokens)
        return row, asked.tokens, 0

    async def _complete(self, line: Line) -> _Answer:
        asked = chat.parse(line.body)
        self.faults.refuse_poison(asked.messages)
        kind = self.faults.draft_kind(asked.messages, asked.tries)
        completion = await asyncio.to_thread(chat.complete, asked, kind)
        self.counters.completed(asked.prompt_tokens, completion.tokens)
        return answered_line(line, chat.answer(asked, completion)), asked.prompt_tokens, completion.tokens

    async def _end(self) -> Literal["completed", "expired", "cancelled"]:
        expires = self.wish.batch_expires_after is not None
        if not expires and not self.batch.cancel_asked.is_set():
            self.batch.become("finalizing")
        await self._reach(1.0)
        if self.batch.cancel_asked.is_set():
            return "cancelled"
        return "expired" if expires else "completed"

    def _finish(self, end: Literal["completed", "expired", "cancelled"]) -> None:
        if end != "completed":
            self.errors += [unsent_line(line, end) for line in self.waiting]
        self.batch.output_file_id = self._written("output", self.output)
        self.batch.error_file_id = self._written("error", self.errors)
        self.batch.become(end)

    def _written(self, name: str, rows: list[bytes]) -> str | None:
        """The id of the file of these rows; None where there are none, as OpenAI makes no empty file."""
        if not rows:
            return None
        return self.files.add(StoredFile(f"{self.batch.id}_{name}.jsonl", "batch_output", b"".join(rows))).id


def _embedded(line: Line, asked: embeddings.EmbeddingRequest) -> bytes:
    made = vectors.embed(asked.model, asked.texts, asked.dims)
    return answered_line(line, embeddings.answer(asked, embeddings.entries(made, asked.encoding_format)))
