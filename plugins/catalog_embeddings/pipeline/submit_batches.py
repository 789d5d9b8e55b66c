"""Submitting: texts become lines of a batch, which is written down before it is sent, and so is sent once.

What is written down is committed before the first byte leaves. A worker that was lost after that leaves its intent;
whoever comes next looks for its batch, and for its file, by name, and sends only what is not there. What becomes of a
batch is left to ``collect_batches``.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from catalog_embeddings.domain.batch import EMBEDDINGS, Batch, BatchReport, BatchRequest
from catalog_embeddings.errors import RunFenced, RunPaused
from catalog_embeddings.inference.batch_lines import embeddings_line
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.pipeline.ask import Shard
from catalog_embeddings.pipeline.budget import limit_reached, unknown_price
from catalog_embeddings.postgres import batches, leases, spend
from catalog_embeddings.postgres.batches import Place
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.batching import Text, pack
from catalog_embeddings.transform.bulk import BatchRoom
from catalog_embeddings.transform.pricing import batch_token_price

# A batch under way, and what the API says of it.
UnderWay = tuple[Batch, BatchReport]


Line = tuple[BatchRequest, bytes]


class BatchSubmission:
    """Sends the texts of one shard. Used by the thread of the connection alone, outside transactions."""

    def __init__(self, connection: Connection, api: BatchesApi, shard: Shard, batch_size: int) -> None:
        """A submission of requests of at most ``batch_size`` texts each."""
        self._connection = connection
        self._api = api
        self._lease = shard.lease
        self._spec = shard.version.spec
        self._place = Place(shard.lease.run_id, shard.number, EMBEDDINGS)
        self._batch_size = batch_size
        self._price = batch_token_price(shard.version.spec)
        self._waiting: list[Text] | None = None

    def send(self, texts: Iterable[Text]) -> Iterator[UnderWay]:
        """Send these texts in as many batches as they need, or as the cost limit has room for now.

        Raises:
            RunPaused: the limit has room for none, and no batch is under way that might make some; or the API is not
                to be had.
            ConfigurationError: there is a limit, and the price is unknown.
        """
        requests = pack(texts, self._batch_size)
        while (request := self._waiting or next(requests, None)) is not None:
            self._waiting = request
            lines = self._fill(requests)
            batch = self._intend(lines) if lines else None
            if batch is None:
                if batches.any_open(self._connection, self._place.run_id):
                    return
                size = sum(sum(text.sizes) for text in request)
                raise limit_reached(self._connection, self._place.run_id, self._usd(size))
            yield batch, self._submit(batch, lines)

    def resume(self, batch: Batch, texts: Iterable[Text]) -> BatchReport:
        """See to it that a batch that was intended is under way; ``texts`` are all that the shard has.

        Raises:
            RunPaused: the API is not to be had.
            RunFenced: another worker has taken over.
        """
        if (found := self._api.find(batch.intent_id, batch.intended_at)) is not None:
            self._record(batch, found)
            return found
        request_of = {
            content_hash: request
            for request in batches.requests_of(self._connection, batch.intent_id)
            for content_hash in request.content_hashes
        }
        held = {text.content_hash: text for text in texts if text.content_hash in request_of}
        asked = {request.custom_id: request for request in request_of.values()}
        lines = [self._line([held[each] for each in request.content_hashes]) for request in asked.values()]
        return self._submit(batch, lines, sent_before=batch.intended_at)

    def _fill(self, requests: Iterator[list[Text]]) -> list[Line]:
        """The lines of the next batch; none where the cost limit has no room for one."""
        room = BatchRoom(self._spec.dims, text_bytes=self._affordable())
        lines: list[Line] = []
        while (request := self._waiting or next(requests, None)) is not None:
            self._waiting = request
            line = self._line(request)
            if not room.take(line[0].sizes, len(line[1])):
                break
            lines.append(line)
            self._waiting = None
        return lines

    def _affordable(self) -> int | None:
        """The bytes of text, each of which may be a token, that the run's limit has room for; None without a limit."""
        account = spend.open_account(self._connection, self._place.run_id)
        if account.limit is None:
            return None
        if self._price is None:
            raise unknown_price(self._place.run_id)
        return int((account.limit - account.spent - account.reserved) / self._price)

    def _line(self, texts: list[Text]) -> Line:
        request = BatchRequest(
            content_hashes=[text.content_hash for text in texts],
            chunks=[len(text.chunks) for text in texts],
            sizes=[size for text in texts for size in text.sizes],
        )
        inputs = [chunk for text in texts for chunk in text.chunks]
        return request, embeddings_line(self._spec, request.custom_id, inputs)

    def _intend(self, lines: list[Line]) -> Batch | None:
        """Write a batch down, with what it may cost; None where another shard has just taken the room for it."""
        requests = [request for request, _ in lines]
        usd = self._usd(sum(sum(request.sizes) for request in requests))
        with self._connection.transaction():
            leases.check_fence(self._connection, self._lease)
            if not spend.reserve(self._connection, self._place.run_id, usd):
                return None
            return batches.intend(self._connection, uuid.uuid4().hex, self._place, requests, usd)

    def _submit(self, batch: Batch, lines: list[Line], sent_before: datetime | None = None) -> BatchReport:
        content = b"".join(line for _, line in lines)
        file_id = self._api.upload(f"{batch.intent_id}.jsonl", content, sent_before=sent_before)
        with self._connection.transaction():
            # A large file takes minutes; who was superseded meanwhile creates nothing.
            leases.check_fence(self._connection, self._lease)
        report = self._api.create(file_id, batch.endpoint, batch.intent_id, sent_before=sent_before)
        self._record(batch, report)
        return report

    def _record(self, batch: Batch, report: BatchReport) -> None:
        """Write down that the API has a batch, unless another worker was faster: then ours is one too many."""
        recorded = False
        try:
            with self._connection.transaction():
                leases.check_fence(self._connection, self._lease)
                recorded = batches.set_submitted(
                    self._connection, batch.intent_id, input_file_id=report.input_file_id, batch_id=report.batch_id
                )
        finally:
            if not recorded:
                self._take_back(batch, report)
        if not recorded:
            raise RunFenced(f"another worker has submitted a batch of run {batch.run_id}: nothing more is sent")

    def _take_back(self, batch: Batch, report: BatchReport) -> None:
        """Cancel a batch if it is not the first of its intent, which whoever comes next takes for it."""
        with suppress(RunPaused):
            first = self._api.find(batch.intent_id, batch.intended_at)
            if first is not None and first.batch_id != report.batch_id:
                self._api.cancel(report.batch_id)

    def _usd(self, text_bytes: int) -> Decimal:
        return (self._price or Decimal(0)) * text_bytes
