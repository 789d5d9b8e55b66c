"""A shard through the Batch API: whatever can be done now is done, and then it is said when to look again.

Nothing here waits. A worker that calls ``advance`` is busy for seconds, and may be another one each time: what is
known of a batch stands in the database and with the API. How batches are sent and what comes of them is left to
``submit_batches`` and ``collect_batches``, what is asked to the ``Inquiry``; requests that were refused are left to be
asked one by one.
"""

from datetime import UTC, datetime

from catalog_embeddings.domain.batch import Via
from catalog_embeddings.errors import BatchesUnderWay, InputError, RunPaused
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.pipeline.collect_batches import QUEUE_FULL, BatchCollection
from catalog_embeddings.pipeline.inquiry import Inquiry
from catalog_embeddings.pipeline.submit_batches import BatchSubmission, UnderWay
from catalog_embeddings.postgres import batches, runs
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.runs import Run

# A batch is looked at again after this share of the time that it has been under way, so that an hour costs some forty
# looks, and between these bounds: seconds.
_SHARE = 0.1
_SOONEST, _LATEST = 2.0, 300.0


def advance(connection: Connection, api: BatchesApi, inquiry: Inquiry) -> None:
    """Collect what has ended, and send what is to be sent.

    On return nothing is under way, and what still has no answer is to be asked for one request at a time.

    Raises:
        BatchesUnderWay: the API is at it; look again later.
        RunPaused: quota, auth, an outage, the cost limit, or a batch that ended in a way that a person should look at.
        RunFenced: another worker has taken over.
    """
    run_id = inquiry.place.run_id
    submission = BatchSubmission(connection, api, inquiry)
    collection = BatchCollection(connection, api, inquiry)
    pause: RunPaused | None = None
    queue_is_full = False
    under_way: list[UnderWay] = []
    for batch in batches.open_batches(connection, inquiry.place):
        report = submission.resume(batch) if batch.batch_id is None else api.get(batch.batch_id)
        if report.end is None:
            under_way.append((batch, report))
        else:
            pause = collection.collect(batch, report) or pause
            queue_is_full |= report.error == QUEUE_FULL
    if queue_is_full and not batches.any_open(connection, run_id):
        pause = pause or RunPaused(
            "the account's other batches leave no room for one more: run again when they have ended, or with --via api"
        )
    if pause is not None:
        raise pause
    unsent = inquiry.unsent()
    if unsent and not _would_fail(connection, run_id):
        under_way += submission.send(inquiry.lines(unsent))
    if under_way or unsent:
        raise waiting_for(under_way)


def _would_fail(connection: Connection, run_id: str) -> bool:
    """Whether the next batch would only find no room, as the last did, until one of ours has ended."""
    return batches.last_error(connection, run_id) == QUEUE_FULL and batches.any_open(connection, run_id)


def waiting_for(under_way: list[UnderWay]) -> BatchesUnderWay:
    """What to raise while these are with the API."""
    now = datetime.now(UTC)
    youngest = min(((now - (batch.submitted_at or now)).total_seconds() for batch, _ in under_way), default=_LATEST)
    return BatchesUnderWay(
        seconds=min(max(_SHARE * youngest, _SOONEST), _LATEST),
        batches=len(under_way),
        answered=sum(report.completed + report.failed for _, report in under_way),
        requests=sum(batch.requests for batch, _ in under_way),
    )


def choose_via(connection: Connection, run: Run, via: Via | None) -> None:
    """Let a run ask the API in the way that is asked for; absent, as it did.

    Raises:
        InputError: it has batches under way, which would be paid for again.
    """
    if via is None or via == run.via:
        return
    if batches.any_open(connection, run.run_id):
        raise InputError(
            f"run {run.run_id} has batches under way, which it would pay for again: go on with --via {run.via}; who "
            "cannot wait cancels them in the API's dashboard first"
        )
    runs.set_via(connection, run.run_id, via)
