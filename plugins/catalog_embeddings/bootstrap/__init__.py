"""All the wiring, and the steps of a run the way doors and schedulers call them."""

from catalog_embeddings.bootstrap.enriching import recheck_version, sample_enrichment
from catalog_embeddings.bootstrap.evaluating import evaluate, evaluate_by_names
from catalog_embeddings.bootstrap.indexing import index_run, index_version
from catalog_embeddings.bootstrap.items import embed_item
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
    enrich_shard,
    extract_changes,
    finish_run,
    load_shard,
    plan_enrichments,
    plan_run,
    plan_runs,
    start_run,
    start_runs,
)
from catalog_embeddings.bootstrap.versions import (
    compare_versions,
    drop_version,
    list_versions,
    promote,
    promote_by_names,
    rollback,
)
from catalog_embeddings.bootstrap.whole_run import preview, run, this_process

__all__ = [
    "Platform",
    "RunObserver",
    "compare_versions",
    "database_address",
    "drop_version",
    "embed_item",
    "enrich_shard",
    "evaluate",
    "evaluate_by_names",
    "extract_changes",
    "finish_run",
    "index_run",
    "index_version",
    "list_versions",
    "load_shard",
    "migrate_database",
    "open_database",
    "open_platform",
    "plan_enrichments",
    "plan_run",
    "plan_runs",
    "preview",
    "promote",
    "promote_by_names",
    "rebuild",
    "recheck_version",
    "rollback",
    "run",
    "sample_enrichment",
    "settings",
    "start_run",
    "start_runs",
    "this_process",
]
