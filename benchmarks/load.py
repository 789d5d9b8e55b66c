"""The load against a bare COPY: the same vectors into the same table, in turns.

Ours is what follows an API answer: chunks averaged, the fence checked, the package and its parts recorded, its items
found in the plan, COPY, texts settled, counts written, 1,024 texts a transaction. Bare is one
binary COPY of ready-made rows into the partition of another version. Neither waits for an API or writes the lake.
The server is an embedded Postgres as it comes.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.console import Console
from rich.table import Table

from catalog_embeddings import bootstrap
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.emulator.serve import background
from catalog_embeddings.lake.parts import Part
from catalog_embeddings.lake.texts import read_texts
from catalog_embeddings.pipeline.load import PackageLoader
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.pipeline.text_vectors import TextVectors
from catalog_embeddings.postgres import embedding_versions, item_embeddings, leases, runs
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.transform.batching import pack

BATCH = 128
ORG = UUID(int=1)

_CATALOG = """
insert into analytics.catalog_features_raw (org_id, item_id, title)
select %(org)s, to_char(number, 'FM0000000'), 'Product ' || number
from generate_series(1, %(items)s) as number
"""

_BARE = """
copy public.item_embeddings (
    org_id, item_id, namespace, version, modality, dims, vector, record_hash, content_hash, generated_at
)
from stdin with (format "binary")
"""

# PostgreSQL's documentation of COPY: the signature, no flags, no header extension; and the trailer.
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


@dataclass(frozen=True)
class Round:
    """One turn of each: seconds for all the rows."""

    ours: float
    bare: float


def main() -> None:
    """Load in turns, and print the medians and their ratio."""
    options = _options()
    vectors = _unit_vectors(options.items, options.dims)
    with _platform(options.folder) as connection:
        connection.execute(_CATALOG, {"org": ORG, "items": options.items})
        rounds = []
        for turn in range(options.rounds + 1):
            ours = _ours(connection, f"ours{turn}", vectors)
            bare = _bare(connection, f"bare{turn}", vectors)
            # The first turn warms the server up.
            rounds += [Round(ours, bare)] if turn else []
    table = Table(f"{options.items:,} rows of {options.dims:,} dims", "seconds", "rows/s", box=box.MARKDOWN)
    for name in ("ours", "bare"):
        seconds = statistics.median(getattr(each, name) for each in rounds)
        table.add_row(name, f"{seconds:.2f}", f"{options.items / seconds:,.0f}")
    ratios = sorted(each.bare / each.ours for each in rounds)
    Console().print(table)
    print(f"ours / bare: {statistics.median(ratios):.2f} (rounds {ratios[0]:.2f} to {ratios[-1]:.2f})")


@contextmanager
def _platform(folder: Path | None) -> Iterator[Connection]:
    """An empty platform; this process's environment names it."""
    with TemporaryDirectory(prefix="load-", dir=folder, ignore_cleanup_errors=True) as state, background() as emulator:
        # The server's own user has to reach its folder.
        Path(state).chmod(0o755)
        os.environ["CATALOG_EMBEDDINGS_STATE_DIRECTORY"] = state
        os.environ["OPENAI_BASE_URL"] = emulator.url
        os.environ["OPENAI_API_KEY"] = "emulator"
        with bootstrap.database_address(bootstrap.settings()) as address:
            os.environ["CATALOG_EMBEDDINGS_DATABASE_URL"] = address
            bootstrap.migrate_database()
            with connect(address) as connection:
                yield connection


def _ours(connection: Connection, version: str, vectors: NDArray[np.float32]) -> float:
    """A planned run, loaded from answers that are there already."""
    register_version(connection, version, text_spec("emulator", dims=vectors.shape[1], model=_model(version)))
    run_id = bootstrap.start_run(version, "benchmark")
    bootstrap.extract_changes([run_id])
    shards = bootstrap.plan_run(run_id)
    with bootstrap.open_platform() as platform:
        plan_id = str(runs.find_run(connection, run_id).plan_id)
        lease = leases.join(platform.connection, run_id)
        found = embedding_versions.find_version(platform.connection, version)
        texts = (text for shard in shards for text in read_texts(platform.lake, plan_id, shard))
        parts = list(_parts([[text.content_hash for text in batch] for batch in pack(texts, BATCH)], vectors))
        began = time.perf_counter()
        loader = PackageLoader(platform.connection, lease, found, shards[0], Spent, lambda _texts: None)
        # The threads that ask make a part ready for the one that loads.
        with ThreadPoolExecutor(2) as askers:
            for number, (part, texts) in enumerate(zip(parts, askers.map(TextVectors.of, parts), strict=True)):
                stored = StoredPart(f"{version}/{number}", f"{number:064x}", part.vectors.nbytes, part.content_hashes)
                loader.add(texts, paid_now=stored)
        loader.flush()
        seconds = time.perf_counter() - began
    _check(connection, version, len(vectors))
    return seconds


def _parts(batches: list[list[bytes]], vectors: NDArray[np.float32]) -> Iterator[Part]:
    begin = 0
    for hashes in batches:
        end = begin + len(hashes)
        yield Part(hashes, np.arange(len(hashes)), np.full(len(hashes), 60), vectors[begin:end])
        begin = end


def _bare(connection: Connection, version: str, vectors: NDArray[np.float32]) -> float:
    """The same rows made beforehand, in one COPY."""
    register_version(connection, version, text_spec("emulator", dims=vectors.shape[1], model=_model(version)))
    block = _rows(version, vectors)
    with connection.transaction():
        item_embeddings.declare_version(connection, embedding_versions.find_version(connection, version))
        began = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(_BARE) as copy:
            copy.write(_HEADER)
            copy.write(block)
            copy.write(_TRAILER)
    seconds = time.perf_counter() - began
    _check(connection, version, len(vectors))
    return seconds


def _rows(version: str, vectors: NDArray[np.float32]) -> memoryview:
    """Every row in binary COPY format: the number of fields, then each field with its length before it."""
    items, dims = vectors.shape
    hashes = np.frombuffer(np.arange(items * 4, dtype=np.int64).tobytes(), dtype="V32")
    numbers = np.array([f"{number:07}" for number in range(1, items + 1)], dtype="S7")
    values: dict[str, tuple[str, int, object]] = {
        "org_id": ("V16", 16, np.void(ORG.bytes)),
        "item_id": ("S7", 7, numbers),
        "namespace": ("S7", 7, b"default"),
        "version": (f"S{len(version)}", len(version), version.encode()),
        "modality": ("S4", 4, b"text"),
        "dims": (">i4", 4, dims),
        "halfvec": (">i2", 4 + 2 * dims, dims),
        "record_hash": ("V32", 32, hashes),
        "content_hash": ("V32", 32, hashes),
        "generated_at": (">i8", 8, 0),
    }
    fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = [("fields", ">i2")]
    for name, (kind, _, _) in values.items():
        fields += [(f"{name}_bytes", ">i4"), (name, kind)]
        if name == "halfvec":
            fields += [("unused", ">i2"), ("vector", ">f2", (dims,))]
    rows = np.zeros(items, dtype=np.dtype(fields))
    rows["fields"] = len(values)
    for name, (_, length, value) in values.items():
        rows[f"{name}_bytes"] = length
        rows[name] = value
    rows["vector"] = vectors.astype(np.float16)
    return rows.view(np.uint8).data


def _model(version: str) -> str:
    # No two versions have the same spec; nobody is asked, so the model only has to have a name.
    return f"text-embedding-3-large-{version}"


def _check(connection: Connection, version: str, items: int) -> None:
    row = connection.execute("select count(*) from item_embeddings where version = %s", [version]).fetchone()
    if row != (items,):
        sys.exit(f"version {version} holds {row} rows, not {items}")
    connection.execute("checkpoint")


def _unit_vectors(items: int, dims: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(6).standard_normal((items, dims), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--dims", type=int, default=3_072)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the data lies meanwhile; 2 GB")
    return parser.parse_args()


if __name__ == "__main__":
    main()
