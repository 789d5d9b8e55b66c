"""Searching a version of a million rows: what its index costs, what is found, how fast, and how many times a second.

The rows and the queries come out of a file that search_vectors.py has written. They are loaded, indexed as the pipeline
does it and once more by bits, in an embedded Postgres that stays in its folder: called again with the same folder, the
questions alone are asked. One connection asks by psycopg, every query once to warm up and once for the clock; eight ask
by pgbench, whose own work is small, for vectors that lie in a table of the server.
"""

import argparse
import os
import re
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import LiteralString

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg import sql
from rich import box
from rich.console import Console
from rich.table import Table
from search import BITS, EXACT, TYPED, Bench, K, load

from catalog_embeddings.pipeline.index import index_version
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import vector_index
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedded import embedded_postgres, psql_program
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.postgres.migrations import migrate
from catalog_embeddings.transform.recall import BestScores

HALFVEC: LiteralString = TYPED.replace("{kind}", "halfvec")
FUNCTION: LiteralString = "select score from search_items(%(vector)s::halfvec, %(k)s)"
OURS = vector_index.index_name("v1")
#: The indexes that ours is compared to.
OTHERS: dict[str, LiteralString] = {
    "plain": "((vector::halfvec({dims})) halfvec_cosine_ops)",
    "bits": "((binary_quantize(vector)::bit({dims})) bit_hamming_ops)",
}
#: How a query is asked for by its number, where pgbench has no vector to send.
STORED = "(select vector from queries where number = :number)"

console = Console(width=160)


@dataclass(frozen=True)
class Way:
    """A way of searching: the index that it may use, how far it looks into it, and its statement."""

    name: str
    statement: sql.Composed
    index: str = ""
    ef_search: int | None = None
    queries: int = 1_000_000


@dataclass(frozen=True)
class Asked:
    """What is asked, and the true answers: ``kinds`` names those whose recall is told apart."""

    queries: NDArray[np.float32]
    kinds: NDArray[np.str_]
    best: BestScores


def main() -> None:
    """Make what is not there yet, then ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the server's data is, or is to be")
    parser.add_argument("--vectors", type=Path, help="a file of search_vectors.py; needed the first time")
    parser.add_argument("--rows", type=int, default=1_000_000, help="at most so many of its rows")
    parser.add_argument("--shared-buffers", default="128MB")
    parser.add_argument("--maintenance-work-mem", default="64MB", help="a build takes more by itself, up to 1 GB")
    parser.add_argument("--seconds", type=int, default=10, help="so long eight connections ask in every way")
    options = parser.parse_args()
    with _server(options.folder, options.shared_buffers) as (address, connection):
        if not connection.execute("select to_regclass('queries')").fetchone()[0]:
            connection.execute(f"set maintenance_work_mem = '{options.maintenance_work_mem}'")
            _make(address, connection, options.vectors, options.rows)
        console.print(_answers(address, connection, options.seconds))


@contextmanager
def _server(folder: Path, shared_buffers: str) -> Iterator[tuple[str, Connection]]:
    settings = folder / "postgresql.conf"
    if settings.exists():
        with settings.open("a") as file:
            file.write(f"shared_buffers = {shared_buffers}\n")
    with embedded_postgres(folder) as address:
        migrate(address)
        with connect(address) as connection:
            yield address, connection


def _make(address: str, connection: Connection, vectors: Path, rows: int) -> None:
    """Load the rows and the queries, and build both indexes; says what each took."""
    with np.load(vectors) as file:
        loaded, queries, kinds, real = file["rows"][:rows], file["queries"], file["kinds"], int(file["real"])
    console.print(
        f"{len(loaded):,} rows of {loaded.shape[1]} dims, of which {min(real, rows):,} are real; {len(queries)} queries"
    )
    spec = text_spec(
        "emulator", "all-MiniLM-L6-v2" if loaded.shape[1] == 384 else "text-embedding-3-large", loaded.shape[1]
    )
    bench = Bench(connect(address), register_version(connection, "v1", spec), loaded, queries)
    register_vector(bench.connection)
    seconds = load(bench)
    console.print(f"loaded: {seconds:.0f} s, {len(loaded) / seconds:,.0f} rows/s")
    began = time.perf_counter()
    report = index_version(connection, find_version(connection, "v1"), len(loaded), lambda: connect(address))
    console.print(f"indexed by the pipeline in {time.perf_counter() - began:.0f} s: {report}")
    # What the pipeline allowed its own.
    bench.run("set maintenance_work_mem = {memory}", memory=f"{report.memory_mb if report else 1024}MB")
    bench.run("set min_parallel_table_scan_size = 0")
    for name, columns in OTHERS.items():
        seconds = bench.run(f"create index {name} on item_embeddings_v1 using hnsw {columns}")
        console.print(f"index {name}: {seconds:.0f} s")
    bench.run("create table queries (number int primary key, kind text, vector halfvec)")
    with bench.connection.cursor() as cursor:
        asked = [
            (number, kind, HalfVector(query)) for number, (kind, query) in enumerate(zip(kinds, queries, strict=True))
        ]
        cursor.executemany("insert into queries values (%s, %s, %s)", asked)
    bench.run("vacuum analyze queries")
    bench.connection.close()


def _answers(address: str, connection: Connection, seconds: int) -> Table:
    """Every way of searching: its recall, its time on one connection, and how much eight get out of the server."""
    version = find_version(connection, "v1")
    report = vector_index.find_report(connection, "v1")
    stored = connection.execute("select vector::text, kind from queries order by number").fetchall()
    queries = np.array([HalfVector.from_text(text).to_numpy() for text, _ in stored], dtype=np.float32)
    asked = Asked(queries, np.array([kind for _, kind in stored]), BestScores(queries, K))
    with vector_index.snapshot(connection):
        for vectors in vector_index.all_vectors(connection, version):
            asked.best.add(vectors)
    sizes = connection.execute(
        "select relname || ' ' || pg_size_pretty(pg_table_size(oid)) from pg_class"
        " where oid = 'item_embeddings_v1'::regclass"
        " or oid in (select indexrelid from pg_index where indrelid = 'item_embeddings_v1'::regclass)"
    )
    [(buffers,)] = connection.execute("show shared_buffers").fetchall()
    console.print(f"{', '.join(size for (size,) in sizes)}; shared_buffers {buffers}")
    console.print(report)
    table = Table(
        *("search", "ef_search", *(f"recall@10, {kind}" for kind in sorted(set(asked.kinds)))),
        *("p50 ms", "p95 ms", "of it client", "8 connections, /s"),
        box=box.MARKDOWN,
    )
    try:
        for way in _ways(version.spec.dims, report.ef_search if report else 100):
            table.add_row(*_row(address, connection, way, asked, seconds))
    finally:
        _allow(connection, "%")
    return table


def _allow(connection: Connection, index: str) -> None:
    """Let searches use only the indexes of vectors that are called like this: to the others they are still unbuilt."""
    connection.execute(
        "update pg_index set indisvalid = index.relname like %s from pg_class as index inner join pg_am"
        " on index.relam = pg_am.oid where index.oid = pg_index.indexrelid and amname = 'hnsw'",
        [index],
    )


def _ways(dims: int, ef_search: int) -> Iterator[Way]:
    def filled(statement: LiteralString, **numbers: int) -> sql.Composed:
        return sql.SQL(statement).format(dims=sql.Literal(dims), **{k: sql.Literal(v) for k, v in numbers.items()})

    yield Way("exact", filled(EXACT), queries=20)
    yield Way("pgvector's defaults", filled(HALFVEC), "plain", 40)
    for name, index in (("m 16 / 64", "plain"), (f"m {vector_index.M} / {vector_index.EF_CONSTRUCTION}", OURS)):
        for ef in (100, 200, 400):
            yield Way(name, filled(HALFVEC), index, ef)
    for shortlist in (100, 200, 400):
        yield Way(f"bits, best {shortlist} re-ranked", filled(BITS, shortlist=shortlist), "bits", shortlist)
    yield Way(f"search_items, its own {ef_search}", filled(FUNCTION), OURS)


def _row(address: str, connection: Connection, way: Way, asked: Asked, seconds: int) -> Iterator[str]:
    _allow(connection, way.index)
    connection.execute(f"set hnsw.ef_search = {way.ef_search}" if way.ef_search else "reset hnsw.ef_search")
    values = [{"vector": HalfVector(vector).to_text(), "k": K} for vector in asked.queries[: way.queries]]
    for each in values:
        connection.execute(way.statement, each).fetchall()
    found: list[list[float]] = []
    took: list[float] = []
    cpu = time.process_time()
    for each in values:
        began = time.perf_counter()
        found.append([row[0] for row in connection.execute(way.statement, each)])
        took.append(time.perf_counter() - began)
    cpu = (time.process_time() - cpu) / len(values)
    yield way.name
    yield str(way.ef_search or "")
    for kind in sorted(set(asked.kinds)):
        chosen = asked.kinds[: len(found)] == kind
        # Those that were not asked find nothing.
        answers = [
            found[number] if number < len(found) and chosen[number] else [] for number in range(len(asked.kinds))
        ]
        share = chosen.sum() / len(asked.kinds)
        yield f"{asked.best.recall(answers) / share:.3f}" if share else ""
    yield f"{statistics.median(took) * 1000:.2f}"
    yield f"{np.quantile(took, 0.95) * 1000:.2f}"
    yield f"{cpu * 1000:.2f}"
    yield _per_second(address, connection, way, len(asked.queries), seconds)


def _per_second(address: str, connection: Connection, way: Way, queries: int, seconds: int) -> str:
    statement = way.statement.as_string(connection) % {"vector": STORED, "k": K}
    setting = f"-c hnsw.ef_search={way.ef_search}" if way.ef_search else ""
    with NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"\\set number random(0, {queries - 1})\n{' '.join(statement.split())};\n")
        script.flush()
        program = psql_program()
        done = subprocess.run(
            [program.with_name("pgbench"), "-n", "-c8", "-j1", f"-T{seconds}", "-f", script.name, address],
            env=os.environ | {"PGOPTIONS": setting},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return f"{float(re.search(r'tps = ([0-9.]+)', done.stdout)[1]):,.0f}"


if __name__ == "__main__":
    main()
