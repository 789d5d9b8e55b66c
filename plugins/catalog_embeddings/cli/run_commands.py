"""The commands ``plan`` and ``run``: the nightly job without a scheduler."""

from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer, notes
from catalog_embeddings.cli.render import render_plan, render_summary

VersionOption = Annotated[str | None, typer.Option("--version", help="The embedding version; absent: the active one.")]
SliceOption = Annotated[
    str | None,
    typer.Option(
        "--slice", help="A share of the catalog, such as 5%; it may only grow. Absent: as the version has it."
    ),
]
SaltOption = Annotated[
    str | None, typer.Option("--salt", help="Draws the items of a slice; another salt draws others. Absent: the same.")
]


def plan(
    version: VersionOption = None, share: SliceOption = None, salt: SaltOption = None, as_json: JsonFlag = False
) -> None:
    """Show what a run would do and cost, without calling the API or changing anything."""
    found = bootstrap.preview(version, share, salt).as_json()
    answer(found, as_json, lambda console: render_plan(console, found))


def run(
    version: VersionOption = None,
    share: SliceOption = None,
    salt: SaltOption = None,
    max_cost: Annotated[
        float | None,
        typer.Option(
            "--max-cost", min=0, help="USD: refuse before the first call if it may cost more, never spend more."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Embed what is new or changed, load it, and publish. Run again after any interruption."""
    with _Progress() as progress:
        observer = bootstrap.RunObserver(on_model=progress.model, on_plan=progress.plan, on_loaded=progress.loaded)
        summary, error = bootstrap.run(version, bootstrap.this_process(), max_cost, observer, share=share, salt=salt)
    answer(summary, as_json, lambda console: render_summary(console, summary))
    if error is not None:
        raise error


class _Progress:
    """The plan and a progress bar on standard error."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=notes,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def model(self, name: str, status: str, seconds: float) -> None:
        self._bar.console.print(f"dbt  {name:<40} {status} in {seconds:.2f} s", style="dim", highlight=False)

    def plan(self, plan: dict[str, Any]) -> None:
        render_plan(self._bar.console, plan)
        self._task = self._bar.add_task("texts", total=plan["distinct_texts"])

    def loaded(self, texts: int) -> None:
        if self._task is not None:
            self._bar.advance(self._task, texts)
