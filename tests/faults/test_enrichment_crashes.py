"""A worker that dies while a language model writes: the next one goes on, and repays at most what was in flight."""

from collections.abc import Callable

import pytest

from catalog_embeddings.pipeline.register import register_version, text_spec
from tests.faults.catalog import POISON
from tests.faults.child import Moment
from tests.faults.conftest import World
from tests.faults.crash_points import CrashPoint

_COMPLETE = "catalog_embeddings.inference.chat:ChatApi.complete"
_STORE = "catalog_embeddings.lake.answers:store_answer"
_ADD = "catalog_embeddings.postgres.item_enrichments:add"


def _enter(function: str, nth: int = 1, within: str | None = None) -> Moment:
    return Moment(function, "enter", nth, within)


def _leave(function: str, nth: int = 1, within: str | None = None) -> Moment:
    return Moment(function, "leave", nth, within)


#: ``windows``: how many of the workers may have paid for what was in flight.
ENRICHMENT_CRASH_POINTS = (
    CrashPoint(
        "records are listed, their list is not fixed", (_leave("catalog_embeddings.lake.worklists:store_worklist"),)
    ),
    CrashPoint("the list is fixed", (_leave("catalog_embeddings.pipeline.enrichment_plan:plan_enrichment"),)),
    CrashPoint("after an answer, before it is stored", (_leave(_COMPLETE, nth=4),), windows=1, at_least=1),
    CrashPoint("an answer is being made durable", (_enter("os:fsync", within=_STORE),), windows=1, at_least=1),
    CrashPoint("an answer is stored, and not judged", (_leave(_STORE, nth=4),), parallelism=1),
    CrashPoint("rows are written, and not committed", (_leave(_ADD),), windows=1),
    CrashPoint("the last answer is stored, its rows are not written", (_enter(_ADD, nth=3),), parallelism=1),
    CrashPoint(
        "a shard is enriched, and not committed", (_leave("catalog_embeddings.postgres.run_enrichments:mark_enriched"),)
    ),
    CrashPoint("all is enriched, the plan is not frozen", (_leave("catalog_embeddings.postgres.runs:freeze"),)),
    CrashPoint(
        "twice: after an answer, both times",
        (_leave(_COMPLETE, nth=4), _leave(_COMPLETE, nth=4)),
        windows=2,
        at_least=2,
    ),
    CrashPoint(
        "twice: while stored answers are found again",
        (_leave(_STORE, nth=4), _leave("catalog_embeddings.lake.answers:read_answer", nth=2)),
        parallelism=1,
    ),
)


@pytest.fixture
def enriched(world: World) -> World:
    """The evening before the first run of a version that asks a language model about every record."""
    spec = text_spec("emulator", "text-embedding-3-small", 16, "product.v4", "review.v1")
    register_version(world.connection, "v2", spec)
    # Version v1 is history: what it holds of items that are gone is none of this night's business. Neither is what
    # the API refuses: a refusal costs nothing, and would only blur the count of what was paid for.
    for statement in (
        "update embedding_aliases set version = 'v2' returning version",
        "update embedding_versions set status = 'active' where version = 'v2' returning version",
        "update embedding_versions set status = 'retired' where version = 'v1' returning version",
        "delete from item_embeddings returning item_id",
        "update pipeline.dead_letters set resolved_at = now() returning version",
        f"delete from analytics.catalog_features_raw where title like '%{POISON}%' returning item_id",
    ):
        world.ask(statement)
    world.version_name = "v2"
    world.emulator.reset()
    return world


def _lost(world: World) -> int:
    """Answers that were paid for and are not in the lake."""
    stored = len(list(world.lake.glob("answers/**/*.parquet")))
    return int(str(world.emulator.stats()["chat_requests"])) - stored


def test_without_a_crash_every_answer_is_kept(enriched: World) -> None:
    enriched.finishes()
    enriched.check(paid_twice_at_most=0)
    assert _lost(enriched) == 0
    assert enriched.ask("select count(*) > 40 from item_enrichments where text is not null") == [(True,)]


@pytest.mark.parametrize("point", ENRICHMENT_CRASH_POINTS, ids=lambda point: point.name)
def test_a_worker_dies_and_the_next_one_goes_on(
    enriched: World, point: CrashPoint, record_property: Callable[[str, object], None]
) -> None:
    enriched.parallelism = point.parallelism
    for moment in point.moments:
        enriched.dies(moment)
    enriched.finishes()
    enriched.check(paid_twice_at_most=0)
    assert point.at_least <= _lost(enriched) <= point.windows * point.parallelism
    record_property("fault", point.name)
    record_property("expected", f"resumed, every invariant, at most {point.windows * point.parallelism} answers lost")
    record_property("seen", f"{_lost(enriched)} lost")


_CHAT_LINES = "catalog_embeddings.inference.batch_lines:parse_lines"
_CHAT_CREATE = "catalog_embeddings.inference.batches:BatchesApi.create"
_CHAT_COLLECT = "catalog_embeddings.pipeline.collect_batches:BatchCollection.collect"

#: Where workers die while the Batch API has the records; a later moment of these functions belongs to the embeddings.
BATCH_CRASH_POINTS = {
    "the batch is intended, nothing is sent": (_enter("catalog_embeddings.inference.batches:BatchesApi.upload"),),
    "it is created, its id is written down nowhere": (_leave(_CHAT_CREATE),),
    "its id is written down, the worker is gone": (
        _leave("catalog_embeddings.pipeline.submit_batches:BatchSubmission._record"),
    ),
    "its answers are read, none is stored": (_leave(_CHAT_LINES),),
    "some answers are stored": (_leave(_STORE, nth=4, within=_CHAT_COLLECT),),
    "all are stored, it is not collected": (_enter("catalog_embeddings.postgres.batches:end"),),
    "it is collected, not committed": (_leave("catalog_embeddings.postgres.batches:end"),),
    "it is collected, nothing is judged": (_leave(_CHAT_COLLECT),),
    "twice: created, then among the answers": (_leave(_CHAT_CREATE), _leave(_STORE, nth=4, within=_CHAT_COLLECT)),
}


@pytest.mark.parametrize("name", BATCH_CRASH_POINTS)
def test_a_worker_dies_and_no_record_goes_into_two_batches(
    enriched: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    enriched.via = "batch-api"
    for moment in BATCH_CRASH_POINTS[name]:
        enriched.dies(moment)
    enriched.finishes()
    enriched.check(paid_twice_at_most=0)
    told = enriched.emulator.stats()
    sent = enriched.ask(
        "select endpoint, count(*)::int, sum(requests)::int, min(state) from pipeline.batches group by endpoint"
    )
    [(records,)] = enriched.ask("select count(*)::int from item_enrichments")
    assert ("/v1/chat/completions", 1, records, "collected") in sent
    # One batch for the records and one for the texts, and a line of either was answered once.
    assert (told["batches"], len(sent)) == (2, 2)
    assert told["batch_lines_paid"] == sum(lines for _, _, lines, _ in sent)
    # What was asked besides were second tries; none of them was lost either.
    [(tries,)] = enriched.ask("select (sum(attempts) - count(*))::int from item_enrichments")
    assert told["chat_requests"] == tries
    assert _lost(enriched) == -records
    record_property("fault", name)
    record_property("expected", "one batch, every invariant, 0 records asked twice")
    record_property("seen", f"{records} records, {told['batch_lines_paid']} lines paid")
