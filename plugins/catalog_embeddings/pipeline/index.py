"""The vector index of a version, before a load and after it: built, kept, built anew or dropped, by what that costs.

An index is no part of a run's verdict: searches give the same answers without one, only slower. It is built beside
readers and writers, outside of any transaction, and whoever is killed meanwhile leaves nothing that the next call does
not mend. The numbers below were measured: docs/decisions/0009-vector-indexes.md.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from catalog_embeddings.domain.vector_index import IndexBuild, IndexReport
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.postgres import vector_index
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.vector_index import Built, VectorIndex
from catalog_embeddings.transform.recall import BestScores, between

log = logging.getLogger(__name__)

# Below, an exact search takes a few milliseconds.
INDEX_FROM_ROWS = 10_000

# An insert into a standing index costs as much as so many rows of a build.
_LIVE_INSERT_COST = 5
# From this share of rows written into a standing index on, it is built anew: before autovacuum comes at 0.2, and mends
# the graph for longer than a build takes.
_WORN_SHARE = 0.1

_K, _SAMPLE = 10, 200
# The shortest search of these that finds so much of the exact answer, asked between rows, is the version's: then it
# finds 0.99 of what is near the words that people type.
_EF_SEARCH = (40, 100, 200, 400)
_RECALL_WANTED = 0.97


def make_way(connection: Connection, version: EmbeddingVersion, changes: int) -> bool:
    """Before a load of so many rows: drop the index if building it anew afterwards costs less than keeping it current.

    Never the index of a version that readers may see: they would wait on exact searches until the load is over.
    Returns whether it was dropped.
    """
    name = version.version
    if version.status not in {"building", "candidate"} or not vector_index.indexes(connection, name):
        return False
    if changes * _LIVE_INSERT_COST < vector_index.count_rows(connection, name) + changes:
        return False
    with vector_index.one_builder(connection):
        for index in vector_index.indexes(connection, name):
            vector_index.drop(connection, index.name)
        vector_index.record(connection, name, None)
    log.info("version %s gives up its vector index for a load of %d rows, and gets it back after", name, changes)
    return True


def index_version(
    connection: Connection,
    version: EmbeddingVersion,
    changes: int,
    open_connection: Callable[[], Connection],
    on_progress: Callable[[IndexBuild], None] = lambda _build: None,
) -> IndexReport | None:
    """After a load: see to it that a version has a valid index, if it has rows enough, and that its recall is known.

    Args:
        connection: in no transaction.
        version: whose partition it is.
        changes: how many of its rows were written or deleted since the last call.
        open_connection: opens another one, over which a build is watched.
        on_progress: is told from another thread, about once a second, how far a build has come.

    Returns:
        What is known of the index; None where there is none, because the rows are few or have too many dims.

    Raises:
        ConfigurationError: the partition is somebody else's.
    """
    name = version.version
    known = vector_index.find_report(connection, name)
    if changes:
        vector_index.analyze(connection, name)
    elif known and [index.valid for index in vector_index.indexes(connection, name)] == [True]:
        return known
    with vector_index.one_builder(connection):
        # Asked again: another may have built it while we waited.
        known = vector_index.find_report(connection, name)
        standing = _without_broken(connection, name)
        rows = vector_index.count_rows(connection, name)
        if standing is None and not _is_indexable(version, rows):
            vector_index.record(connection, name, None)
            return None
        if known and standing and known.changes + changes < _WORN_SHARE * rows:
            report = replace(known, changes=known.changes + changes)
        else:
            with vector_index.watched(open_connection, name, on_progress):
                built = _built(connection, version, rows, standing, known)
            report = _measured(connection, version, rows, built)
        vector_index.record(connection, name, report)
    return report


def _is_indexable(version: EmbeddingVersion, rows: int) -> bool:
    if rows >= INDEX_FROM_ROWS and version.spec.dims > vector_index.MAX_DIMS:
        log.warning(
            "version %s has %d dims, an index holds at most %d: searches read every vector",
            version.version, version.spec.dims, vector_index.MAX_DIMS,
        )  # fmt: skip
        return False
    return rows >= INDEX_FROM_ROWS


def _without_broken(connection: Connection, version: str) -> VectorIndex | None:
    """The valid index of a version; what builds that broke off have left is dropped."""
    standing = None
    for index in vector_index.indexes(connection, version):
        if index.valid and standing is None:
            standing = index
        else:
            log.warning(
                "version %s: vector index %s is left of a build that broke off, it is dropped", version, index.name
            )
            vector_index.drop(connection, index.name)
    return standing


def _built(
    connection: Connection,
    version: EmbeddingVersion,
    rows: int,
    standing: VectorIndex | None,
    known: IndexReport | None,
) -> Built | None:
    """Build an index, or build it anew beside the standing one; None when that one was only never measured."""
    if standing is None:
        log.info("version %s gets a vector index over %d rows", version.version, rows)
        return vector_index.build(connection, version, rows)
    if known is None:
        # Whoever built it was killed, and the server ended the work alone.
        return None
    log.info("much of version %s was written since its vector index was built: it is built anew", version.version)
    return vector_index.rebuild(connection, version, rows)


def _measured(connection: Connection, version: EmbeddingVersion, rows: int, built: Built | None) -> IndexReport:
    """Find the shortest search whose recall is good, and put together what is known."""
    [index] = vector_index.indexes(connection, version.version)
    with vector_index.snapshot(connection):
        asked = between(vector_index.sample(connection, version, _SAMPLE))
        best = BestScores(asked.astype(np.float32), _K)
        for vectors in vector_index.all_vectors(connection, version):
            best.add(vectors)
        ef_search, recall = 0, 0.0
        for ef_search in _EF_SEARCH:
            found = vector_index.found_scores(connection, version, asked, _K, ef_search)
            recall = round(best.recall(found), 4)
            if recall >= _RECALL_WANTED:
                break
    report = IndexReport(
        index=index.name,
        m=index.m,
        ef_construction=index.ef_construction,
        ef_search=ef_search,
        rows=rows,
        changes=0,
        seconds=built.seconds if built else None,
        bytes=index.bytes,
        memory_mb=built.memory_mb if built else None,
        workers=built.workers if built else None,
        fits_memory=built.fits_memory if built else None,
        recall_at_10=recall,
        sampled=len(asked),
        measured_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S+00:00}",
    )
    log.log(
        logging.INFO if recall >= _RECALL_WANTED else logging.WARNING,
        "the vector index of version %s: %s",
        version.version,
        report,
    )
    return report
