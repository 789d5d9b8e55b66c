"""The command ``demo``: the nightly job on a catalog, from an empty folder to neighbours that make sense.

Knows what a newcomer wants to see, in which order. It works on this machine alone, with the embedded Postgres
and the emulator, whatever is configured: a demo neither costs money nor touches a real database.
"""

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, LiteralString

import typer
from psycopg import sql
from psycopg.rows import dict_row
from rich.console import Console
from rich.markup import escape

from catalog_embeddings import bootstrap, resources
from catalog_embeddings.cli.airflow_home import AirflowHome
from catalog_embeddings.cli.catalog_file import CatalogFile
from catalog_embeddings.cli.dag_run import run_dag
from catalog_embeddings.cli.local_platform import (
    LocalEmulator,
    forget_configured_services,
    local_database,
    state_directory,
)
from catalog_embeddings.cli.local_stack import running_stack
from catalog_embeddings.cli.output import JsonFlag, answer, notes
from catalog_embeddings.cli.processes import end, interrupted_by_signals, spawn
from catalog_embeddings.cli.render import render_rows, render_summary
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.import_catalog import ImportReport
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

# Of the sample catalog; its neighbours need no explanation.
_SAMPLE_ITEM = "moka-pot-6"
_LINES_TO_CHOOSE_FROM = 200

_QUESTIONS = (
    (
        "Most similar to: {title}",
        "select item_id, title, round(score::numeric, 3) as score from similar_items({item}, k => 5)",
    ),
    ("What can be searched", "select namespace, version, count(*) from active_item_embeddings group by 1, 2"),
    (
        "What the last runs did and cost",
        "select started_at::time(0), state, new, unchanged, embedded, requests, price_usd from embedding_runs limit 3",
    ),
)


def demo(
    catalog: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A catalog of yours instead of the sample.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="How to read it, such as icecat; found out if absent.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Run the nightly job on a catalog, through Airflow, and ask the result: no account, no key, no cost."""
    forget_configured_services()
    if running := running_stack(state_directory()):
        # Two Airflows on one database would both take up the run.
        raise InputError(
            f"a stack of this directory is up, at port {running.port}: trigger the DAG on its page, "
            "or end it with `catalog-embeddings down` first"
        )
    console = notes if as_json else Console()
    began = time.monotonic()
    with interrupted_by_signals():
        shown = _show(CatalogFile.recognised(catalog or resources.SAMPLE_CATALOG, preset), console)
    shown["seconds"] = round(time.monotonic() - began, 1)
    answer(shown, as_json, lambda out: _suggest(out, shown))


def _show(catalog: CatalogFile, console: Console) -> dict[str, Any]:
    home = AirflowHome(state_directory() / "airflow")
    # Making Airflow's database takes as long as all else that is needed first, so it is done beside it.
    with ThreadPoolExecutor(1) as side:
        prepared = side.submit(home.prepare_database, home.environment(os.environ))
        with local_database(), _emulator(home) as emulator, bootstrap.open_database() as connection:
            with console.status("A PostgreSQL of its own starts, the catalog is imported"):
                imported = catalog.bring_in(connection)
                prepared.result()
            console.print(_imported_sentence(catalog, imported))
            run = run_dag(home, os.environ | emulator.environment, connection, console)
            calls = (emulator.stats() or {}).get("embedding_requests")
            summary = run.summary or {}
            render_summary(console, summary)
            console.print(f"The emulator itself counted {calls} calls for embeddings.")
            item, title = _item_to_show(connection, catalog)
            answers = [
                _ask(connection, heading.format(title=title), text, item, console) for heading, text in _QUESTIONS
            ]
    return {
        "imported": imported.as_json(),
        "plan": run.plan,
        "summary": summary,
        "api_calls": calls,
        "item_id": item,
        "queries": answers,
    }


def _imported_sentence(catalog: CatalogFile, imported: ImportReport) -> str:
    preset = f" (preset {catalog.preset})" if catalog.preset else ""
    return (
        f"{catalog.path.name}{preset}: {imported.read:,} lines, {imported.inserted:,} new items, "
        f"{imported.updated:,} changed, {imported.unchanged:,} as before, {imported.bad:,} bad"
    )


@contextmanager
def _emulator(home: AirflowHome) -> Iterator[LocalEmulator]:
    log = home.folder / "logs" / "emulator.log"
    emulator = LocalEmulator()
    child = spawn("emulator", emulator.command, os.environ, log)
    try:
        emulator.wait_until_ready(child, log)
        yield emulator
    finally:
        end([child])


def _item_to_show(connection: Connection, catalog: CatalogFile) -> tuple[str, str]:
    """The item_id and the title of the item whose neighbours are shown.

    Raises:
        InputError: none of the file's first items has a vector.
    """
    sample = catalog.path == resources.SAMPLE_CATALOG
    item_ids = [_SAMPLE_ITEM] if sample else catalog.first_item_ids(_LINES_TO_CHOOSE_FROM)
    row = connection.execute(named_queries("showcase")["richest_item"], {"item_ids": item_ids}).fetchone()
    if row is None:
        raise InputError("none of the first items could be embedded: `catalog-embeddings dead-letters list` says why")
    return str(row[0]), str(row[1] or row[0])


def _ask(connection: Connection, heading: str, text: LiteralString, item: str, console: Console) -> dict[str, Any]:
    """Ask as a data engineer would, and show the question with its answer."""
    statement = sql.SQL(text).format(item=sql.Literal(item))
    written = statement.as_string(connection)
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(statement).fetchall()
    rows = [{name: float(v) if isinstance(v, Decimal) else v for name, v in row.items()} for row in found]
    console.print(f"\n{written};", style="dim", markup=False, highlight=False, soft_wrap=True)
    render_rows(console, escape(heading), rows)
    return {"sql": written, "rows": rows}


def _suggest(console: Console, shown: dict[str, Any]) -> None:
    program = _program()
    suggestions = (
        ("make demo", "again: nothing changed, so 0 API calls"),
        ("make demo CATALOG=FILE", "your own catalog: CSV, JSON lines or Parquet"),
        (f"{program} similar {shown['item_id']}", "the neighbours of any item"),
        (f"{program} psql", "the same in SQL, with every table"),
        (f"{program} up", "Airflow's web page, with the run you just saw"),
    )
    console.print(f"\nDone in {shown['seconds']:.0f} s. What to try next:", highlight=False)
    for command, meaning in suggestions:
        console.print(f"  {command:<50} {meaning}", markup=False, highlight=False, soft_wrap=True)


def _program() -> str:
    """How this program was called, as it can be typed here again."""
    called, here = Path(sys.argv[0]).absolute(), Path.cwd()
    return str(called.relative_to(here)) if called.is_relative_to(here) else called.name
