"""All the wiring, and the steps of a run the way doors and schedulers call them.

A name is looked up when it is first asked for, so that a command or a task imports what it needs and nothing else.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog_embeddings.bootstrap.database import database_address as database_address
    from catalog_embeddings.bootstrap.database import migrate_database as migrate_database
    from catalog_embeddings.bootstrap.database import open_database as open_database
    from catalog_embeddings.bootstrap.database import settings as settings
    from catalog_embeddings.bootstrap.dropping import drop_version as drop_version
    from catalog_embeddings.bootstrap.enriching import recheck_version as recheck_version
    from catalog_embeddings.bootstrap.enriching import sample_enrichment as sample_enrichment
    from catalog_embeddings.bootstrap.evaluating import evaluate as evaluate
    from catalog_embeddings.bootstrap.evaluating import evaluate_by_names as evaluate_by_names
    from catalog_embeddings.bootstrap.indexing import index_run as index_run
    from catalog_embeddings.bootstrap.indexing import index_version as index_version
    from catalog_embeddings.bootstrap.items import embed_item as embed_item
    from catalog_embeddings.bootstrap.platform import Platform as Platform
    from catalog_embeddings.bootstrap.platform import open_platform as open_platform
    from catalog_embeddings.bootstrap.rebuilding import rebuild as rebuild
    from catalog_embeddings.bootstrap.stages import RunObserver as RunObserver
    from catalog_embeddings.bootstrap.steps import enrich_shard as enrich_shard
    from catalog_embeddings.bootstrap.steps import extract_changes as extract_changes
    from catalog_embeddings.bootstrap.steps import finish_run as finish_run
    from catalog_embeddings.bootstrap.steps import load_shard as load_shard
    from catalog_embeddings.bootstrap.steps import plan_enrichments as plan_enrichments
    from catalog_embeddings.bootstrap.steps import plan_run as plan_run
    from catalog_embeddings.bootstrap.steps import plan_runs as plan_runs
    from catalog_embeddings.bootstrap.steps import start_run as start_run
    from catalog_embeddings.bootstrap.steps import start_runs as start_runs
    from catalog_embeddings.bootstrap.versions import compare_versions as compare_versions
    from catalog_embeddings.bootstrap.versions import list_versions as list_versions
    from catalog_embeddings.bootstrap.versions import promote as promote
    from catalog_embeddings.bootstrap.versions import promote_by_names as promote_by_names
    from catalog_embeddings.bootstrap.versions import rollback as rollback
    from catalog_embeddings.bootstrap.whole_run import preview as preview
    from catalog_embeddings.bootstrap.whole_run import run as run
    from catalog_embeddings.bootstrap.whole_run import this_process as this_process

# The same for run time, by module.
_NAMES = {
    "database": ("database_address", "migrate_database", "open_database", "settings"),
    "dropping": ("drop_version",),
    "enriching": ("recheck_version", "sample_enrichment"),
    "evaluating": ("evaluate", "evaluate_by_names"),
    "indexing": ("index_run", "index_version"),
    "items": ("embed_item",),
    "platform": ("Platform", "open_platform"),
    "rebuilding": ("rebuild",),
    "stages": ("RunObserver",),
    "steps": (
        "enrich_shard",
        "extract_changes",
        "finish_run",
        "load_shard",
        "plan_enrichments",
        "plan_run",
        "plan_runs",
        "start_run",
        "start_runs",
    ),
    "versions": ("compare_versions", "list_versions", "promote", "promote_by_names", "rollback"),
    "whole_run": ("preview", "run", "this_process"),
}
_HOMES = {name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
