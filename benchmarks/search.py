"""Searching a version: which index, which storage, and what refreshes cost, measured on real product texts.

Every table is one question of docs/decisions/0009-vector-indexes.md. The vectors are those of a catalog file, made by
one of the emulator's models (``all-MiniLM-L6-v2`` needs the extra ``[local]``) or read from a .npy file; the last 200
are held back and asked for, so no query is a row. The server is an embedded Postgres of its own, as it comes.
"""

import argparse
import gzip
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg import sql
from rich import box
from rich.console import Console
from rich.table import Table

from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.emulator.vectors import embed
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import item_embeddings, vector_index
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedded import embedded_postgres
from catalog_embeddings.postgres.migrations import migrate
from catalog_embeddings.transform.recall import BestScores

ROOT = Path(__file__).resolve().parents[1]
QUERIES, K = 200, 10
MANY, FEW = UUID(int=1), UUID(int=2)
#: One row in this many belongs to the small tenant.
TENANT = 500

Vectors = NDArray[np.float32]
Row = tuple[object, ...]


@dataclass(frozen=True)
class Bench:
    """A database with a version in it, the rows it holds, and what is asked."""

    connection: Connection
    version: EmbeddingVersion
    rows: Vectors
    queries: Vectors

    @property
    def dims(self) -> int:
        """Numbers in a vector."""
        return self.version.spec.dims

    def run(self, statement: LiteralString, **values: object) -> float:
        """Execute a statement, ``{dims}`` and the like filled in; returns the seconds it took."""
        began = time.perf_counter()
        self.connection.execute(self.filled(statement, **values))
        return time.perf_counter() - began

    def filled(self, statement: LiteralString, **values: object) -> sql.Composed:
        """A statement with its constants in place."""
        return sql.SQL(statement).format(
            dims=sql.Literal(self.dims), **{name: sql.Literal(value) for name, value in values.items()}
        )

    def one(self, question: LiteralString) -> Any:
        """The one value that answers a question."""
        row = self.connection.execute(question).fetchone()
        return None if row is None else row[0]

    def exact(self, chosen: NDArray[np.bool_] | None = None) -> BestScores:
        """The true answers among the rows, as the table holds them."""
        best = BestScores(self.queries, K)
        best.add(self.rows if chosen is None else self.rows[chosen])
        return best


@dataclass(frozen=True)
class Answers:
    """What a way of searching gives: its recall, how many answers were full, and milliseconds a query."""

    recall: float
    full: float
    p50: float
    p95: float


def ask(bench: Bench, statement: sql.Composed, best: BestScores, queries: int = QUERIES) -> Answers:
    """Ask every query once to warm up and once for the clock."""
    found: list[list[float]] = []
    seconds: list[float] = []
    for vector in bench.queries[:queries]:
        asked = {"vector": HalfVector(vector).to_text(), "k": K}
        bench.connection.execute(statement, asked)
        began = time.perf_counter()
        found.append([row[0] for row in bench.connection.execute(statement, asked)])
        seconds.append(time.perf_counter() - began)
    padded = [*found, *([[]] * (QUERIES - queries))]
    share = QUERIES / queries
    return Answers(
        recall=best.recall(padded) * share,
        full=sum(len(scores) == K for scores in found) / queries,
        p50=statistics.median(seconds) * 1000,
        p95=float(np.quantile(seconds, 0.95)) * 1000,
    )


# What a search comes down to: the select list and the casts differ, the table does not.
EXACT: LiteralString = """
select 1 - (vector <=> %(vector)s::halfvec) from item_embeddings where version = 'v1'
order by vector <=> %(vector)s::halfvec limit %(k)s"""
TYPED: LiteralString = """
select 1 - (vector::{kind}({dims}) <=> %(vector)s::{kind}({dims})) from item_embeddings where version = 'v1'
order by vector::{kind}({dims}) <=> %(vector)s::{kind}({dims}) limit %(k)s"""
BITS: LiteralString = """
select 1 - (vector <=> %(vector)s::halfvec) from (
    select vector from item_embeddings where version = 'v1'
    order by binary_quantize(vector)::bit({dims}) <~> binary_quantize(%(vector)s::halfvec)::bit({dims})
    limit {shortlist}
) as near
order by vector <=> %(vector)s::halfvec limit %(k)s"""
INDEX: LiteralString = "create index candidate on item_embeddings_v1 using hnsw "
FUNCTION: LiteralString = "select score from search_items(%(vector)s::halfvec, %(k)s"


def kinds(bench: Bench) -> Iterator[Row]:
    """Exact search, and an HNSW over each type: what it costs to make, and what it gives."""
    best = bench.exact()
    answers = ask(bench, bench.filled(EXACT), best, queries=50)
    yield "exact", "", "", "", *_shown(answers)
    ways: list[tuple[str, LiteralString, LiteralString, dict[str, object]]] = [
        ("halfvec", "((vector::halfvec({dims})) halfvec_cosine_ops)", TYPED.replace("{kind}", "halfvec"), {}),
        ("vector", "((vector::vector({dims})) vector_cosine_ops)", TYPED.replace("{kind}", "vector"), {}),
    ] + [
        (
            f"bits, best {shortlist}",
            "((binary_quantize(vector)::bit({dims})) bit_hamming_ops)",
            BITS,
            {"shortlist": shortlist},
        )
        for shortlist in (100, 400)
    ]
    for name, columns, statement, constants in ways:
        if name == "vector" and bench.dims > 2_000:
            continue
        seconds, size = _make(bench, columns)
        for ef_search in (400,) if constants.get("shortlist") == 400 else (40, 100, 200):
            bench.run("set hnsw.ef_search = {ef}", ef=ef_search)
            answers = ask(bench, bench.filled(statement, **constants), best)
            yield name, f"{seconds:.0f}", f"{size:.0f}", ef_search, *_shown(answers)
        bench.run("drop index candidate")


def graphs(bench: Bench) -> Iterator[Row]:
    """Denser graphs and longer searches, over halfvecs."""
    best = bench.exact()
    for m, ef_construction in ((16, 64), (16, 128), (24, 128), (32, 200)):
        seconds, size = _make(
            bench,
            "((vector::halfvec({dims})) halfvec_cosine_ops) with (m = {m}, ef_construction = {ef})",
            m=m,
            ef=ef_construction,
        )
        for ef_search in (40, 100, 200):
            bench.run("set hnsw.ef_search = {ef}", ef=ef_search)
            answers = ask(bench, bench.filled(TYPED.replace("{kind}", "halfvec")), best)
            yield (
                f"m {m}, ef_construction {ef_construction}",
                f"{seconds:.0f}",
                f"{size:.0f}",
                ef_search,
                *_shown(answers),
            )
        bench.run("drop index candidate")


def storage(bench: Bench) -> Iterator[Row]:
    """Where the column keeps its vectors: beside the row, or within it."""
    for kind in ("external", "plain"):
        bench.run("truncate item_embeddings_v1")
        bench.run(f"alter table item_embeddings_v1 alter column vector set storage {kind}")
        seconds = _fill(bench)
        bench.run("vacuum item_embeddings_v1")
        megabytes = bench.one("select pg_table_size('item_embeddings_v1') / 1048576.0")
        hashes = min(bench.run("select count(record_hash || content_hash) from item_embeddings_v1") for _ in range(5))
        search = ask(bench, bench.filled(EXACT), bench.exact(), queries=20)
        build, _ = _make(bench, "((vector::halfvec({dims})) halfvec_cosine_ops)")
        analyze = []
        for target in (-1, 0):
            bench.run(f"alter table item_embeddings_v1 alter column vector set statistics {target}")
            bench.run(f"alter index candidate alter column 1 set statistics {target}")
            analyze.append(bench.run("analyze item_embeddings_v1"))
        bench.run("drop index candidate")
        yield (
            kind, f"{seconds:.1f}", f"{megabytes:.0f}", f"{hashes * 1000:.0f}", f"{search.p50:.0f}", f"{build:.0f}",
            f"{analyze[0]:.2f}", f"{analyze[1]:.2f}",
        )  # fmt: skip
    bench.run("alter table item_embeddings_v1 alter column vector set storage external")


def refreshes(bench: Bench) -> Iterator[Row]:
    """Rows written anew while the index stands; then vacuum mends its graph, or it is built anew before that."""
    yield "no index", f"{_rewrite(bench, 0.1):.0f}", "", "", "", "", ""
    bench.run("vacuum item_embeddings_v1")
    built = vector_index.build(bench.connection, bench.version, len(bench.rows))
    statement = bench.filled(TYPED.replace("{kind}", "halfvec"))
    bench.run("set hnsw.ef_search = 100")
    yield _refreshed(bench, f"built, {len(bench.rows) / built.seconds:.0f} rows/s", "", statement, "", "")
    for share in (0.01, 0.05, 0.2):
        rate = _rewrite(bench, share)
        yield _refreshed(bench, f"{share:.0%} rewritten", f"{rate:.0f}", statement, "", "")
        vacuum = bench.run("vacuum item_embeddings_v1")
        yield _refreshed(bench, "then vacuumed", "", statement, f"{vacuum:.1f}", "")
        vector_index.rebuild(bench.connection, bench.version, len(bench.rows))
        _rewrite(bench, share)
        rebuilt = vector_index.rebuild(bench.connection, bench.version, len(bench.rows)).seconds
        vacuum = bench.run("vacuum item_embeddings_v1")
        yield _refreshed(bench, "or built anew, then vacuumed", "", statement, f"{vacuum:.1f}", f"{rebuilt:.1f}")
    vector_index.drop(bench.connection, vector_index.index_name("v1"))


def _refreshed(bench: Bench, name: str, rate: str, statement: sql.Composed, vacuum: str, rebuilt: str) -> Row:
    answers = ask(bench, statement, bench.exact())
    size = vector_index.indexes(bench.connection, "v1")[0].bytes / 2**20
    return name, rate, f"{size:.0f}", rebuilt, vacuum, f"{answers.recall:.3f}", f"{answers.p50:.1f}"


def selections(bench: Bench) -> Iterator[Row]:
    """search_items itself, with and without its index, for all rows and for fewer and fewer of them."""
    numbers = np.arange(len(bench.rows))
    asked: list[tuple[str, LiteralString, NDArray[np.bool_]]] = [
        ("all", ")", numbers >= 0),
        ("a tenant of 99.8 %", f", org_id => '{MANY}')", numbers % TENANT > 0),
        ("a tenant of 0.2 %", f", org_id => '{FEW}')", numbers % TENANT == 0),
        ("a filter, 10 %", """, filter => '{{"tenth": 0}}')""", numbers % 10 == 0),
        ("a filter, 1 %", """, filter => '{{"hundredth": 0}}')""", numbers % 100 == 0),
        ("a filter, 0.1 %", """, filter => '{{"thousandth": 0}}')""", numbers % 1000 == 0),
    ]
    for indexed in (False, True):
        if indexed:
            vector_index.build(bench.connection, bench.version, len(bench.rows))
        bench.run("analyze item_embeddings_v1")
        for name, arguments, chosen in asked:
            best = bench.exact(chosen)
            answers = ask(bench, bench.filled(FUNCTION + arguments), best, queries=200 if indexed else 20)
            yield "HNSW" if indexed else "no index", name, f"{answers.full:.3f}", *_shown(answers)
    vector_index.drop(bench.connection, vector_index.index_name("v1"))


TABLES: dict[str, tuple[Callable[[Bench], Iterator[Row]], Sequence[str]]] = {
    "kinds": (kinds, ("index", "build s", "MB", "ef_search", "recall@10", "p50 ms", "p95 ms")),
    "graphs": (graphs, ("graph", "build s", "MB", "ef_search", "recall@10", "p50 ms", "p95 ms")),
    "storage": (
        storage,
        ("storage", "load s", "MB", "hashes ms", "exact ms", "build s", "analyze s", "without vectors s"),
    ),
    "refreshes": (refreshes, ("index", "rows/s", "MB", "rebuild s", "vacuum s", "recall@10", "p50 ms")),
    "selections": (selections, ("index", "rows", "full answers", "recall@10", "p50 ms", "p95 ms")),
}


def _make(bench: Bench, columns: LiteralString, **constants: object) -> tuple[float, float]:
    """Build an index; its seconds and megabytes."""
    seconds = bench.run(INDEX + columns, **constants)
    return seconds, float(bench.one("select pg_relation_size('candidate') / 1048576.0"))


def _shown(answers: Answers) -> Row:
    return f"{answers.recall:.3f}", f"{answers.p50:.1f}", f"{answers.p95:.1f}"


def _rewrite(bench: Bench, share: float) -> float:
    """Give a share of the rows other vectors, 1,000 a transaction as loading does; rows a second."""
    chance = np.random.default_rng()
    numbers = chance.choice(len(bench.rows), int(share * len(bench.rows)), replace=False)
    noise = chance.normal(scale=0.3 / bench.dims**0.5, size=(len(numbers), bench.dims))
    bench.rows[numbers] = (bench.rows[numbers] + noise).astype(np.float16)
    bench.run("create temporary table if not exists package (item_id text, vector halfvec) on commit delete rows")
    began = time.perf_counter()
    for piece in np.array_split(numbers, max(1, len(numbers) // 1000)):
        with bench.connection.transaction(), bench.connection.cursor() as cursor:
            item_embeddings.declare_version(bench.connection, bench.version)
            with cursor.copy("copy package from stdin with (format binary)") as copy:
                copy.set_types(("text", "halfvec"))
                for number in piece:
                    copy.write_row((f"item-{number}", HalfVector(bench.rows[number])))
            cursor.execute(
                "update item_embeddings_v1 as held set vector = package.vector from package"
                " where held.item_id = package.item_id and held.org_id = any(%s)",
                [[MANY, FEW]],
            )
    return len(numbers) / (time.perf_counter() - began)


def load(bench: Bench) -> float:
    """Put the catalog and its vectors into an empty database; returns the seconds that the vectors took."""
    bench.run("insert into embedding_aliases values (null, '*', 'text', 'v1')")
    bench.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title, attributes) select case when"
        " number %% %s > 0 then %s::uuid else %s end, 'item-' || number, 'Title ' || number, jsonb_build_object"
        "('tenth', number %% 10, 'hundredth', number %% 100, 'thousandth', number %% 1000)"
        " from generate_series(0, %s) as number",
        [TENANT, MANY, FEW, len(bench.rows) - 1],
    )
    bench.run("analyze analytics.catalog_features_raw")
    seconds = _fill(bench)
    bench.run("vacuum analyze item_embeddings_v1")
    return seconds


def _fill(bench: Bench) -> float:
    """Put every vector into the version; returns the seconds."""
    began = time.perf_counter()
    for begin in range(0, len(bench.rows), 1000):
        with bench.connection.transaction():
            item_embeddings.declare_version(bench.connection, bench.version)
            with (
                bench.connection.cursor() as cursor,
                cursor.copy(
                    "copy item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
                    " from stdin with (format binary)"
                ) as copy,
            ):
                copy.set_types(("uuid", "text", "text", "text", "int4", "halfvec", "bytea", "bytea"))
                for number, vector in enumerate(bench.rows[begin : begin + 1000], start=begin):
                    name, digest = f"item-{number}", number.to_bytes(32)
                    org = MANY if number % TENANT else FEW
                    copy.write_row((org, name, "v1", "text", bench.dims, HalfVector(vector), digest, digest))
    return time.perf_counter() - began


def texts(catalog: Path) -> list[str]:
    """What is said of each product of a file of JSON lines."""
    with gzip.open(catalog, "rt", encoding="utf-8") as lines:
        return [_text(json.loads(line)) for line in lines]


def _text(product: dict[str, Any]) -> str:
    facts = [f"{name}: {value}" for name, value in product.items() if name.startswith("attr_")]
    said = [product["title"], product.get("short_description"), product.get("supplier"), *facts]
    return "\n".join(str(piece) for piece in said if piece)


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[Bench]:
    """A server with the catalog and its vectors in it."""
    if options.vectors:
        vectors = np.load(options.vectors).astype(np.float32)
    else:
        vectors = embed(options.model, texts(options.catalog), options.dims).astype(np.float32)
    vectors = np.random.default_rng(0).permutation(vectors)[: options.rows + QUERIES]
    # As a halfvec holds them.
    vectors = vectors.astype(np.float16).astype(np.float32)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, embedded_postgres(Path(folder) / "pg") as address:
        migrate(address)
        with connect(address) as connection:
            register_vector(connection)
            version = register_version(connection, "v1", text_spec("emulator", options.model, vectors.shape[1]))
            bench = Bench(connection, version, vectors[:-QUERIES], vectors[-QUERIES:])
            load(bench)
            # What a build by vector_index is allowed.
            bench.run("set maintenance_work_mem = '1GB'")
            bench.run("set min_parallel_table_scan_size = 0")
            yield bench


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="text-embedding-3-large", help="one of the emulator's")
    parser.add_argument("--dims", type=int, default=3_072)
    parser.add_argument("--catalog", type=Path, default=ROOT.parent / "shared/data/icecat/products.jsonl.gz")
    parser.add_argument("--vectors", type=Path, help="a .npy file of vectors (rows, dims) instead")
    parser.add_argument("--rows", type=int, default=1_000_000, help="at most so many")
    parser.add_argument("--tables", default=",".join(TABLES))
    options = parser.parse_args()
    console = Console(width=140)
    with opened(options) as bench:
        console.print(f"{len(bench.rows):,} rows of {bench.dims} dims", highlight=False)
        for name in options.tables.split(","):
            rows, columns = TABLES[name]
            table = Table(*columns, box=box.MARKDOWN)
            for row in rows(bench):
                table.add_row(*map(str, row))
            console.print(table)


if __name__ == "__main__":
    main()
