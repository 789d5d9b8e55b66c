"""The command ``rebuild``: a version comes back from the lake, in a database that has lost it."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer, notes


def rebuild(
    version: Annotated[str, typer.Option("--version", help="The embedding version that was lost.")],
    as_json: JsonFlag = False,
) -> None:
    """Fill a version from the lake alone, without one API call. Run again after any interruption."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes) as progress:
        task = progress.add_task("rows", total=None)
        summary, error = bootstrap.rebuild(
            version,
            bootstrap.this_process(),
            lambda done, rows: progress.update(task, completed=done, total=rows),
        )

    def render(console: Console) -> None:
        console.print(
            f"Version {version} holds {summary['rows']:,} rows, from {summary['parts']:,} parts of the lake "
            f"in {summary['seconds']:,.1f} s. 0 API calls."
        )
        for key in summary["damaged"]:
            console.print(f"damaged or missing: {key}", markup=False, highlight=False)

    answer(summary, as_json, render)
    if error is not None:
        raise error
