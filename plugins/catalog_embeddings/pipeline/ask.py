"""Asking the API for one batch of texts: the answer becomes a durable part, a refusal is traced to its culprit.

Runs in worker threads and knows nothing of the database; what becomes of the outcome is left to ``embed``.
"""

from dataclasses import dataclass, replace

import numpy as np

from catalog_embeddings.domain.dead_letter import EmbedReason, Refusal
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import RequestRefused
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.lake.parts import Part, store_part
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.suspicion import Suspicion
from catalog_embeddings.pipeline.text_vectors import TextVectors
from catalog_embeddings.transform.batching import Text
from catalog_embeddings.transform.chunking import split_text

_TOO_LONG = "context_length_exceeded"

# What the client says of a request that fails again and again while the API answers others.
_FAILS_ALONE = {"server_failed", "untrusted_answer"}


@dataclass(frozen=True)
class Shard:
    """A shard of a frozen plan, and the lease under which it is worked on."""

    lease: Lease
    version: EmbeddingVersion
    plan_id: str
    number: int


@dataclass(frozen=True)
class Answered:
    """What came of one batch: parts that are in the lake, with what they bring, and texts that were refused."""

    parts: tuple[tuple[StoredPart, TextVectors], ...] = ()
    refused: tuple[Refusal, ...] = ()

    def __add__(self, other: "Answered") -> "Answered":
        """Both outcomes as one."""
        return Answered(self.parts + other.parts, self.refused + other.refused)


class Asker:
    """Asks for the batches of one shard. Safe to call from many threads."""

    def __init__(self, api: EmbeddingsApi, lake: Lake, shard: Shard) -> None:
        """An asker that stores its parts under the shard's name."""
        self._api = api
        self._lake = lake
        self._shard = shard
        self._suspicion = Suspicion(api.check_canary)

    def ask(self, batch: list[Text]) -> Answered:
        """Ask for a batch; a refused one is halved until each culprit stands alone.

        Among n texts, k culprits cost at most 2 k log2(n) + k calls.

        Raises:
            RunPaused: quota, auth or an outage.
            ServerFailed: the lake did not take an answer.
        """
        try:
            return self._store(batch)
        except RequestRefused as refused:
            return self._isolate(batch, refused)

    def confirm_refusals(self) -> None:
        """Make sure that the API answers at all, if the last inputs were refused.

        Raises:
            RunPaused: it does not; no item is to blame.
        """
        self._suspicion.confirm()

    def _store(self, batch: list[Text]) -> Answered:
        answer = self._api.embed([chunk for text in batch for chunk in text.chunks])
        self._suspicion.answered()
        part = Part(
            content_hashes=[text.content_hash for text in batch],
            owners=np.repeat(np.arange(len(batch)), [len(text.chunks) for text in batch]),
            weights=np.array([size for text in batch for size in text.sizes], dtype=np.int64),
            vectors=answer.vectors,
        )
        stored = store_part(self._lake, self._shard.lease.run_id, self._shard.number, part)
        return Answered(parts=((stored, TextVectors.of(part)),))

    def _isolate(self, batch: list[Text], refused: RequestRefused) -> Answered:
        """What comes of a batch that was refused as a whole."""
        if len(batch) == 1:
            return self._judge(batch[0], refused)
        middle = len(batch) // 2
        first = self.ask(batch[:middle])
        rest = batch[middle:]
        # Where the first half is innocent the rest holds the culprit: it would only be refused as a whole again.
        if first.refused or len(rest) == 1:
            return first + self.ask(rest)
        return first + self._isolate(rest, refused)

    def _judge(self, text: Text, refused: RequestRefused) -> Answered:
        """What comes of a text that was refused alone; one that is too long gets a second chance in smaller pieces."""
        if refused.code != _TOO_LONG:
            return self._refuse(text, "failed_by_api" if refused.code in _FAILS_ALONE else "refused_by_api", refused)
        try:
            return self._store([self._cut_to_fit(text)])
        except RequestRefused as still_refused:
            too_long = still_refused.code == _TOO_LONG
            return self._refuse(text, "context_too_long" if too_long else "refused_by_api", still_refused)

    def _cut_to_fit(self, text: Text) -> Text:
        """The text in chunks that no tokenizer can make too long: a token is at least a byte."""
        surely = replace(self._shard.version.spec.chunking, bytes_per_token=1.0)
        return replace(text, chunks=tuple(piece for chunk in text.chunks for piece in split_text(chunk, surely)))

    def _refuse(self, text: Text, reason: EmbedReason, refused: RequestRefused) -> Answered:
        self._suspicion.refused(refused.code)
        return Answered(refused=(Refusal(text.content_hash, reason, refused.code),))
