"""Rebuilding a version from the lake, wired from the environment. It needs no embeddings API, so it asks for none."""

from collections.abc import Callable
from typing import Any

from catalog_embeddings.bootstrap.platform import open_platform
from catalog_embeddings.errors import Permanent
from catalog_embeddings.pipeline.rebuild import rebuild_version


def rebuild(
    version: str, started_by: str, on_rows: Callable[[int, int], None] = lambda _done, _rows: None
) -> tuple[dict[str, Any], Permanent | None]:
    """Fill a version from the lake; returns the summary, and what to raise once that was shown.

    ``on_rows`` is told how many rows are written, and of how many.
    """
    with open_platform() as platform:
        summary, error = rebuild_version(platform.connection, platform.lake, version, started_by, on_rows)
    return summary.as_json(), error
