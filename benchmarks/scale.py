"""What changes cost, by the size of the catalog: finding out that nothing did, and acting on the one percent that did.

For each size: a catalog of made-up products of about 60 words and six attributes, a version that holds a vector of
each, and then ``plan`` and ``run`` by the functions that the DAG calls, first over the unchanged catalog and then with
every hundredth description changed. Beside them the same question as one SQL statement, which compares ready-made
hashes and neither cleans nor hashes a record, writes a plan, nor counts. The server is an embedded Postgres as it
comes; the API is the emulator without latency. Vectors are short: nothing here depends on that.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import LiteralString

import psutil
from rich import box
from rich.console import Console
from rich.table import Table
from timed_run import timed_run

from catalog_embeddings import bootstrap
from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.transform.hashing import spec_fingerprint

DIMS, VERSION = 64, "v1"

_WORDS = (
    "cotton steel wooden compact durable adjustable portable slim folding charger lamp kettle jacket backpack bottle "
    "keyboard monitor cushion blanket drill wrench tent stove with and for the black white red blue green small large"
)

_CATALOG = """
insert into analytics.catalog_features_raw (
    org_id, item_id, title, description, brand, category, attributes, updated_at
)
select
    '00000000-0000-0000-0000-000000000001',
    'item-' || number,
    'Product ' || number || ' ' || words[1 + number %% 30],
    (
        select string_agg(words[1 + (number * 7 + place * (1 + number %% 11)) %% 34], ' ')
        from generate_series(1, 58) as place
    ),
    'brand-' || number %% 500,
    'category-' || number %% 40,
    jsonb_build_object(
        'colour', words[1 + number %% 30], 'width_mm', number %% 977, 'weight_g', number %% 3011,
        'cordless', number %% 2 = 0, 'pieces', 1 + number %% 12, 'series', 'S' || number %% 101
    ),
    now() - interval '1 day'
from generate_series(1, %(items)s) as number, string_to_array(%(words)s, ' ') as words
"""

# As many rows as a run would have written, without its calls: what is looked for afterwards is what differs from them.
_VECTORS = """
insert into public.item_embeddings (
    org_id, item_id, namespace, version, modality, dims, vector, record_hash, content_hash, source_updated_at
)
select
    org_id, item_id, namespace, 'v1', 'text', %(dims)s, array_fill(1::real, array[%(dims)s])::halfvec, record_hash,
    sha256(record_hash), source_updated_at
from catalog.catalog_record_hashes
"""

_ANTI_JOIN = """
select count(*)
from catalog.catalog_record_hashes as wanted
left join public.item_embeddings as held
    on
        held.version = 'v1'
        and held.modality = 'text'
        and held.record_hash = wanted.record_hash
        and held.org_id = wanted.org_id
        and held.namespace = wanted.namespace
        and held.item_id = wanted.item_id
where held.item_id is null
"""

_CHANGE = """
update analytics.catalog_features_raw
set description = description || ' revised', updated_at = now()
where substr(item_id, 6)::int % 100 = 0
"""


@dataclass(frozen=True)
class Scale:
    """One size: seconds (medians over the rounds where nothing changed), and the server's counts of two runs."""

    items: int
    anti_join: float
    unchanged_dbt: float
    unchanged_plan: float
    unchanged_finish: float
    unchanged_calls: int
    changed: int
    changed_dbt: float
    changed_plan: float
    changed_load: float
    changed_finish: float
    changed_calls: int
    changed_paid: int
    memory_mb: int


def main() -> None:
    """Measure each size on a platform of its own, and print the table."""
    options = _options()
    console = Console()
    measured = []
    for items in options.items:
        console.print(f"{items:,} items", highlight=False)
        with _platform(options.folder) as (connection, emulator):
            measured.append(_measure(connection, emulator, items, options.rounds))
        console.print_json(json.dumps(asdict(measured[-1])))
    console.print(_table(measured))
    if options.out:
        options.out.write_text("".join(json.dumps(asdict(scale)) + "\n" for scale in measured), encoding="utf-8")


@contextmanager
def _platform(folder: Path | None) -> Iterator[tuple[Connection, Emulator]]:
    """An empty platform, and an API without latency; this process's environment names both."""
    with TemporaryDirectory(prefix="scale-", dir=folder, ignore_cleanup_errors=True) as state, background() as emulator:
        # The server's own user has to reach its folder.
        Path(state).chmod(0o755)
        os.environ["CATALOG_EMBEDDINGS_STATE_DIRECTORY"] = state
        os.environ["OPENAI_BASE_URL"] = emulator.url
        os.environ["OPENAI_API_KEY"] = "emulator"
        with bootstrap.database_address(bootstrap.settings()) as address:
            os.environ["CATALOG_EMBEDDINGS_DATABASE_URL"] = address
            bootstrap.migrate_database()
            with connect(address) as connection:
                yield connection, emulator
        del os.environ["CATALOG_EMBEDDINGS_DATABASE_URL"]


def _measure(connection: Connection, emulator: Emulator, items: int, rounds: int) -> Scale:
    _fill(connection, items)
    anti_join = statistics.median(_seconds(connection, _ANTI_JOIN) for _ in range(rounds))
    unchanged = [timed_run(VERSION, index=False) for _ in range(rounds)]
    calls, paid = _counts(emulator)
    changes = connection.execute(_CHANGE).rowcount
    connection.execute("vacuum analyze analytics.catalog_features_raw")
    changed = timed_run(VERSION, index=False)
    calls_after, paid_after = _counts(emulator)
    return Scale(
        items=items,
        anti_join=anti_join,
        unchanged_dbt=statistics.median(run["extract"] for run in unchanged),
        unchanged_plan=statistics.median(run["plan"] for run in unchanged),
        unchanged_finish=statistics.median(run["finish"] for run in unchanged),
        unchanged_calls=calls,
        changed=changes,
        changed_dbt=changed["extract"],
        changed_plan=changed["plan"],
        changed_load=changed["load"],
        changed_finish=changed["finish"],
        changed_calls=calls_after - calls,
        changed_paid=paid_after - paid,
        memory_mb=psutil.Process().memory_info().rss // 10**6,
    )


def _fill(connection: Connection, items: int) -> None:
    """The catalog, and a version that holds what it says: one dbt build makes the hashes that its rows are given."""
    spec = text_spec("emulator", dims=DIMS)
    register_version(connection, VERSION, spec)
    connection.execute(_CATALOG, {"items": items, "words": _WORDS})
    connection.execute("vacuum analyze analytics.catalog_features_raw")
    # Left unfinished: the first run that is timed takes it up, and asks dbt again.
    bootstrap.extract_changes([bootstrap.start_run(VERSION, "benchmark")])
    with connection.transaction():
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, true)", [spec_fingerprint(spec)])
        connection.execute(_VECTORS, {"dims": DIMS})
    connection.execute("vacuum analyze public.item_embeddings")


def _counts(emulator: Emulator) -> tuple[int, int]:
    """Calls for vectors so far, and inputs paid."""
    stats = emulator.stats()
    return int(str(stats["embedding_requests"])), int(str(stats["inputs_paid"]))


def _seconds(connection: Connection, statement: LiteralString) -> float:
    began = time.perf_counter()
    connection.execute(statement)
    return time.perf_counter() - began


def _table(measured: list[Scale]) -> Table:
    """A row a figure, a column a size."""
    table = Table("seconds", *(f"{scale.items:,} items" for scale in measured), box=box.MARKDOWN)
    for name, figure in {
        "nothing changed: the bare anti-join": "anti_join",
        "nothing changed: dbt": "unchanged_dbt",
        "nothing changed: plan": "unchanged_plan",
        "nothing changed: finish": "unchanged_finish",
        "1 % changed: dbt": "changed_dbt",
        "1 % changed: plan": "changed_plan",
        "1 % changed: load": "changed_load",
        "1 % changed: finish": "changed_finish",
    }.items():
        table.add_row(name, *(f"{getattr(scale, figure):.2f}" for scale in measured))
    for name, figure in {
        "nothing changed: calls": "unchanged_calls",
        "1 % changed: items": "changed",
        "1 % changed: calls": "changed_calls",
        "1 % changed: inputs paid": "changed_paid",
        "memory of our process at the end, MB": "memory_mb",
    }.items():
        table.add_row(name, *(f"{getattr(scale, figure):,}" for scale in measured))
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3, help="runs over the unchanged catalog")
    parser.add_argument("--folder", type=Path, help="where the data lies meanwhile; 4 GB for a million items")
    parser.add_argument("--out", type=Path, help="write the figures there, a JSON line a size")
    return parser.parse_args()


if __name__ == "__main__":
    main()
