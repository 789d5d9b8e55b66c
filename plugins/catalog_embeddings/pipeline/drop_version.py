"""Dropping a version: nobody may read it, then its partition goes, and after a while what the lake keeps for it alone.

Each step is written down before it is taken, so a call that is cut off is made again and goes on where it stood.
"""

import logging
from dataclasses import dataclass

from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError
from catalog_embeddings.lake.removal import ForgetfulLake, keys_of_version, part_keys_of_runs, sealed_runs
from catalog_embeddings.postgres import (
    dropped_versions,
    embedding_aliases,
    embedding_versions,
    leases,
    version_partitions,
)
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.hashing import vector_recipe

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Removed:
    """Files of a dropped version that left the lake. ``parts_kept_for`` needs its parts too: versions of its recipe."""

    version: str
    files: int
    parts_kept_for: tuple[str, ...]


def drop_version(connection: Connection, version: str, lake_after_days: int | None = None) -> int:
    """Give up the vectors of a version that nobody reads; again, it finds what is left to do.

    Args:
        connection: outside of any transaction.
        version: retired, or never promoted.
        lake_after_days: when its files in the lake are due to go; None leaves what was said before, at first 30.

    Returns:
        The bytes on disk that this call has freed.

    Raises:
        InputError: there is no such version, or readers see it.
        RunLocked: a run works on it.
        ServerFailed: somebody keeps its partition open.
    """
    embedding_versions.find_registered(connection, version)
    with leases.hold_idle(connection, version):
        with connection.transaction():
            embedding_aliases.hold(connection)
            _refuse_if_read(connection, version)
            embedding_versions.mark_dropped(connection, version, lake_after_days)
            dropped_versions.close(connection, version)
        freed = version_partitions.size_in_bytes(connection, version)
        version_partitions.drop_partition(connection, version)
    log.info("version %s is dropped, %d bytes are free again", version, freed)
    return freed


def _refuse_if_read(connection: Connection, version: str) -> None:
    places = [str(place) for place, pointed_at in embedding_aliases.all_aliases(connection) if pointed_at == version]
    if places:
        raise InputError(
            f"readers see version {version} ({', '.join(places)}): promote another there first, or "
            "`catalog-embeddings versions rollback`"
        )


def remove_due_files(connection: Connection, lake: ForgetfulLake) -> list[Removed]:
    """Remove from the lake what is due of dropped versions, and nothing that another version may still need.

    A part is named by what it cost, not by a version: those of one recipe share them, so the last of these takes them.
    """
    removed = []
    for version in embedding_versions.lake_due(connection):
        removed.append(_remove_files(connection, lake, embedding_versions.find_registered(connection, version)))
        embedding_versions.mark_lake_removed(connection, version)
        log.info("the lake forgot %s", removed[-1])
    return removed


def _remove_files(connection: Connection, lake: ForgetfulLake, version: EmbeddingVersion) -> Removed:
    name, recipe = version.version, vector_recipe(version.spec)
    kin = {each.version for each in embedding_versions.all_versions(connection) if vector_recipe(each.spec) == recipe}
    kept_for = tuple(sorted(embedding_versions.lake_needed(connection) & kin))
    of_lake = sealed_runs(lake, name)
    own = dropped_versions.runs_of(connection, [name]) | of_lake
    files = 0
    if not kept_for:
        payers = dropped_versions.runs_of(connection, kin) | of_lake
        # First the index: what it names must be there.
        dropped_versions.forget_parts(connection, payers)
        files += lake.remove(part_keys_of_runs(lake, payers))
    files += lake.remove(keys_of_version(lake, name, own, dropped_versions.plans_of(connection, name)))
    return Removed(name, files, kept_for)
