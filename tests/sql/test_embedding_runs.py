"""embedding_runs: every run with what it set out to do, did and cost, newest first."""

from decimal import Decimal

from psycopg.types.json import Jsonb

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.postgres import run_plan, runs
from tests.sql.conftest import Shelf


def _shard(shelf: Shelf, run_id: str, shard: int) -> None:
    run_plan.add_shard(shelf.connection, run_id, shard, 10)
    spent = Spent(requests=2, retries=1, tokens=500)
    run_plan.add_progress(shelf.connection, run_id, shard, embedded=7, reused=3, loaded=12, spent=spent)


def test_a_run_under_way_shows_what_its_shards_have_done(shelf: Shelf) -> None:
    runs.open_run(shelf.connection, "run-1", "v1", "a test")
    runs.freeze(shelf.connection, "run-1", "plan-1", {"new": 20, "changed": 1, "unchanged": 5})
    _shard(shelf, "run-1", 0)
    _shard(shelf, "run-1", 1)
    columns = "state, new, changed, unchanged, embedded, reused, loaded, dead, requests, retries, tokens, price_usd"
    assert shelf.ask(f"select {columns} from embedding_runs") == [
        ("planned", 20, 1, 5, 14, 6, 24, None, 4, 2, 1000, None)
    ]


def test_a_closed_run_shows_its_summary(shelf: Shelf) -> None:
    runs.open_run(shelf.connection, "run-1", "v1", "a test")
    _shard(shelf, "run-1", 0)
    summary = {"embedded": 1, "reused": 2, "loaded": 3, "deleted": 4, "dead": 5, "price_usd": 0.25}
    shelf.ask(
        "update pipeline.runs set state = 'failed', summary = %s, error = 'why', finished_at = started_at"
        " + interval '90 seconds' returning 1",
        Jsonb(summary),
    )
    columns = "state, embedded, reused, loaded, deleted, dead, price_usd, seconds, error"
    assert shelf.ask(f"select {columns} from embedding_runs") == [
        ("failed", 1, 2, 3, 4, 5, Decimal("0.25"), Decimal("90.0"), "why")
    ]


def test_the_newest_run_stands_first_and_one_without_shards_too(shelf: Shelf) -> None:
    for number in range(3):
        runs.open_run(shelf.connection, f"run-{number}", "v1", "a test")
    assert shelf.ask("select run_id, requests from embedding_runs") == [("run-2", 0), ("run-1", 0), ("run-0", 0)]
