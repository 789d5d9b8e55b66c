"""Promoting and rolling back: one pointer moves in one transaction, and readers see one version or the other.

A promotion asks first whether the version is fit to be read, and says everything that speaks against it at once. A
rollback asks nothing, because it is for when something is wrong; it says how far behind the version has fallen.
"""

import logging
from dataclasses import replace

from catalog_embeddings.domain.promotion import Behind, Move, Place
from catalog_embeddings.domain.slice import BUCKETS
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.index import INDEX_FROM_ROWS
from catalog_embeddings.postgres import (
    embedding_aliases,
    embedding_evaluations,
    embedding_versions,
    readiness,
    vector_index,
    version_slices,
)
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.gate import MAX_NDCG_DROP

log = logging.getLogger(__name__)


def promote(
    connection: Connection,
    version: str,
    place: Place,
    *,
    reason: str | None = None,
    force: bool = False,
    max_ndcg_drop: float = MAX_NDCG_DROP,
) -> Move:
    """Let the readers of a place see a version from now on; two promotions at once wait for each other.

    ``force`` promotes whatever speaks against it, and asks for a ``reason``; both are kept in the history. A version
    of a slice may be promoted, and the move warns of what its readers will miss.

    Raises:
        InputError: there is no such version, it is active there already, or something speaks against it: each in a
            sentence of its own.
    """
    if force and not (reason or "").strip():
        raise InputError("--force asks for --reason: say why, for whoever reads the history")
    with connection.transaction():
        embedding_aliases.hold(connection)
        found = embedding_versions.find_version(connection, version)
        if embedding_aliases.own_alias(connection, place) == version:
            raise InputError(f"version {version} is active at {place} already")
        unmet = unmet_conditions(connection, found, place, max_ndcg_drop)
        if unmet and not force:
            listed = "\n".join(f"- {sentence}" for sentence in unmet)
            raise InputError(f"version {version} was not promoted:\n{listed}\n--force --reason TEXT promotes it anyway")
        move = embedding_aliases.point(
            connection,
            version,
            reason=reason or "promoted",
            org_id=place.org_id,
            namespace=place.namespace,
            forced=force,
            unmet=unmet,
        )
        move = replace(move, warnings=_warnings(connection, version))
    log.info("version %s is active at %s, before it %s", version, place, move.from_version)
    return move


def rollback(connection: Connection, place: Place) -> tuple[Move, Behind]:
    """Take back the last promotion at a place, and say how far behind the version is that readers see again.

    Raises:
        InputError: there is nothing to take back, or the version before was dropped.
    """
    move = embedding_aliases.undo(connection, place)
    log.info("version %s is active at %s again, instead of %s", move.version, place, move.from_version)
    # Only now: counting takes longer than moving a pointer, and nobody should wait for it.
    covered = readiness.coverage_of(connection, move.version, place)
    written = readiness.last_generated_at(connection, move.version)
    return move, Behind(came=covered.missing, rewritten=covered.stale, last_generated_at=written)


def unmet_conditions(
    connection: Connection, version: EmbeddingVersion, place: Place, max_ndcg_drop: float
) -> tuple[str, ...]:
    """What speaks against promoting a version at a place, a sentence each; nothing where it is fit to be read."""
    sentences = (
        _coverage(connection, version.version, place),
        _index(connection, version),
        _last_run(connection, version.version),
        _gate(connection, version.version, place, max_ndcg_drop),
    )
    return tuple(sentence for sentence in sentences if sentence)


def _warnings(connection: Connection, version: str) -> tuple[str, ...]:
    held = version_slices.find_slice(connection, version)
    if held is None or held.buckets == BUCKETS:
        return ()
    return (
        f"Version {version} holds {held} of the catalog: its readers find no other item until "
        f"`catalog-embeddings run --version {version} --slice 100%` has made the rest.",
    )


def _coverage(connection: Connection, version: str, place: Place) -> str | None:
    covered = readiness.coverage_of(connection, version, place)
    if not covered.items:
        return f"The catalog holds no item at {place}."
    if not covered.missing:
        return None
    return (
        f"{covered.missing:,} of {covered.items:,} items at {place} have neither a vector nor a dead letter: "
        f"`catalog-embeddings run --version {version}` makes them."
    )


def _index(connection: Connection, version: EmbeddingVersion) -> str | None:
    indexes = vector_index.indexes(connection, version.version)
    if any(index.valid for index in indexes):
        return None
    if indexes:
        return "Its vector index is invalid, as a build that broke off leaves it: the next run builds it anew."
    rows = vector_index.count_rows(connection, version.version)
    if rows < INDEX_FROM_ROWS or version.spec.dims > vector_index.MAX_DIMS:
        return None
    return f"It holds {rows:,} vectors and no vector index: every search would read all of them."


def _last_run(connection: Connection, version: str) -> str | None:
    last = readiness.last_run(connection, version)
    if last is None:
        return f"It has never been run: `catalog-embeddings run --version {version}`."
    run_id, state = last
    if state == "verified":
        return None
    return f"Its last run, {run_id}, is {state} and not verified: the view embedding_runs says why."


def _gate(connection: Connection, version: str, place: Place, max_ndcg_drop: float) -> str | None:
    active = embedding_aliases.active_version(connection, org_id=place.org_id, namespace=place.namespace)
    found = embedding_evaluations.latest_comparison(connection, version, active, place) if active else None
    # A drop of exactly what is allowed passes, whatever the last bit of the difference says.
    if found is None or round(found.ndcg_against - found.ndcg, 9) <= max_ndcg_drop:
        return None
    return (
        f"Its NDCG@{found.k} was {found.ndcg:.3f} on {found.evaluated_at:%Y-%m-%d}, that of {found.against} "
        f"{found.ndcg_against:.3f}: more than {max_ndcg_drop:g} worse."
    )
