"""The commands ``dead-letters list`` and ``dead-letters redrive``: what could not be embedded, and trying it again."""

from typing import Annotated

import typer
from rich.console import Console

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer
from catalog_embeddings.cli.render import render_rows
from catalog_embeddings.domain.dead_letter import REASONS, check_reasons
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.dead_letters import Redriven, Selection, open_letters, open_reasons, redrive
from catalog_embeddings.postgres.embedding_versions import find_version

# What an import refuses, it refuses for every version.
_OF_IMPORT = "*"

_Reasons = Annotated[list[str] | None, typer.Option("--reason", help="Only letters of this reason; may be repeated.")]
_Version = Annotated[
    str | None, typer.Option("--version", help="Only letters of this version; '*' are those of an import.")
]
_Item = Annotated[str | None, typer.Option("--item", help="Only letters of this item_id.")]


def list_dead_letters(
    reason: _Reasons = None,
    version: _Version = None,
    item: _Item = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many, the latest.")] = 100,
    as_json: JsonFlag = False,
) -> None:
    """What is dead at present. A letter is tried again when its record changes, or after `dead-letters redrive`."""
    with bootstrap.open_database() as connection:
        selection = _selection(connection, reason, version, item)
        counts = open_reasons(connection, selection)
        rows = [
            {
                "item_id": letter.item_id,
                "namespace": letter.namespace,
                "version": letter.version,
                "stage": letter.stage,
                "reason": letter.reason,
                "detail": letter.detail,
                "attempts": letter.attempts,
                "first_seen_at": letter.first_seen_at.isoformat(timespec="seconds"),
                "last_seen_at": letter.last_seen_at.isoformat(timespec="seconds"),
            }
            for letter in open_letters(connection, selection, limit)
        ]
    total = sum(counts.values())

    def render(console: Console) -> None:
        if not total:
            console.print("No dead letters.")
            return
        _render_reasons(console, counts)
        cut = f"the latest {len(rows):,} of {total:,}" if len(rows) < total else f"{total:,}"
        render_rows(console, f"Dead letters: {cut}", rows)

    answer({"total": total, "reasons": counts, "dead_letters": rows}, as_json, render)


def redrive_dead_letters(
    reason: _Reasons = None,
    version: _Version = None,
    item: _Item = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be tried again.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Have the next run try dead letters again: all of them, or those that the options choose."""
    with bootstrap.open_database() as connection:
        redriven = redrive(connection, _selection(connection, reason, version, item), dry_run=dry_run)
    found = {
        "total": sum(redriven.reasons.values()),
        "reasons": redriven.reasons,
        "left_of_import": redriven.of_import,
        "left_of_unfinished_run": redriven.of_unfinished_run,
        "dry_run": dry_run,
    }
    answer(found, as_json, lambda console: _render_redriven(console, redriven, dry_run))


def _selection(connection: Connection, reasons: list[str] | None, version: str | None, item: str | None) -> Selection:
    check_reasons(reasons or [])
    if version not in {None, _OF_IMPORT}:
        find_version(connection, str(version))
    return Selection(reasons=tuple(reasons or ()), version=version, item_id=item)


def _render_reasons(console: Console, counts: dict[str, int]) -> None:
    rows = [
        {"reason": reason, "letters": f"{letters:,}", "meaning": REASONS.get(reason, "")}
        for reason, letters in counts.items()
    ]
    render_rows(console, "Reasons", rows)


def _render_redriven(console: Console, redriven: Redriven, dry_run: bool) -> None:
    total = sum(redriven.reasons.values())
    if total:
        _render_reasons(console, redriven.reasons)
        will = "would be" if dry_run else "will be"
        console.print(f"{total:,} {will} tried again by the next run of their version: `catalog-embeddings run`.")
    elif not redriven.of_import + redriven.of_unfinished_run:
        console.print("No dead letters to try again.")
    if redriven.of_unfinished_run:
        console.print(
            f"{redriven.of_unfinished_run:,} left: a run that is not finished found them dead. Let it end "
            "(`catalog-embeddings run`), then redrive."
        )
    if redriven.of_import:
        console.print(
            f"{redriven.of_import:,} left: an import refused them, so the catalog has no record to try. Mend their "
            "lines in the file, then import it again (`catalog-embeddings import FILE`)."
        )
