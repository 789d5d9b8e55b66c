"""The vector index of a version, wired from the environment: before a load, after it, and by name."""

from collections.abc import Callable
from typing import Any

from catalog_embeddings.bootstrap.platform import Platform, open_platform
from catalog_embeddings.domain.vector_index import IndexBuild
from catalog_embeddings.errors import Permanent
from catalog_embeddings.pipeline import index
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
