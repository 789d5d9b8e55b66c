"""Submitting: lines become a batch, which is written down before it is sent, and so is sent once.

What is written down is committed before the first byte leaves. A worker that was lost after that leaves its intent;
whoever comes next looks for its batch, and for its file, by name, and sends only what is not there. What becomes of a
batch is left to ``collect_batches``.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from catalog_embeddings.domain.batch import Batch, BatchReport
from catalog_embeddings.errors import RunFenced, RunPaused
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.pipeline.budget import limit_reached, unknown_price
from catalog_embeddings.pipeline.inquiry import Inquiry, Line
from catalog_embeddings.postgres import batches, leases, spend
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.bulk import BatchRoom

# A batch under way, and what the API says of it.
UnderWay = tuple[Batch, BatchReport]


class BatchSubmission:
    """Sends the lines of one inquiry. Used by the thread of the connection alone, outside transactions."""

    def __init__(self, connection: Connection, api: BatchesApi, inquiry: Inquiry) -> None:
        """A submission that has sent nothing."""
        self._connection = connection
        self._api = api
        self._inquiry = inquiry
        self._lease = inquiry.lease
        self._place = inquiry.place
        self._waiting: Line | None = None

    def send(self, lines: Iterator[Line]) -> Iterator[UnderWay]:
        """Send these lines in as many batches as they need, or as the cost limit has room for now.

        Raises:
            RunPaused: the limit has room for none, and no batch is under way that might make some; or the API is not
                to be had.
            ConfigurationError: there is a limit, and the price is unknown.
        """
        while (line := self._waiting or next(lines, None)) is not None:
            self._waiting = line
            filled = self._fill(lines)
            batch = self._intend(filled) if filled else None
            if batch is None:
                if batches.any_open(self._connection, self._place.run_id):
                    return
                raise limit_reached(self._connection, self._place.run_id, line.usd)
            yield batch, self._submit(batch, filled)

    def resume(self, batch: Batch) -> BatchReport:
        """See to it that a batch that was intended is under way.

        Raises:
            RunPaused: the API is not to be had.
            RunFenced: another worker has taken over.
        """
        if (found := self._api.find(batch.intent_id, batch.intended_at)) is not None:
            self._record(batch, found)
            return found
        requests = batches.requests_of(self._connection, batch.intent_id)
        return self._submit(batch, self._inquiry.lines_again(requests), sent_before=batch.intended_at)

    def _fill(self, lines: Iterator[Line]) -> list[Line]:
        """The lines of the next batch; none where the cost limit has no room for one."""
        room = BatchRoom(self._affordable())
        filled: list[Line] = []
        while (line := self._waiting or next(lines, None)) is not None:
            self._waiting = line
            if not room.take(len(line.request.sizes), len(line.content), line.answer_bytes, line.usd):
                break
            filled.append(line)
            self._waiting = None
        return filled

    def _affordable(self) -> Decimal | None:
        """The US dollars that the run's limit has room for; None without a limit."""
        account = spend.open_account(self._connection, self._place.run_id)
        if account.limit is None:
            return None
        if not self._inquiry.priced:
            raise unknown_price(self._place.run_id)
        return account.limit - account.spent - account.reserved

    def _intend(self, lines: list[Line]) -> Batch | None:
        """Write a batch down, with what it may cost; None where another shard has just taken the room for it."""
        usd = sum((line.usd for line in lines), Decimal(0))
        with self._connection.transaction():
            leases.check_fence(self._connection, self._lease)
            if not spend.reserve(self._connection, self._place.run_id, usd):
                return None
            requests = [line.request for line in lines]
            return batches.intend(self._connection, uuid.uuid4().hex, self._place, requests, usd)

    def _submit(self, batch: Batch, lines: Iterable[Line], sent_before: datetime | None = None) -> BatchReport:
        content = b"".join(line.content for line in lines)
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
