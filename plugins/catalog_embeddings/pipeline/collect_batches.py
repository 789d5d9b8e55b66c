"""Collecting: a batch that has ended becomes durable parts and loaded texts, and its price is known.

Each line is checked as an answer of its own would be, and is stored before anything else happens to it. That a batch
is collected, and what it cost, is written down last and at once; a worker that dies before does all of it again, finds
the same parts, and pays for nothing. What is to be sent again is left to ``submit_batches``.
"""

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import numpy as np

from catalog_embeddings.domain.batch import AnsweredLine, Batch, BatchReport, BatchRequest, BatchState, RequestOutcome
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.errors import RequestRefused, RunPaused, UntrustedAnswer
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.inference.responses import error_of, parse_embeddings
from catalog_embeddings.lake.parts import Part, only, store_part
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.ask import Shard
from catalog_embeddings.postgres import batches, leases, run_plan, spend
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.pricing import batch_token_price

log = logging.getLogger(__name__)

#: What a batch fails with while the account's others hold too many tokens: it would pass on another day.
QUEUE_FULL = "token_limit_exceeded"


class Receiver(Protocol):
    """Who takes the parts that are stored: the loader of a shard, for example."""

    def add(self, part: Part, paid_now: StoredPart | None = None) -> None:
        """Take a part, which lies where ``paid_now`` says."""

    def flush(self) -> None:
        """Be done with all of them."""


@dataclass
class _Collected:
    """What has come out of a batch so far; a line of which nothing is heard was not sent."""

    outcomes: dict[str, RequestOutcome]
    tokens: int = 0
    text_bytes: int = 0
    pause: RunPaused | None = None
    strange: int = 0


class BatchCollection:
    """Collects the batches of one shard. Used by the thread of the connection alone, outside transactions."""

    def __init__(self, connection: Connection, lake: Lake, api: BatchesApi, shard: Shard, receiver: Receiver) -> None:
        """A collection whose parts go to ``receiver``; they are stored in the name of the shard's run."""
        self._connection = connection
        self._lake = lake
        self._api = api
        self._shard = shard
        self._receiver = receiver
        self._price = batch_token_price(shard.version.spec) or Decimal(0)

    def collect(self, batch: Batch, report: BatchReport) -> RunPaused | None:
        """Store, load and settle what a batch has answered; returns why the run should pause, if it should.

        Raises:
            RunPaused: the API is not to be had.
            RunFenced: another worker has taken over.
        """
        requests = {each.custom_id: each for each in batches.requests_of(self._connection, batch.intent_id)}
        collected = _Collected(dict.fromkeys(requests, "unsent"))
        for line in self._api.lines(report):
            if collected.outcomes.get(line.custom_id) == "unsent" and line.status is not None:
                collected.outcomes[line.custom_id] = self._take(line, batch, requests[line.custom_id], collected)
            elif line.custom_id not in requests:
                collected.strange += 1
        self._receiver.flush()
        self._settle(batch, report.end or "failed", report.error, collected)
        answered = sum(outcome == "answered" for outcome in collected.outcomes.values())
        log.info("batch %s is %s: %d of %d requests answered", report.batch_id, report.status, answered, len(requests))
        if collected.strange:
            log.warning("batch %s answers %d lines that nobody has sent", report.batch_id, collected.strange)
        return collected.pause or _reason_to_pause(report, answered)

    def _take(self, line: AnsweredLine, batch: Batch, request: BatchRequest, collected: _Collected) -> RequestOutcome:
        if line.status != 200:
            return _refusal(line, collected)
        try:
            answer = parse_embeddings(line.body, len(request.sizes), self._shard.version.spec.dims)
        except UntrustedAnswer as error:
            log.warning("a line of a batch is not what was asked for: %s", error)
            return "failed"
        collected.tokens += answer.tokens
        collected.text_bytes += sum(request.sizes)
        part = Part(
            content_hashes=request.content_hashes,
            owners=np.repeat(np.arange(len(request.chunks)), request.chunks),
            weights=np.array(request.sizes, dtype=np.int64),
            vectors=answer.vectors,
        )
        # A worker that died while it collected has stored some of it, and another run may have paid for the same.
        if unpaid := run_plan.unpaid_among(self._connection, batch.run_id, part.content_hashes):
            wanted = only(part, unpaid)
            stored = store_part(self._lake, self._shard.lease.run_id, self._shard.number, wanted)
            self._receiver.add(wanted, paid_now=stored)
        return "answered"

    def forget(self, batch: Batch) -> None:
        """A batch was never created, and will not be: nothing of it was sent.

        Raises:
            RunFenced: another worker has taken over.
        """
        requests = batches.requests_of(self._connection, batch.intent_id)
        unsent: dict[str, RequestOutcome] = dict.fromkeys((each.custom_id for each in requests), "unsent")
        self._settle(batch, "cancelled", None, _Collected(unsent))

    def _settle(self, batch: Batch, end: BatchState, error: str | None, collected: _Collected) -> None:
        outcomes, tokens = collected.outcomes, collected.tokens
        sent = sum(outcome != "unsent" for outcome in outcomes.values())
        with self._connection.transaction():
            leases.check_fence(self._connection, self._shard.lease)
            if not batches.end(self._connection, batch.intent_id, end, outcomes, tokens=tokens, error=error):
                return
            spend.settle(
                self._connection,
                batch.run_id,
                released=batch.reserved_usd,
                spent=self._price * tokens,
                tokens=tokens,
                text_bytes=collected.text_bytes,
            )
            run_plan.add_progress(
                self._connection,
                batch.run_id,
                batch.shard,
                embedded=0,
                reused=0,
                loaded=0,
                spent=Spent(requests=sent, tokens=tokens),
            )


def _refusal(line: AnsweredLine, collected: _Collected) -> RequestOutcome:
    error = error_of(line.status or 0, {}, line.body)
    if isinstance(error, RunPaused):
        # Nobody's fault but the account's: the line counts as never sent.
        collected.pause = error
        return "unsent"
    return "refused" if isinstance(error, RequestRefused) else "failed"


def _reason_to_pause(report: BatchReport, answered: int) -> RunPaused | None:
    """Why nothing more should be sent after such an end, if nothing should."""
    if report.end == "failed" and report.error != QUEUE_FULL:
        return RunPaused(
            f"the API refuses batch {report.batch_id} as a whole ({report.error}): its page in the API's dashboard "
            "says why; run again once it is mended, or with --via api"
        )
    if report.end == "cancelled":
        return RunPaused(
            f"somebody has cancelled batch {report.batch_id}: what it had answered is kept; run again to send the rest"
        )
    if report.end == "expired" and not answered:
        return RunPaused(
            f"batch {report.batch_id} has expired without an answer: run again later, or with --via api (full price)"
        )
    return None
