"""An evaluation as one HTML page that needs nothing beside itself: words, tables and inline plots.

Knows how figures are said to a person; what they are is the report's. What comes from a file or a catalog is escaped.
"""

from functools import cache
from pathlib import Path

import jinja2

from catalog_embeddings.domain.evaluation import EvaluationReport, Figure
from catalog_embeddings.transform.gate import MAX_NDCG_DROP, passes_gate
from catalog_embeddings.transform.plots import Whisker, histogram, ordered_bars, whiskers

_FOLDER = Path(__file__).parent / "pages"
_QUERIES_SHOWN = 10


def evaluation_page(report: EvaluationReport, max_ndcg_drop: float = MAX_NDCG_DROP) -> str:
    """The page as HTML, with the verdict of a gate that allows so large a drop."""
    return _template().render(
        report=report,
        verdict=passes_gate(report, max_ndcg_drop) if report.judged and report.against else None,
        plots=_plots(report),
        moved=_moved(report),
    )


def change_in_words(figure: Figure, name: str, against: str | None) -> str:
    """A difference as a sentence that does not claim more than the interval does."""
    if figure.difference is None:
        return f"{name} is {figure.version:.3f} [{figure.low:.3f}, {figure.high:.3f}]."
    interval = f"95 % interval {figure.low:+.3f} to {figure.high:+.3f}, {p_in_words(figure.p_value)}"
    change = f"{name} is {figure.version:.3f}, {figure.difference:+.3f} beside {against}"
    if figure.low <= 0 <= figure.high:
        return f"{change} ({interval}): these queries cannot tell the two apart."
    return f"{change} ({interval})."


def p_in_words(p_value: float | None) -> str:
    """A p-value with as many digits as it deserves."""
    if p_value is None:
        return "p undefined"
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.2g}"


def _plots(report: EvaluationReport) -> dict[str, str]:
    plots = {}
    if report.judged and report.against:
        plots["measures"] = whiskers(
            "Difference of every measure, with its interval",
            [_whisker(name, figure) for name, figure in report.judged.strata[0].measures.items()],
        )
        if len(report.judged.strata) > 1:
            plots["strata"] = whiskers(
                "Difference of NDCG by stratum, with its interval",
                [
                    _whisker(f"{stratum.stratum}, {name}", stratum.measures[name])
                    for stratum in report.judged.strata
                    for name in (f"ndcg@{report.k}", f"condensed_ndcg@{report.k}")
                ],
            )
        plots["queries"] = ordered_bars(
            "Difference of NDCG, query by query",
            [row.version - (row.against or 0.0) for row in report.judged.queries],
            [row.query for row in report.judged.queries],
        )
    if report.neighbours.overlaps:
        plots["overlap"] = histogram(
            "Items by the number of neighbours that both versions name", report.neighbours.overlaps
        )
    if report.clicks:
        arms = [Whisker(arm.version, arm.ctr, arm.low, arm.high) for arm in report.clicks.arms]
        plots["clicks"] = whiskers("Share of impressions that were clicked, by arm", arms, signed=False)
    return plots


def _whisker(label: str, figure: Figure) -> Whisker:
    return Whisker(label, figure.difference or 0.0, figure.low, figure.high)


def _moved(report: EvaluationReport) -> list[dict[str, object]]:
    """The queries that gained and lost most."""
    if not report.judged or not report.against:
        return []
    rows = [
        {"row": row, "difference": row.version - row.against}
        for row in report.judged.queries
        if row.against is not None and row.against != row.version
    ]
    rows.sort(key=lambda row: -abs(float(str(row["difference"]))))
    return rows[:_QUERIES_SHOWN]


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["p"] = p_in_words
    environment.globals["change_in_words"] = change_in_words
    return environment.get_template("evaluation.html.j2")
