"""The command ``doctor``: what of this installation is not fit for a run, and what to do about it."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from catalog_embeddings.bootstrap.doctor import Tried, examine
from catalog_embeddings.cli.output import JsonFlag, answer


def doctor(
    ask_api: Annotated[
        bool, typer.Option("--ask-api", help="Embed one sentence too, at the price of a few tokens.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Try settings, database, lake and API, and say what to do where one is not fit. It ends with 1 then."""
    found = examine(ask_api=ask_api)
    is_fit = all(each.is_fit for each in found)
    told = {"fit": is_fit, "parts": [each.as_json() for each in found]}
    answer(told, as_json, lambda console: _render(console, found))
    if not is_fit:
        raise typer.Exit(1)


def _render(console: Console, found: list[Tried]) -> None:
    for each in found:
        mark = "[green]fit[/]    " if each.is_fit else "[red]not fit[/]"
        console.print(f"{mark} {each.part:<10} {escape(each.told)}", highlight=False, soft_wrap=True)
