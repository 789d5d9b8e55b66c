"""Giving up versions, wired from the environment: their vectors at once, their files in the lake when they are due."""

import logging
from dataclasses import asdict, dataclass
from typing import Any

from catalog_embeddings.bootstrap.platform import Platform, open_platform
from catalog_embeddings.errors import CatalogEmbeddingsError
from catalog_embeddings.lake.removal import ForgetfulLake
from catalog_embeddings.pipeline import drop_version as step
from catalog_embeddings.pipeline.drop_version import Removed
from catalog_embeddings.postgres import embedding_versions
from catalog_embeddings.postgres.embedding_versions import Dropping

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dropped:
    """What dropping a version did, and what the lake was rid of on the occasion, of this version or of others."""

    version: str
    dropping: Dropping
    bytes_freed: int
    removed: list[Removed]

    def as_json(self) -> dict[str, Any]:
        """The figures as JSON types; times are in ISO format, ``lake_removed_at`` null where files are kept yet."""
        row = asdict(self)
        times = row.pop("dropping")
        return row | {name: at and at.isoformat(timespec="seconds") for name, at in times.items()}


def drop_version(version: str, lake_after_days: int | None = None) -> Dropped:
    """Give up a version's vectors, and remove from the lake what is due of any dropped one.

    Raises:
        InputError: readers see it, or there is none of that name.
        RunLocked: a run works on it.
    """
    with open_platform() as platform:
        freed = step.drop_version(platform.connection, version, lake_after_days)
        removed = step.remove_due_files(platform.connection, ForgetfulLake(platform.settings.lake_address))
        return Dropped(version, embedding_versions.dropping_of(platform.connection, version), freed, removed)


def remove_due_files(platform: Platform) -> None:
    """What a nightly run does for versions that were dropped long enough ago; a lake that fails fails no run."""
    try:
        step.remove_due_files(platform.connection, ForgetfulLake(platform.settings.lake_address))
    except CatalogEmbeddingsError as error:
        log.warning("the lake keeps files of dropped versions for now: %s", error)
