"""One way to answer: a table for a person, or with --json one object on standard output and nothing else there."""

import json
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console

#: Everything that is not the answer itself: progress, notes, errors.
notes = Console(stderr=True)

JsonFlag = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def answer(value: dict[str, Any], as_json: bool, render: Callable[[Console], None]) -> None:
    """Print a command's answer."""
    if as_json:
        sys.stdout.write(json.dumps(value, default=str) + "\n")
    else:
        render(Console())
