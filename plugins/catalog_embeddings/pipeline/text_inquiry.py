"""Asking for vectors through the Batch API: a line is a request as it would be sent alone, with the same packing.

An answer becomes a part in the lake and goes to a receiver, which loads or merely indexes it. When batches are sent
and collected is left to ``bulk``.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Protocol

import numpy as np

from catalog_embeddings.domain.batch import EMBEDDINGS, Batch, BatchRequest, Billed
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.inference.batch_lines import embeddings_line
from catalog_embeddings.inference.responses import parse_embeddings
from catalog_embeddings.lake.parts import Part, only, store_part
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.ask import Shard
from catalog_embeddings.pipeline.inquiry import Line
from catalog_embeddings.pipeline.text_vectors import TextVectors
from catalog_embeddings.postgres import batches, run_plan, spend
from catalog_embeddings.postgres.batches import Place
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.batching import Text, pack
from catalog_embeddings.transform.bulk import vector_bytes
from catalog_embeddings.transform.pricing import batch_token_price

# So often a text goes into a batch that leaves its request without an answer that can be used; then it is asked for by
# itself, where a culprit is found.
_TRIES = 3


class Receiver(Protocol):
    """Who takes the parts that are stored: the loader of a shard, for example."""

    def add(self, texts: TextVectors, paid_now: StoredPart | None = None) -> None:
        """Take what a part brings, which lies where ``paid_now`` says."""

    def flush(self) -> None:
        """Be done with all of them."""


class TextInquiry:
    """The texts of one shard. Used by the thread of the connection alone."""

    def __init__(
        self,
        connection: Connection,
        lake: Lake,
        shard: Shard,
        batch_size: int,
        receiver: Receiver,
        planned: Callable[[], Iterable[Text]],
    ) -> None:
        """An inquiry in requests of at most ``batch_size`` texts; ``planned`` reads all that the shard has.

        Parts are stored in the name of the shard's run.
        """
        self.lease = shard.lease
        self.place = Place(shard.lease.run_id, shard.number, EMBEDDINGS)
        self._connection = connection
        self._lake = lake
        self._spec = shard.version.spec
        self._batch_size = batch_size
        self._receiver = receiver
        self._planned = planned
        price = batch_token_price(self._spec)
        self.priced = price is not None
        self._price = price or Decimal(0)

    def unsent(self) -> set[bytes]:
        """The texts that have a chance in a batch."""
        return batches.to_send(self._connection, self.place, _TRIES)

    def lines(self, unsent: set[bytes]) -> Iterator[Line]:
        """Requests for these texts."""
        texts = (text for text in self._planned() if text.content_hash in unsent)
        yield from map(self._line, pack(texts, self._batch_size))

    def lines_again(self, requests: Iterable[BatchRequest]) -> Iterator[Line]:
        """The same requests for the same texts."""
        requests = list(requests)
        wanted = {content_hash for request in requests for content_hash in request.content_hashes}
        held = {text.content_hash: text for text in self._planned() if text.content_hash in wanted}
        yield from (self._line([held[each] for each in request.content_hashes]) for request in requests)

    def take(self, batch: Batch, request: BatchRequest, body: bytes) -> Billed:
        """Store the vectors of an answer as one part.

        Raises:
            UntrustedAnswer: they are not exactly those that were asked for.
            ServerFailed: the lake did not take them.
        """
        answer = parse_embeddings(body, len(request.sizes), self._spec.dims)
        part = Part(
            content_hashes=request.content_hashes,
            owners=np.repeat(np.arange(len(request.chunks)), request.chunks),
            weights=np.array(request.sizes, dtype=np.int64),
            vectors=answer.vectors,
        )
        # A worker that died while it collected has stored some of it, and another run may have paid for the same.
        if unpaid := run_plan.unpaid_among(self._connection, batch.run_id, part.content_hashes):
            wanted = only(part, unpaid)
            stored = store_part(self._lake, self.lease.run_id, self.place.shard, wanted)
            self._receiver.add(TextVectors.of(wanted), paid_now=stored)
        return Billed(1, sum(request.sizes), answer.tokens)

    def flush(self) -> None:
        """Have what was taken received."""
        self._receiver.flush()

    def settle(self, batch: Batch, sent: int, billed: Billed) -> None:
        """Book a batch in the account and in the progress of the run that has sent it."""
        tokens = billed.prompt_tokens
        spend.settle(
            self._connection,
            batch.run_id,
            released=batch.reserved_usd,
            spent=self._price * tokens,
            tokens=tokens,
            text_bytes=billed.text_bytes,
        )
        spent = Spent(requests=sent, tokens=tokens)
        run_plan.add_progress(self._connection, batch.run_id, batch.shard, embedded=0, reused=0, loaded=0, spent=spent)

    def _line(self, texts: list[Text]) -> Line:
        request = BatchRequest(
            content_hashes=[text.content_hash for text in texts],
            chunks=[len(text.chunks) for text in texts],
            sizes=[size for text in texts for size in text.sizes],
        )
        inputs = [chunk for text in texts for chunk in text.chunks]
        return Line(
            request=request,
            content=embeddings_line(self._spec, request.custom_id, inputs),
            usd=self._price * sum(request.sizes),
            answer_bytes=len(inputs) * vector_bytes(self._spec.dims),
        )
