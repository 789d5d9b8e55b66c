"""All the wiring, and the steps of a run the way doors and schedulers call them."""

from catalog_embeddings.bootstrap.evaluating import evaluate
from catalog_embeddings.bootstrap.indexing import index_version
from catalog_embeddings.bootstrap.platform import (
    Platform,
    database_address,
    migrate_database,
    open_database,
    open_platform,
    settings,
)
from catalog_embeddings.bootstrap.rebuilding import rebuild
from catalog_embeddings.bootstrap.stages import RunObserver
from catalog_embeddings.bootstrap.steps import (
    extract_changes,
    finish_run,
    load_shard,
    plan_run,
    plan_runs,
    start_run,
    start_runs,
)
from catalog_embeddings.bootstrap.versions import drop_version, list_versions, promote, rollback
from catalog_embeddings.bootstrap.whole_run import preview, run, this_process

__all__ = [
    "Platform",
    "RunObserver",
    "database_address",
    "drop_version",
    "evaluate",
    "extract_changes",
    "finish_run",
    "index_version",
    "list_versions",
    "load_shard",
    "migrate_database",
    "open_database",
    "open_platform",
    "plan_run",
    "plan_runs",
    "preview",
    "promote",
    "rebuild",
    "rollback",
    "run",
    "settings",
    "start_run",
    "start_runs",
    "this_process",
]
