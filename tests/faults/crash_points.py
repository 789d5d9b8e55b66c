"""The named moments at which a worker dies, and what is promised at each: the inputs that are paid for twice.

A moment is a function of the package (or of the system) that is entered or left for the n-th time. Where an answer
is paid for and not yet stored, what was in flight is paid for again; everywhere else nothing is. With one request
in flight at a time "everywhere else" can be told to the input, with several it begins when the last answer is in.
"""

import signal
from dataclasses import dataclass, replace

from tests.faults.child import Moment

_STORE_PART = "catalog_embeddings.lake.parts:store_part"
_APPLY = "catalog_embeddings.postgres.item_embeddings:apply_package"
_FLUSH = "catalog_embeddings.pipeline.load:PackageLoader.flush"


@dataclass(frozen=True)
class CrashPoint:
    """Where workers die, one after the other, before the last one comes through.

    ``windows``: how many of them may have paid for what was in flight. ``canaries``: how often the sentence that
    tells a bad item from a broken API may be paid for again. ``at_least``: inputs that are paid for again without
    fail, so that the table cannot promise less than it tests. ``parallelism``: requests in flight.
    ``more_items``: for a catalog that fills several packages while requests are in flight.
    """

    name: str
    moments: tuple[Moment, ...]
    windows: int = 0
    canaries: int = 0
    at_least: int = 0
    parallelism: int = 3
    more_items: int = 0


def _enter(function: str, nth: int = 1, within: str | None = None) -> Moment:
    return Moment(function, "enter", nth, within)


def _leave(function: str, nth: int = 1, within: str | None = None) -> Moment:
    return Moment(function, "leave", nth, within)


#: How often the sentence that tells a bad item from a broken API is paid for again by whoever goes on.
CANARY = 1


def stopping(moment: Moment) -> Moment:
    """The same moment for a worker that is only stopped, and can go on."""
    return replace(moment, signal=signal.SIGSTOP)


ANSWERED = _leave("catalog_embeddings.inference.client:EmbeddingsApi.embed", nth=4)
STORED = _leave(_STORE_PART, nth=4)
ADOPTED = _leave("catalog_embeddings.lake.parts:find_part", nth=2)
STARTED = _leave("catalog_embeddings.bootstrap.steps:start_run")
PLANNED = _leave("catalog_embeddings.pipeline.plan:make_plan")
# The upsert of the second package is done, its count is not.
WRITING = _enter("psycopg:Connection.execute", nth=6, within=_APPLY)
UPSERTED = _leave(_APPLY, nth=2)
BURYING = _leave("catalog_embeddings.postgres.dead_letters:add_for_contents")
DELETED = _leave("catalog_embeddings.postgres.item_embeddings:delete_planned")
SEALING = _enter("catalog_embeddings.lake.manifests:store_manifest")
FINISHED = _leave("catalog_embeddings.postgres.runs:finish")

CRASH_POINTS = (
    CrashPoint("inside the transaction that takes the lease", (_leave("catalog_embeddings.postgres.leases:take"),)),
    CrashPoint("after the lease, before the plan", (STARTED,)),
    CrashPoint(
        "texts of the plan are stored, its transaction is open", (_leave("catalog_embeddings.lake.texts:store_texts"),)
    ),
    CrashPoint("the plan is frozen, not committed", (_leave("catalog_embeddings.postgres.runs:freeze"),)),
    CrashPoint("after the plan is committed", (PLANNED,)),
    CrashPoint("after an answer, before its part", (ANSWERED,), windows=1, at_least=1),
    CrashPoint("a part is being made durable", (_enter("os:fsync", within=_STORE_PART),), windows=1, at_least=1),
    CrashPoint(
        "a part is durable, and has no name yet", (_enter("os:link", nth=3, within=_STORE_PART),), windows=1, at_least=1
    ),
    CrashPoint(
        "a part has its name, its folder is not synced", (_leave("os:link", nth=4, within=_STORE_PART),), parallelism=1
    ),
    CrashPoint("a part is stored, and not indexed", (STORED,), parallelism=1),
    CrashPoint(
        "the API has refused half a batch",
        (_enter("catalog_embeddings.errors:RequestRefused.__init__", nth=2),),
        parallelism=1,
    ),
    CrashPoint(
        "parts are indexed, their package is not loaded",
        (_leave("catalog_embeddings.postgres.lake_parts:record_parts", nth=2),),
        canaries=1,
    ),
    CrashPoint("the rows of a package are written, and not counted", (WRITING,), canaries=1),
    CrashPoint("rows are written, their package is not committed", (UPSERTED,), canaries=1),
    CrashPoint("a package is committed, the next one is not begun", (_leave(_FLUSH),), windows=1),
    CrashPoint("the last package is committed, nothing is buried", (_leave(_FLUSH, nth=2),), canaries=1),
    CrashPoint("dead letters are being written", (BURYING,), canaries=1),
    CrashPoint(
        "the shard is marked loaded", (_leave("catalog_embeddings.postgres.run_plan:mark_shard_loaded"),), canaries=1
    ),
    CrashPoint("deletions are made, the finish is not committed", (DELETED,)),
    CrashPoint("sealed rows are stored, the manifest is not", (SEALING,)),
    CrashPoint(
        "the manifest is written, and has no name yet",
        (_enter("os:link", within="catalog_embeddings.lake.manifests:store_manifest"),),
    ),
    CrashPoint("sealed, the finish is not committed", (_leave("catalog_embeddings.pipeline.seal:seal_run"),)),
    CrashPoint("the summary is written, the finish is not committed", (FINISHED,)),
    CrashPoint(
        "the finish is committed, the lease is not given up", (_leave("catalog_embeddings.pipeline.finish:finish_run"),)
    ),
    CrashPoint(
        "a full package is committed, requests are in flight", (_leave(_FLUSH, nth=2),), windows=1, more_items=1_200
    ),
    CrashPoint(
        "the rows of a full package are written, requests are in flight",
        (WRITING,),
        windows=1,
        more_items=1_200,
    ),
    CrashPoint("twice: while stored parts are adopted", (STORED, ADOPTED), parallelism=1),
    CrashPoint("twice: after an answer, both times", (ANSWERED, ANSWERED), windows=2, at_least=2),
    CrashPoint("twice: after a part, then inside the load", (STORED, UPSERTED), parallelism=1, canaries=1),
    CrashPoint("twice: while the run is sealed, both times", (SEALING, FINISHED)),
    CrashPoint(
        "three times: plan, answer, finish",
        (
            _leave("catalog_embeddings.postgres.runs:freeze"),
            ANSWERED,
            FINISHED,
        ),
        windows=1,
    ),
)
