"""Collecting: what a batch that has ended has answered becomes durable, and its price is known.

Each line is checked as an answer of its own would be, and is stored before anything else happens to it. That a batch
is collected, and what it cost, is written down last and at once; a worker that dies before does all of it again, finds
the same answers, and pays for nothing. What an answer is left to the ``Inquiry``, what is to be sent again to
``submit_batches``.
"""

import logging
from dataclasses import dataclass, field

from catalog_embeddings.domain.batch import (
    AnsweredLine,
    Batch,
    BatchReport,
    BatchRequest,
    BatchState,
    Billed,
    RequestOutcome,
)
from catalog_embeddings.errors import RequestRefused, RunPaused, UntrustedAnswer
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.inference.responses import error_of
from catalog_embeddings.pipeline.inquiry import Inquiry
from catalog_embeddings.postgres import batches, leases
from catalog_embeddings.postgres.connection import Connection

log = logging.getLogger(__name__)

#: What a batch fails with while the account's others hold too many tokens: it would pass on another day.
QUEUE_FULL = "token_limit_exceeded"


@dataclass
class _Collected:
    """What has come out of a batch so far; a line of which nothing is heard was not sent."""

    outcomes: dict[str, RequestOutcome]
    billed: Billed = field(default_factory=Billed)
    pause: RunPaused | None = None
    strange: int = 0


class BatchCollection:
    """Collects the batches of one inquiry. Used by the thread of the connection alone, outside transactions."""

    def __init__(self, connection: Connection, api: BatchesApi, inquiry: Inquiry) -> None:
        """A collection whose answers ``inquiry`` takes."""
        self._connection = connection
        self._api = api
        self._inquiry = inquiry

    def collect(self, batch: Batch, report: BatchReport) -> RunPaused | None:
        """Store and settle what a batch has answered; returns why the run should pause, if it should.

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
        self._inquiry.flush()
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
            collected.billed += self._inquiry.take(batch, request, line.body)
        except UntrustedAnswer as error:
            log.warning("a line of a batch is not what was asked for: %s", error)
            return "failed"
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
        outcomes, billed = collected.outcomes, collected.billed
        with self._connection.transaction():
            leases.check_fence(self._connection, self._inquiry.lease)
            if batches.end(self._connection, batch.intent_id, end, outcomes, billed, error=error):
                sent = sum(outcome != "unsent" for outcome in outcomes.values())
                self._inquiry.settle(batch, sent, billed)


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
