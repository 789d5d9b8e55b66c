"""The command ``import``: a catalog file into the table that the nightly job reads."""

import re
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer, notes
from catalog_embeddings.errors import InputError
from catalog_embeddings.feed.mapping import FieldMap, parse_field_map
from catalog_embeddings.feed.preset import load_preset
from catalog_embeddings.pipeline import import_catalog as step

_FRACTION = re.compile(r"(?P<number>\d*\.?\d+)\s*(?P<percent>%?)")
_ROWS = (
    ("read", "lines of the file"),
    ("inserted", "items that are new"),
    ("updated", "items that differed"),
    ("unchanged", "items left alone"),
    ("stale", "lines older than what is stored"),
    ("duplicates", "lines that a later one of the same item replaced"),
    ("bad", "lines skipped"),
    ("deleted", "items the snapshot lacks"),
)


def import_catalog(  # noqa: PLR0913, PLR0917 - an option each
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines, JSON or Parquet; text also gzipped.")],
    maps: Annotated[
        list[str] | None, typer.Option("--map", help="COLUMN=FIELD, or COLUMN=FIRST,SECOND to fall back.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A field to leave out of the attributes.")] = None,
    attribute_prefix: Annotated[list[str] | None, typer.Option(help="Cut this off the names of attributes.")] = None,
    preset: Annotated[str | None, typer.Option(help="A ready field map, such as icecat.")] = None,
    org: Annotated[UUID, typer.Option(help="The org of lines that name none.")] = step.DEFAULT_ORG,
    namespace: Annotated[str, typer.Option(help="The namespace of lines that name none.")] = step.DEFAULT_NAMESPACE,
    full: Annotated[bool, typer.Option("--full", help="A snapshot: delete the items it lacks.")] = False,
    max_bad: Annotated[str, typer.Option(help="How many lines may be bad, as 1% or 0.01.")] = "1%",
    encoding: Annotated[str | None, typer.Option(help="The file's encoding, if it is found wrongly.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Import a catalog file. What is imported twice changes nothing the second time."""
    options = step.ImportOptions(
        org_id=org,
        namespace=namespace,
        full=full,
        max_bad=parse_fraction(max_bad),
        field_map=_field_map(preset, maps or [], drop or [], attribute_prefix or []),
        encoding=encoding,
    )
    with bootstrap.open_database() as connection, _Progress(file) as progress:
        report = step.import_catalog(connection, file, options, progress.reached)
    answer(report.as_json(), as_json, lambda console: _render(console, file, report))


def parse_fraction(text: str) -> float:
    """A fraction written as ``0.01`` or ``1%``.

    Raises:
        InputError: it is neither.
    """
    if match := _FRACTION.fullmatch(text.strip()):
        fraction = float(match["number"]) / (100 if match["percent"] else 1)
        if fraction <= 1:
            return fraction
    raise InputError(f"--max-bad {text!r} is not a fraction such as 1% or 0.01")


def _field_map(preset: str | None, maps: list[str], drop: list[str], prefixes: list[str]) -> FieldMap:
    named = parse_field_map(maps, drop, prefixes)
    return load_preset(preset).overruled_by(named) if preset else named


class _Progress:
    """How far into the file, on standard error, where somebody can see it."""

    def __init__(self, file: Path) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=notes,
            transient=True,
            disable=not notes.is_terminal,
        )
        size = file.stat().st_size if file.is_file() else None
        self._task = self._bar.add_task(file.name, total=size)

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def reached(self, position: int) -> None:
        """So many bytes of the file are read."""
        self._bar.update(self._task, completed=position)


def _render(console: Console, file: Path, report: step.ImportReport) -> None:
    kind = f"{report.format}, {report.encoding}" if report.encoding else report.format
    counts = Table(title=f"{file.name} ({kind})", title_justify="left", show_header=False)
    counts.add_column("name")
    counts.add_column("count", justify="right")
    counts.add_column("meaning", style="dim")
    for name, meaning in _ROWS:
        counts.add_row(name, f"{getattr(report, name):,}", meaning)
    counts.add_row("seconds", f"{report.seconds:,.1f}", "from start to end")
    console.print(counts)
    if report.bad_lines:
        skipped = Table(title="Lines skipped", title_justify="left")
        for column in ("line", "reason", "detail"):
            skipped.add_column(column)
        for bad in report.bad_lines:
            skipped.add_row(f"{bad.line:,}", bad.reason, bad.detail)
        console.print(skipped)
    for note in report.notes:
        console.print(f"Note: {note}", markup=False, highlight=False)
