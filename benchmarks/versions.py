"""What readers notice while versions come, move and go: four of them read without pause through all of it.

Two versions of the same items, of which the second holds every vector under another item: what a search finds tells
whose answer it is, and an answer that is neither's is a mix. Readers give up on any lock after 100 ms, and that counts.
The longest read stands beside that of a time in which nothing else happened, because two cores are busy either way.
The server is an embedded Postgres as it comes.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from uuid import UUID

import numpy as np
import psycopg
from pgvector import HalfVector
from rich import box
from rich.console import Console
from rich.table import Table

from catalog_embeddings.domain.promotion import EVERYWHERE
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.pipeline.drop_version import drop_version
from catalog_embeddings.pipeline.index import index_version
from catalog_embeddings.pipeline.promote import promote, rollback
from catalog_embeddings.postgres import embedding_aliases, embedding_versions
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedded import embedded_postgres
from catalog_embeddings.postgres.migrations import migrate
from catalog_embeddings.serving.retriever import Retriever

ORG = UUID(int=1)
READERS, PATIENCE_MS, K = 4, 100, 5
QUERIES = 20


@dataclass(frozen=True)
class Read:
    """One answer: when it was asked for and came, whose it was, and ``late`` where a lock kept it waiting."""

    asked: float
    answered: float
    version: str
    late: bool = False


@dataclass
class Bench:
    """A server with two versions, and the answers that each of them gives."""

    address: str
    connection: Connection
    vectors: list[np.ndarray]
    answers: list[dict[tuple[str, ...], str]] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def read(self, least: int) -> list[Read]:
        """Read until all is over, and at least so many times."""
        reads: list[Read] = []
        with connect(self.address) as own:
            own.execute(f"set lock_timeout = '{PATIENCE_MS}ms'")
            retriever = Retriever(own)
            while not self.over.is_set() or len(reads) < least:
                query = len(reads) % QUERIES
                asked = time.perf_counter()
                try:
                    hits = tuple(hit.item_id for hit in retriever.nearest(self.vectors[query], K))
                    version = self.answers[query].get(hits, "mixed")
                except psycopg.errors.LockNotAvailable:
                    version = "late"
                reads.append(Read(asked, time.perf_counter(), version, version == "late"))
        return reads


def fill(connection: Connection, version: str, vectors: np.ndarray, shift: int) -> None:
    """Register a version and give each item a vector: its own, or that of the item so many places on."""
    spec = VersionSpec("emulator", f"model of {version}", vectors.shape[1], "product.v3", "hash", ("title",))
    embedding_versions.register(connection, version, spec, version)
    connection.execute("select set_config('catalog_embeddings.fingerprint', %s, false)", [version])
    columns = "org_id, item_id, version, modality, dims, vector, record_hash, content_hash"
    with connection.cursor() as cursor, cursor.copy(f"copy item_embeddings ({columns}) from stdin") as copy:
        for number, vector in enumerate(np.roll(vectors, shift, axis=0)):
            text = HalfVector(vector).to_text()
            copy.write_row((ORG, f"item-{number:07}", version, "text", len(vector), text, b"r", b"c"))
    connection.execute(
        "insert into pipeline.runs (run_id, version, state, started_by) values (%s, %s, 'verified', 'a benchmark')",
        [f"run of {version}", version],
    )


@contextmanager
def bench(rows: int, dims: int) -> Iterator[Bench]:
    """Two indexed versions of so many items, v1 active."""
    drawn = np.random.default_rng(7).standard_normal((rows, dims)).astype(np.float32)
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        embedded_postgres(Path(folder) / "postgres") as address,
    ):
        migrate(address)
        with connect(address) as connection:
            connection.execute(
                "insert into analytics.catalog_features_raw (org_id, item_id, title, updated_at)"
                " select %s, to_char(number, '\"item-\"FM0000000'), 'Product', now() - interval '1 day'"
                " from generate_series(0, %s) as number",
                [ORG, rows - 1],
            )
            connection.execute("analyze analytics.catalog_features_raw")
            for shift, version in enumerate(("v1", "v2")):
                fill(connection, version, drawn, shift * rows // 2)
                found = embedding_versions.find_version(connection, version)
                index_version(connection, found, rows, lambda: connect(address))
            embedding_aliases.point(connection, "v1", reason="a benchmark")
            here = Bench(address, connection, list(drawn[:QUERIES]))
            for vector in here.vectors:
                own = {version: Retriever(connection).nearest(vector, K, version=version) for version in ("v1", "v2")}
                here.answers.append({tuple(hit.item_id for hit in hits): name for name, hits in own.items()})
            yield here


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """When a piece of work began, and when it ended."""
    began = time.perf_counter()
    work()
    return began, time.perf_counter()


def command(address: str, *words: str) -> None:
    """A command as a person types it, interpreter and all."""
    program = [sys.executable, "-c", "from catalog_embeddings.cli.app import main; main()"]
    environment = os.environ | {"CATALOG_EMBEDDINGS_DATABASE_URL": address}
    subprocess.run([*program, *words, "--json"], env=environment, check=True, stdout=subprocess.DEVNULL)


def everything(here: Bench, rows: int, dims: int, moves: int) -> dict[str, list[tuple[float, float]]]:
    """Do what is done with versions, one after the other; returns when each was done."""
    other = np.random.default_rng(8).standard_normal((rows, dims)).astype(np.float32)
    spans: dict[str, list[tuple[float, float]]] = {"nothing": [timed(lambda: time.sleep(10))]}

    def note(name: str, work: Callable[[], object]) -> None:
        spans.setdefault(name, []).append(timed(work))

    with connect(here.address) as own:
        for _ in range(moves):
            note("promote", lambda: promote(own, "v2", EVERYWHERE))
            note("rollback", lambda: rollback(own, EVERYWHERE))
        for _ in range(3):
            note("the command promote", lambda: command(here.address, "versions", "promote", "v2"))
            note("the command rollback", lambda: command(here.address, "versions", "rollback"))
        for number in range(5):
            spec = VersionSpec("emulator", f"model {number}", dims, "product.v3", "hash", ("title",))
            note("create", lambda n=number, s=spec: embedding_versions.register(own, f"empty{n}", s, f"empty{n}"))
            note("drop, empty", lambda n=number: drop_version(own, f"empty{n}"))
        note("create and load", lambda: fill(own, "v3", other, 0))
        found = embedding_versions.find_version(own, "v3")
        note("index", lambda: index_version(own, found, rows, lambda: connect(here.address)))
        note("drop, full", lambda: drop_version(own, "v3"))
    return spans


def main() -> None:
    """Read while versions come, move and go, and print what was noticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--dims", type=int, default=384)
    parser.add_argument("--moves", type=int, default=20, help="promotions, and as many rollbacks")
    parser.add_argument("--reads", type=int, default=10_000, help="at least so many, by four readers together")
    options = parser.parse_args()

    with bench(options.rows, options.dims) as here, ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(here.read, options.reads // READERS) for _ in range(READERS)]
        try:
            spans = everything(here, options.rows, options.dims, options.moves)
        finally:
            here.over.set()
        reads = [read for reader in readers for read in reader.result()]

    names = ("meanwhile", "times", "median s", "longest s", "reads", "longest read ms", f"waits above {PATIENCE_MS} ms")
    table = Table(*names, box=box.MARKDOWN)
    for name, done in spans.items():
        seconds = [end - begin for begin, end in done]
        seen = [read for read in reads if any(read.answered >= begin and read.asked <= end for begin, end in done)]
        longest = max((read.answered - read.asked for read in seen), default=0.0) * 1_000
        figures = (f"{statistics.median(seconds):.3f}", f"{max(seconds):.3f}", f"{len(seen):,}", f"{longest:.0f}")
        table.add_row(name, str(len(done)), *figures, str(sum(read.late for read in seen)))
    Console(width=130).print(table)
    told = Counter(read.version for read in reads)
    print(f"{len(reads):,} reads: {dict(sorted(told.items()))}, mixed {told['mixed']}, late {told['late']}")


if __name__ == "__main__":
    main()
