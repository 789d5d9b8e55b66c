"""The commands ``plan`` and ``run``: the nightly job without a scheduler."""

from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer, notes
from catalog_embeddings.cli.render import render_enrichment_plan, render_plan, render_summary
from catalog_embeddings.domain.batch import Via
from catalog_embeddings.errors import BatchesUnderWay

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
    via: Annotated[
        Via | None,
        typer.Option(
            "--via", help="batch-api: answered within a day, at half the price. Absent: as the run was begun, else api."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Embed what is new or changed, load it, and publish. Run again after any interruption."""
    with _Progress() as progress:
        observer = bootstrap.RunObserver(
            on_model=progress.model,
            on_enrichment=progress.enrichment,
            on_enriched=progress.enriched,
            on_plan=progress.plan,
            on_loaded=progress.loaded,
            on_waiting=progress.waiting,
        )
        holder = bootstrap.this_process()
        summary, error = bootstrap.run(version, holder, max_cost, observer, share=share, salt=salt, via=via)
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
        self._batches: TaskID | None = None
        self._records: TaskID | None = None

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._batches is not None:
            self._bar.remove_task(self._batches)
        self._bar.stop()

    def model(self, name: str, status: str, seconds: float) -> None:
        self._bar.console.print(f"dbt  {name:<40} {status} in {seconds:.2f} s", style="dim", highlight=False)

    def enrichment(self, expected: dict[str, Any]) -> None:
        render_enrichment_plan(self._bar.console, expected)
        self._records = self._bar.add_task("records", total=expected["calls"])

    def enriched(self, records: int) -> None:
        if self._records is not None:
            self._bar.advance(self._records, records)

    def plan(self, plan: dict[str, Any]) -> None:
        render_plan(self._bar.console, plan)
        self._task = self._bar.add_task("texts", total=plan["distinct_texts"])

    def waiting(self, batches: BatchesUnderWay) -> None:
        if self._batches is None:
            self._bar.console.print(
                "The Batch API answers within a day. Interrupt this whenever you like: run again, and it goes on."
            )
            self._batches = self._bar.add_task("requests in batches under way", total=None)
        self._bar.update(self._batches, completed=batches.answered, total=batches.requests)

    def loaded(self, texts: int) -> None:
        if self._task is not None:
            self._bar.advance(self._task, texts)
