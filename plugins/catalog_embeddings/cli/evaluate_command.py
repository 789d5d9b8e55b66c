"""The command ``evaluate``: whether a version is better than another, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer, notes
from catalog_embeddings.cli.render import usd
from catalog_embeddings.domain.evaluation import EvaluationReport, Figure, GateVerdict, QueryCost
from catalog_embeddings.errors import InputError
from catalog_embeddings.transform.evaluation_page import evaluation_page, p_in_words
from catalog_embeddings.transform.gate import passes_gate


def evaluate(  # noqa: PLR0913, PLR0917 - an option each
    version: Annotated[str, typer.Option("--version", help="The version to evaluate.")],
    against: Annotated[str | None, typer.Option(help="Compare with this version; absent: the active one.")] = None,
    judgments: Annotated[
        Path | None, typer.Option(help="What people judged: query,item_id,rating as a table, or TREC qrels.")
    ] = None,
    queries: Annotated[Path | None, typer.Option(help="The texts of queries that are named by id.")] = None,
    interactions: Annotated[
        Path | None, typer.Option(help="How often items were chosen (item_id, count): tells head from tail.")
    ] = None,
    k: Annotated[int, typer.Option(min=1, max=1000, help="The depth of every measure.")] = 10,
    min_rating: Annotated[float, typer.Option(help="The rating from which an item is relevant.")] = 1.0,
    namespace: Annotated[str | None, typer.Option(help="Only items of this namespace.")] = None,
    org: Annotated[UUID | None, typer.Option(help="Only items of this org.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report with plots to this file.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare a version with another. Only judged queries cost something: the price is said first."""
    if min_rating <= 0:
        raise InputError("--min-rating must be above 0: an item rated 0 answers nothing")
    if html is not None and not html.absolute().parent.is_dir():
        raise InputError(f"there is no folder {html.absolute().parent} for the report")
    max_ndcg_drop = bootstrap.settings().max_ndcg_drop
    report = bootstrap.evaluate(
        version,
        against,
        judgments=judgments,
        queries=queries,
        interactions=interactions,
        k=k,
        min_rating=min_rating,
        namespace=namespace,
        org_id=org,
        on_cost=_say_cost,
    )
    if html is not None:
        html.write_text(evaluation_page(report, max_ndcg_drop), encoding="utf-8")
        notes.print(f"The report is in {html}", markup=False, highlight=False, soft_wrap=True)
    verdict = passes_gate(report, max_ndcg_drop)
    found = report.as_json() | {"gate": asdict(verdict)}
    answer(found, as_json, lambda console: render_evaluation(console, report, verdict))


def render_evaluation(console: Console, report: EvaluationReport, verdict: GateVerdict) -> None:
    """A report as tables."""
    beside = f" against {report.against}" if report.against else ""
    console.print(f"Version {report.version}{beside}: {report.candidates:,} items, depth {report.k}", highlight=False)
    if report.judged:
        for stratum in report.judged.strata:
            by = "" if stratum.stratum == "all" else f", by {report.judged.strata_by}"
            title = f"Judged queries: {stratum.stratum}{by} ({stratum.queries})"
            console.print(_figures(title, stratum.measures, report))
    near = report.neighbours
    neighbours = {f"overlap@{report.k}": near.overlap, f"category_purity@{report.k}": near.purity}
    known = {name: figure for name, figure in neighbours.items() if figure}
    if known:
        console.print(_figures(f"Neighbours of {near.sample} items", known, report))
    console.print(_checks(report))
    if report.clicks:
        console.print(_clicks(report))
    console.print(f"Gate {verdict.state}: {verdict.reason}.", markup=False, highlight=False, soft_wrap=True)


def _say_cost(costs: Sequence[QueryCost]) -> None:
    for cost in costs:
        if cost.texts:
            notes.print(
                f"{cost.texts} queries for {cost.version}: {cost.requests} requests, about {cost.tokens:,} tokens, "
                f"{usd(cost.price_usd.expected)} (up to {usd(cost.price_usd.high)})",
                highlight=False,
            )


def _figures(title: str, figures: Mapping[str, Figure], report: EvaluationReport) -> Table:
    if report.against is None:
        table = _table(title, "measure", report.version, "95 % interval")
        for name, figure in figures.items():
            table.add_row(name, f"{figure.version:.3f}", f"{figure.low:.3f} … {figure.high:.3f}")
        return table
    table = _table(title, "measure", report.version, report.against, "difference", "95 % interval", "p")
    for name, figure in figures.items():
        own = f"{figure.version:.3f}"
        if figure.difference is None:
            table.add_row(name, own, "", "", f"{figure.low:.3f} … {figure.high:.3f}", "")
            continue
        difference, interval = f"{figure.difference:+.3f}", f"{figure.low:+.3f} … {figure.high:+.3f}"
        table.add_row(name, own, _number(figure.against), difference, interval, p_in_words(figure.p_value))
    return table


def _checks(report: EvaluationReport) -> Table:
    table = _table("Vectors", "", *(row.version for row in report.checks))
    rows: dict[str, list[Any]] = {
        "items of the catalog": [f"{row.catalog_items:,}" for row in report.checks],
        "coverage": [f"{100 * row.coverage:.1f} %" for row in report.checks],
        "stale": [row.stale for row in report.checks],
        "zero, not finite": [f"{row.checks.zero}, {row.checks.not_finite}" for row in report.checks],
        "length, least … most": [_span(row.checks.norm_min, row.checks.norm_max) for row in report.checks],
        "mean cosine": [_number(row.checks.anisotropy) for row in report.checks],
    }
    for name, values in rows.items():
        table.add_row(name, *map(str, values))
    return table


def _clicks(report: EvaluationReport) -> Table:
    table = _table("Clicks", "arm", "impressions", "clicks", "CTR", "95 % interval")
    if report.clicks:
        for arm in report.clicks.arms:
            interval = f"{arm.low:.4f} … {arm.high:.4f}"
            table.add_row(arm.version, f"{arm.impressions:,}", f"{arm.clicks:,}", f"{arm.ctr:.4f}", interval)
        if test := report.clicks.test:
            interval = f"{test.low:+.4f} … {test.high:+.4f}"
            table.add_row("difference", "", p_in_words(test.p_value), f"{test.difference:+.4f}", interval)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=escape(title), title_justify="left")
    for number, column in enumerate(columns):
        # In a narrow terminal a name goes on below; cut off, it could be another's.
        table.add_column(escape(column), justify="right" if number else "left", overflow="fold")
    return table


def _span(low: float | None, high: float | None) -> str:
    return f"{_number(low)} … {_number(high)}"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
