"""A worker that dies while dbt builds takes dbt along: the next worker's build meets no other."""

import psutil

from catalog_embeddings.postgres.connection import connect
from tests.faults.conftest import World

DBT_WAITS = (
    "select 1 from pg_stat_activity where datname = current_database() and application_name = 'dbt'"
    " and wait_event_type = 'Lock'"
)


def test_dbt_dies_with_its_worker(world: World) -> None:
    with connect(world.database_url) as feed, feed.transaction():
        feed.execute("lock table analytics.catalog_features_raw in access exclusive mode")
        worker = world.start(command=("run", "--json"))
        worker.comes_to(lambda: bool(world.ask(DBT_WAITS)))
        [dbt] = psutil.Process(worker.pid).children()
        worker.process.kill()
        assert worker.ends() < 0
        _, alive = psutil.wait_procs([dbt], timeout=10)
        assert not alive, "dbt builds on, and the next build is in its way"
    world.time_passes()
    assert world.start(command=("run", "--json")).ends() == 0, world.said()
    world.check(paid_twice_at_most=0)
