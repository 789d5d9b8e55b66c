"""The commands ``versions``: list, promote, roll back, drop."""

from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer
from catalog_embeddings.cli.render import render_rows
from catalog_embeddings.domain.promotion import EVERYWHERE

_Namespace = Annotated[
    str | None, typer.Option(help="Only for readers of this namespace; absent: of every one without a pointer.")
]
_Org = Annotated[UUID | None, typer.Option(help="Only for readers of this org; absent: of every one.")]


def list_versions(as_json: JsonFlag = False) -> None:
    """Every version, with its model, template, status, and the places whose readers see it."""
    rows: list[dict[str, Any]] = [
        {
            "version": found.version,
            "status": found.status,
            "active": EVERYWHERE in places,
            "places": [str(place) for place in places],
            "provider": found.spec.provider,
            "model": found.spec.model,
            "dims": found.spec.dims,
            "template": found.spec.template,
            "enrichment": found.spec.enrichment,
            "fingerprint": found.fingerprint[:12],
            "dropped_at": found.dropped_at and found.dropped_at.isoformat(timespec="seconds"),
        }
        for found, places in bootstrap.list_versions()
    ]
    shown = [row | {"places": ", ".join(row["places"])} for row in rows]
    answer({"versions": rows}, as_json, lambda console: render_rows(console, "Embedding versions", shown))


def promote_version(
    version: Annotated[str, typer.Argument(help="The version that readers shall see.")],
    namespace: _Namespace = None,
    org: _Org = None,
    force: Annotated[bool, typer.Option("--force", help="Whatever speaks against it; asks for --reason.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why, for whoever reads the history.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Let readers see a version from now on: one pointer moves, and `versions rollback` moves it back.

    Refused unless it holds every item of the catalog or says why not, its index is valid, its last run was verified,
    and it ranks no worse than the active version in the last evaluation against it, if there was one.
    """
    moved = bootstrap.promote(version, namespace, org, force=force, reason=reason).as_json()

    def render(console: Console) -> None:
        _say_move(console, moved)
        for sentence in moved["unmet"]:
            console.print(f"forced, although: {sentence}", markup=False, highlight=False, soft_wrap=True)
        for sentence in moved["warnings"]:
            console.print(f"Mind: {sentence}", markup=False, highlight=False, soft_wrap=True)

    answer(moved, as_json, render)


def rollback_version(namespace: _Namespace = None, org: _Org = None, as_json: JsonFlag = False) -> None:
    """Take back the last promotion at a place. Twice goes back by two."""
    move, behind = bootstrap.rollback(namespace, org)
    moved = {**move.as_json(), "behind": behind.as_json()}

    def render(console: Console) -> None:
        _say_move(console, moved)
        since = f"{behind.last_generated_at:%Y-%m-%d %H:%M} UTC" if behind.last_generated_at else "ever"
        if behind.came or behind.rewritten:
            told = (
                f"Its last vector was written {since}. It lacks {behind.came:,} items that came, and "
                f"{behind.rewritten:,} were written again by the feed since: the next run catches up."
            )
        else:
            told = f"It is up to date; its last vector was written {since}."
        console.print(told, highlight=False, soft_wrap=True)

    answer(moved, as_json, render)


def drop_version(
    version: Annotated[str, typer.Argument(help="A version that no reader sees.")],
    lake_after_days: Annotated[
        int | None,
        typer.Option(min=0, help="When its files may leave the lake too; absent: 30, or what was said before."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Give up a version's vectors and free their disk. Its files in the lake go later, by this command or a run."""
    if not yes:
        typer.confirm(f"The vectors of version {version} will be gone from Postgres. Drop it?", abort=True, err=True)
    dropped = bootstrap.drop_version(version, lake_after_days).as_json()

    def render(console: Console) -> None:
        console.print(f"Version {version} is dropped: {dropped['bytes_freed']:,} bytes of disk are free.")
        if dropped["lake_removed_at"] is None:
            console.print(f"Its files in the lake are kept until {dropped['lake_due_at']}.", highlight=False)
        for each in dropped["removed"]:
            kept = ", ".join(each["parts_kept_for"])
            because = f"; the vectors it paid for stay for {kept}" if kept else ""
            console.print(f"{each['files']:,} files of {each['version']} left the lake{because}.", highlight=False)

    answer(dropped, as_json, render)


def _say_move(console: Console, moved: dict[str, Any]) -> None:
    place = moved["namespace"] if moved["org_id"] is None else f"{moved['org_id']}/{moved['namespace']}"
    console.print(
        f"Readers of {escape(place)} see [bold]{moved['version']}[/], and saw {moved['from_version'] or 'nothing'} "
        f"before. {escape(moved['moved_by'])}, {moved['moved_at']}: {escape(moved['reason'])}",
        highlight=False,
        soft_wrap=True,
    )
