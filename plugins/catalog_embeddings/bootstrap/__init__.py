"""All the wiring, and the steps of a run the way doors and schedulers call them."""

from catalog_embeddings.bootstrap.platform import (
    Platform,
    database_address,
    migrate_database,
    open_database,
    open_platform,
    settings,
)
from catalog_embeddings.bootstrap.steps import (
    RunObserver,
    extract_changes,
    finish_run,
    load_shard,
    plan_run,
    preview,
    run,
    start_run,
    this_process,
)

__all__ = [
    "Platform",
    "RunObserver",
    "database_address",
    "extract_changes",
    "finish_run",
    "load_shard",
    "migrate_database",
    "open_database",
    "open_platform",
    "plan_run",
    "preview",
    "run",
    "settings",
    "start_run",
    "this_process",
]
