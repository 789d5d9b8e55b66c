"""Ours as one of the peers: a whole nightly run on the peers' table, by the functions that the DAG calls.

The peers' harness says in SPIKE_DSN where the table stg_product is, in OPENAI_BASE_URL who answers, and in
SPIKE_STATE which folder is ours. Outside the clock, as for every peer, are imports and the schema; and so is
the product feed's own write into the catalog. Inside are dbt, the frozen plan, the requests, durable parts,
load packages and verification. Only the DAG's last step is left out: no peer builds a vector index.

Prints ``WORK=<seconds> CPU=<seconds>``, where CPU counts this process and the dbt it starts, and a line
``PARTS {...}``: the seconds of each step, dbt's share of the CPU, and the peak memory of this process alone.
"""

import json
import os
import resource
import time

import openai  # noqa: F401 - a run imports it when it first asks, which would be inside the clock
import psycopg
from timed_run import timed_run

from catalog_embeddings import bootstrap

# The feed touches only the rows that differ, as an import of a catalog file does.
_FEED = """
insert into analytics.catalog_features_raw as held (org_id, item_id, description, updated_at)
select '00000000-0000-0000-0000-000000000000', id::text, body, now() from stg_product
on conflict (org_id, namespace, item_id) do update set
    description = excluded.description, updated_at = excluded.updated_at
where held.description is distinct from excluded.description
"""


def main() -> None:
    """Feed the catalog, run once, and print what it took."""
    os.environ["CATALOG_EMBEDDINGS_DATABASE_URL"] = os.environ["SPIKE_DSN"]
    os.environ["CATALOG_EMBEDDINGS_STATE_DIRECTORY"] = os.environ["SPIKE_STATE"]
    bootstrap.migrate_database()
    with psycopg.connect(os.environ["SPIKE_DSN"], autocommit=True) as feed:
        feed.execute(_FEED)
        feed.execute("analyze analytics.catalog_features_raw")

    before = time.process_time()
    parts = timed_run(index=False)
    own_cpu = time.process_time() - before
    work = sum(parts.values())
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    dbt_cpu = children.ru_utime + children.ru_stime
    own_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    shown = {step: round(seconds, 3) for step, seconds in parts.items()}
    print(f"WORK={work:.3f} CPU={own_cpu + dbt_cpu:.3f}")
    print(f"PARTS {json.dumps(shown | {'dbt_cpu': round(dbt_cpu, 3), 'own_rss_mb': own_peak})}")


if __name__ == "__main__":
    main()
