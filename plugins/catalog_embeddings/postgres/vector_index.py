"""The vector index of a version's partition: an HNSW over halfvecs by cosine, built while readers and writers go on.

Knows how an index is built, watched, found broken and asked; leaves to ``pipeline.index`` when one is wanted. Building
waits for every transaction that is open in the database: whoever calls has none open, nor waits in a statement.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import sql
from psycopg.types.json import Jsonb

from catalog_embeddings.domain.vector_index import IndexBuild, IndexReport
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import ConfigurationError, ServerFailed
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

log = logging.getLogger(__name__)

_QUERIES = named_queries("vector_index")

# Chosen by measurement: docs/decisions/0009-vector-indexes.md.
M, EF_CONSTRUCTION = 24, 128
MAX_DIMS = 4_000

_SECONDS_BETWEEN_LOOKS = 1.0
# Of short vectors, 1,000 at once took twice the processor: two threads that wait for each other on small sums.
_ROWS_AT_ONCE, _BYTES_AT_ONCE = 5_000, 1 << 22

# What a build wants beside the vectors themselves, bytes a row: 1,120 were enough. The least lets the server give it
# two workers, 32 MB a process. The most is the server's to say: a quarter of its effective_cache_size.
_GRAPH_BYTES = 1_400
_LEAST_MEMORY_MB = 128


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """An index that is there; one that is not ``valid`` is left of a build that broke off, and answers nothing.

    ``m`` and ``ef_construction`` are those it was made with, which outlast its being built anew.
    """

    name: str
    valid: bool
    bytes: int
    m: int
    ef_construction: int


@dataclass(frozen=True, slots=True)
class Built:
    """What a build took, and was allowed; ``fits_memory`` is False when its graph outgrew the memory."""

    seconds: float
    memory_mb: int
    workers: int
    fits_memory: bool


def indexes(connection: Connection, version: str) -> list[VectorIndex]:
    """The vector indexes of a version, broken ones among them."""
    return [VectorIndex(*row) for row in connection.execute(_QUERIES["indexes"], {"version": version})]


def count_rows(connection: Connection, version: str) -> int:
    """How many rows a version holds."""
    return int(_one(connection, "rows", {"version": version})[0])


def analyze(connection: Connection, version: str) -> None:
    """Bring the planner's knowledge of a partition up to date. Cheap: it looks at no vector."""
    connection.execute(_statement("analyze", version))


@contextmanager
def one_builder(connection: Connection) -> Iterator[None]:
    """Be the only one that builds or drops a vector index in this database, also on two machines at once.

    Whoever comes second asks again and again: to wait inside a statement would hold a snapshot, the build would wait
    for that, and both for ever.
    """
    while not _one(connection, "try_lock", {})[0]:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        connection.execute(_QUERIES["unlock"])


def build(connection: Connection, version: EmbeddingVersion, rows: int) -> Built:
    """Build a version's index beside whoever reads and writes; ``rows`` says how much memory it may want.

    Raises:
        ConfigurationError: the partition is somebody else's.
    """
    create = _statement("create", version.version, dims=version.spec.dims, m=M, ef_construction=EF_CONSTRUCTION)
    built = _build(connection, version.version, create, _memory_mb(rows, version.spec.dims))
    connection.execute(_statement("without_statistics", version.version))
    return built


def rebuild(connection: Connection, version: EmbeddingVersion, rows: int) -> Built:
    """Build a version's index anew beside the old one, which serves until both are swapped.

    Raises:
        ConfigurationError: the partition is somebody else's.
    """
    statement = _statement("rebuild", version.version)
    rebuilt = _build(connection, version.version, statement, _memory_mb(rows, version.spec.dims))
    # Now that no entry of the index leads to a dead row: to clean the old one would take longer than building anew did.
    connection.execute(_statement("vacuum", version.version))
    return rebuilt


def drop(connection: Connection, name: str) -> None:
    """Drop a vector index; nobody waits for it."""
    connection.execute(sql.SQL(_QUERIES["drop"]).format(index=sql.Identifier(name)))


def index_name(version: str) -> str:
    """What a version's index is called."""
    return f"item_embeddings_{version}_hnsw"


@contextmanager
def watched(
    open_connection: Callable[[], Connection], version: str, on_progress: Callable[[IndexBuild], None]
) -> Iterator[None]:
    """Tell ``on_progress``, from a thread of its own, how far a build of a version's index has come meanwhile."""
    over = threading.Event()

    def watch() -> None:
        # Not to know how far a build has come is no reason to give it up.
        with suppress(psycopg.Error, ServerFailed), open_connection() as connection:
            while not over.wait(_SECONDS_BETWEEN_LOOKS):
                for phase, share in connection.execute(_QUERIES["progress"], {"version": version}).fetchall():
                    on_progress(IndexBuild(phase, share))

    watcher = threading.Thread(target=watch, name="vector-index-progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def sample(connection: Connection, version: EmbeddingVersion, rows: int) -> NDArray[np.float16]:
    """The vectors of up to so many rows, (rows, dims), the same ones every time."""
    with connection.cursor(binary=True) as cursor:
        cursor.execute(_QUERIES["sample"], {"version": version.version, "sample": rows})
        return _vectors([row[3] for row in cursor], version.spec.dims)


def all_vectors(connection: Connection, version: EmbeddingVersion) -> Iterator[NDArray[np.float16]]:
    """Every vector of a version, in pieces of up to 5,000 rows and 4 MB; inside a transaction."""
    rows = min(_ROWS_AT_ONCE, _BYTES_AT_ONCE // (2 * version.spec.dims))
    with connection.cursor("vectors_of_version", binary=True) as cursor:
        cursor.execute(_QUERIES["vectors"], {"version": version.version})
        while found := cursor.fetchmany(rows):
            yield _vectors([row[0] for row in found], version.spec.dims)


def found_scores(
    connection: Connection, version: EmbeddingVersion, vectors: NDArray[np.float16], k: int, ef_search: int
) -> list[list[float]]:
    """The scores of the k rows nearest to each of these vectors, as the index finds them; inside a transaction."""
    connection.execute(_QUERIES["use_the_index"], {"ef_search": str(ef_search)})
    asked = sql.SQL(_QUERIES["neighbours"]).format(
        dims=sql.Literal(version.spec.dims), version=sql.Literal(version.version)
    )
    return [
        [score for (score,) in connection.execute(asked, {"vector": HalfVector(vector).to_text(), "k": k})]
        for vector in vectors
    ]


@contextmanager
def snapshot(connection: Connection) -> Iterator[None]:
    """Look at one state of the table, however long it takes, and write nothing."""
    with connection.transaction():
        connection.execute(_QUERIES["hold_snapshot"])
        yield


def find_report(connection: Connection, version: str) -> IndexReport | None:
    """What was recorded of a version's index last."""
    found = _one(connection, "report", {"version": version})[0]
    return None if found is None else IndexReport(**found)


def record(connection: Connection, version: str, report: IndexReport | None) -> None:
    """Write into a version's row what is known of its index; None once it has none."""
    found = None if report is None else Jsonb(report.as_json())
    connection.execute(_QUERIES["record"], {"version": version, "report": found})


def _build(connection: Connection, version: str, statement: sql.Composed, memory_mb: int) -> Built:
    connection.execute(_QUERIES["allow_resources"], {"memory_mb": memory_mb})
    try:
        return _timed(connection, statement)
    except psycopg.errors.DiskFull as error:
        # Several processes build in shared memory, of which a container has 64 MB unless it is given more.
        log.warning("a vector index could not be built (%s): once more, in one process", error.diag.message_primary)
        for index in indexes(connection, version):
            if not index.valid:
                drop(connection, index.name)
        connection.execute(_QUERIES["allow_one_process"])
        return _timed(connection, statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationError(
            "only the owner of a version's partition may index it: run this as the user who created the version"
        ) from error
    finally:
        if not connection.closed:
            for setting in ("reset_memory", "reset_processes", "reset_table_size"):
                connection.execute(_QUERIES[setting])


def _timed(connection: Connection, statement: sql.Composed) -> Built:
    notices: list[str] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:
        notices.append(notice.message_primary or "")

    memory_mb, workers = _one(connection, "allowed_resources", {})
    connection.add_notice_handler(note)
    began = time.monotonic()
    try:
        connection.execute(statement)
    finally:
        connection.remove_notice_handler(note)
    fits = not any("no longer fits" in notice for notice in notices)
    return Built(round(time.monotonic() - began, 2), memory_mb, workers, fits)


def _memory_mb(rows: int, dims: int) -> int:
    return max(_LEAST_MEMORY_MB, rows * (2 * dims + _GRAPH_BYTES) // 1_048_576)


def _statement(query: str, version: str, **numbers: int) -> sql.Composed:
    return sql.SQL(_QUERIES[query]).format(
        index=sql.Identifier(index_name(version)),
        partition=sql.Identifier(f"item_embeddings_{version}"),
        **{name: sql.Literal(number) for name, number in numbers.items()},
    )


def _vectors(sent: list[bytes], dims: int) -> NDArray[np.float16]:
    """Halfvecs as they are sent: their dims, an unused int16, big-endian float16s (pgvector, src/halfvec.c)."""
    layout = np.dtype([("dims", ">i2"), ("unused", ">i2"), ("vector", ">f2", (dims,))])
    return np.frombuffer(b"".join(sent), dtype=layout)["vector"].astype(np.float16)


def _one(connection: Connection, query: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    row = connection.execute(_QUERIES[query], parameters).fetchone()
    if row is None:
        raise LookupError(query)
    return row
