"""The vector index of a version, wired from the environment: before a load, after it, and by name."""

from collections.abc import Callable
from typing import Any

from catalog_embeddings.bootstrap.platform import Platform, open_platform
from catalog_embeddings.domain.vector_index import IndexBuild
from catalog_embeddings.errors import Permanent, RunHeld
from catalog_embeddings.pipeline import index
from catalog_embeddings.postgres import runs
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.embedding_versions import find_version


def index_version(
    version: str, changes: int = 0, on_progress: Callable[[IndexBuild], None] = lambda _build: None
) -> dict[str, Any] | None:
    """See to it that a version has its index, after so many of its rows were written or deleted.

    Returns what is known of the index; None where it needs none.

    Raises:
        InputError: there is no such version.
        ConfigurationError: this user may not index it.
    """
    with open_platform() as platform:
        return _index(platform, version, changes, on_progress)


def index_run(run_id: str) -> dict[str, Any] | None:
    """The last step of a run under a scheduler: index what it has loaded, however long that takes.

    A run that ended badly is indexed like any other, and then fails this step as well: a scheduler judges by the last.

    Returns what is known of the index; None where it needs none.

    Raises:
        RunHeld: the run has not ended, or not well.
        ConfigurationError: this user may not index it.
    """
    with open_platform() as platform:
        found = runs.find_run(platform.connection, run_id)
        report = None
        if found.summary is not None:
            changes = found.summary["loaded"] + found.summary["deleted"]
            report = _index(platform, found.version, changes, lambda _build: None)
    if found.state in {"verified", "previewed"}:
        return report
    raise RunHeld(
        f"run {run_id} of version {found.version} is {found.state}: {found.error or 'a step of it has failed'}"
    )


def make_way(platform: Platform, version: str, plan: dict[str, Any]) -> None:
    """Before the shards of a plan are loaded: drop the version's index if that is cheaper than keeping it current."""
    index.make_way(platform.connection, find_version(platform.connection, version), plan["new"] + plan["changed"])


def index_after(platform: Platform, summary: dict[str, Any]) -> Permanent | None:
    """After a run in this process: index its version; returns what to raise once the run's summary was shown."""
    try:
        _index(platform, summary["version"], summary["loaded"] + summary["deleted"], lambda _build: None)
    except Permanent as error:
        return error
    return None


def _index(
    platform: Platform, version: str, changes: int, on_progress: Callable[[IndexBuild], None]
) -> dict[str, Any] | None:
    report = index.index_version(
        platform.connection,
        find_version(platform.connection, version),
        changes,
        lambda: connect(platform.database_url),
        on_progress,
    )
    return report.as_json() if report else None
