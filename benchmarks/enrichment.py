"""What an enrichment costs in calls and in time: a real catalog through the emulator's scripted model, run after run.

    python benchmarks/enrichment.py CATALOG [--preset icecat] [--items 2000] [--latency 1] [--json FILE]

A version that asks a language model is run by the functions that the DAG calls: first as it is, then again with nothing
changed, then for a second embedding model, then with one percent of the titles changed; and a new item is embedded by
itself, with a model that takes three seconds. The server is an embedded Postgres as it comes, the lake a local folder,
the embeddings API answers at once. The emulator's drafts are faithful: what the guards object to in them is asked for
once more, and is counted as calls.
"""

import argparse
import gzip
import itertools
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from catalog_embeddings import bootstrap
from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.feed.mapping import FieldMap
from catalog_embeddings.feed.preset import load_preset
from catalog_embeddings.pipeline.import_catalog import ImportOptions, import_catalog
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.connection import Connection

IN_FLIGHT, MODEL, TEMPLATE, ENRICHMENT = 10, "text-embedding-3-small", "product.v4", "review.v1"


def main() -> None:
    """Run, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("catalog", type=Path, help="JSON lines, or CSV, may be gzipped")
    parser.add_argument("--preset")
    parser.add_argument("--items", type=int, default=2_000)
    parser.add_argument("--latency", type=float, default=1.0, help="seconds that each request takes")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, _platform(Path(folder)) as (connection, emulator):
        first_lines = _first_lines(asked.catalog, asked.items, Path(folder))
        options = ImportOptions(field_map=load_preset(asked.preset) if asked.preset else FieldMap())
        import_catalog(connection, first_lines, options)
        for version, dims in (("v1", 256), ("v2", 512)):
            register_version(connection, version, text_spec("emulator", MODEL, dims, TEMPLATE, ENRICHMENT))
        measured = list(_measure(connection, emulator, asked.latency))
        item = _measure_item(connection, emulator)
    _print(measured, item)
    if asked.json:
        asked.json.write_text(json.dumps({"runs": measured, "item": item}, indent=1) + "\n", encoding="utf-8")


@contextmanager
def _platform(folder: Path) -> Iterator[tuple[Connection, Emulator]]:
    os.environ["CATALOG_EMBEDDINGS_STATE_DIRECTORY"] = str(folder)
    os.environ.pop("CATALOG_EMBEDDINGS_DATABASE_URL", None)
    with background() as emulator, bootstrap.open_database() as connection:
        os.environ["OPENAI_BASE_URL"] = emulator.url
        yield connection, emulator


def _first_lines(catalog: Path, items: int, folder: Path) -> Path:
    opened = gzip.open if catalog.suffix == ".gz" else open
    cut = folder / catalog.name.removesuffix(".gz")
    with opened(catalog, "rb") as lines:
        cut.write_bytes(b"".join(itertools.islice(lines, items)))
    return cut


def _measure(connection: Connection, emulator: Emulator, latency: float) -> Iterator[dict[str, Any]]:
    yield _run(emulator, "first run", "v1", latency)
    yield _run(emulator, "nothing changed", "v1", latency)
    yield _run(emulator, "another embedding model", "v2", 0.0)
    connection.execute(
        "update analytics.catalog_features_raw set title = title || ' (revised)' where item_id in"
        " (select item_id from analytics.catalog_features_raw order by md5(item_id)"
        " limit (select count(*) / 100 from analytics.catalog_features_raw))"
    )
    yield _run(emulator, "1 % of the titles changed", "v1", latency)


def _run(emulator: Emulator, what: str, version: str, latency: float) -> dict[str, Any]:
    """A whole run; the enrichment's time is from its first record written to the last, and what went before that."""
    emulator.faults(latency_s=latency)
    calls, told, began = _calls(emulator), [0.0], [0.0]
    observer = bootstrap.RunObserver(
        on_enrichment=lambda _expected: began.__setitem__(0, time.monotonic()),
        on_enriched=lambda _records: told.append(time.monotonic()),
    )
    summary, error = bootstrap.run(version, "benchmark", observer=observer)
    if error is not None:
        raise error
    made = _calls(emulator) - calls
    enrichment = summary["enrichment"]
    seconds = max(0.0, told[-1] - began[0])
    ideal = made * latency / IN_FLIGHT
    return {
        "run": what,
        "items": summary["planned"],
        "records": enrichment["records"],
        "chat_calls": made,
        "repaired": enrichment["repaired"],
        "rejected": enrichment["rejected"],
        "enrich_seconds": round(seconds, 1),
        "ideal_seconds": round(ideal, 1),
        "of_ideal": round(seconds / ideal, 3) if ideal else None,
        "run_seconds": summary["seconds"],
        "rules": enrichment["rules"],
    }


def _measure_item(connection: Connection, emulator: Emulator) -> dict[str, Any]:
    """An item that came in by day: what it takes besides the API, with a language model of three seconds."""
    emulator.faults(latency_s=0.0)
    row = connection.execute(
        "select item_id, namespace from analytics.catalog_features_raw order by item_id"
    ).fetchone()
    item_id, namespace = row or ("", "")
    title = "update analytics.catalog_features_raw set title = title || %s where item_id = %s"
    own = []
    for number in range(7):
        connection.execute(title.encode(), [f" Mark {number}", item_id])
        began = time.monotonic()
        done = bootstrap.embed_item(item_id, namespace)
        own.append(time.monotonic() - began - done.api_seconds)
    emulator.faults(latency_s=3.0)
    connection.execute(title.encode(), [" Mark 9", item_id])
    began = time.monotonic()
    bootstrap.embed_item(item_id, namespace)
    # The first call reads the certificates and compiles the templates.
    return {
        "own_seconds": round(sorted(own[1:])[len(own[1:]) // 2], 3),
        "own_seconds_first": round(own[0], 3),
        "seconds_at_3_s_a_request": round(time.monotonic() - began, 2),
    }


def _calls(emulator: Emulator) -> int:
    return int(str(emulator.stats()["chat_requests"]))


def _print(measured: list[dict[str, Any]], item: dict[str, Any]) -> None:
    console = Console(width=180)
    table = Table(title="An enriched version, run after run", title_justify="left")
    for name in measured[0]:
        table.add_column(name)
    for row in measured:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    first = measured[0]
    console.print(
        f"Variants save {1 - first['records'] / first['items']:.1%} of the calls: {first['records']:,} records for "
        f"{first['items']:,} items."
    )
    console.print(
        f"One item by itself: {item['own_seconds']} s of its own (the first {item['own_seconds_first']} s), and "
        f"{item['seconds_at_3_s_a_request']} s in all where every request takes 3 s."
    )


if __name__ == "__main__":
    main()
