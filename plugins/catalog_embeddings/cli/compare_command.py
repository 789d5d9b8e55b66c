"""The command ``versions compare``: two versions side by side, before anybody promotes one."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer
from catalog_embeddings.cli.render import shown, usd
from catalog_embeddings.domain.comparison import VersionComparison, VersionState


def compare_versions(
    version: Annotated[str, typer.Argument(help="A version.")],
    against: Annotated[str | None, typer.Option(help="Beside this version; absent: the active one.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many neighbours of an item count.")] = 10,
    sample: Annotated[
        int, typer.Option(min=0, max=1000, help="Of how many items; each reads every vector. 0 looks at none.")
    ] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Two versions side by side: spec, coverage, index, price, neighbours, last evaluation. It costs nothing."""
    found = bootstrap.compare_versions(version, against, k, sample)
    answer(found.as_json(), as_json, lambda console: render_comparison(console, found))


def render_comparison(console: Console, found: VersionComparison) -> None:
    """A comparison as a table, a column a version."""
    own, other = found.version, found.against
    table = Table("", own.version, other.version, title=f"Version {own.version} beside {other.version}")
    table.title_justify = "left"
    for difference in found.spec:
        table.add_row(difference.field, _told(difference.version), _told(difference.against))
    table.add_section()
    of_other = _figures(other)
    for name, figure in _figures(own).items():
        table.add_row(name, figure, of_other[name])
    console.print(table)
    for sentence in _sentences(found):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _figures(state: VersionState) -> dict[str, str]:
    written = state.last_generated_at
    return {
        "status": state.status,
        "slice": state.slice,
        "items of it": f"{state.items:,}",
        "held": f"{state.held:,}",
        "dead": f"{state.dead:,}",
        "missing": f"{state.missing:,}",
        "stale": f"{state.stale:,}",
        "index": _index(state),
        "on disk": f"{state.bytes / 1e6:,.1f} MB",
        "runs, requests": f"{state.runs:,}, {state.requests:,}",
        "tokens billed": f"{state.tokens:,}",
        "price": usd(state.price_usd),
        "last vector written": "never" if written is None else f"{written:%Y-%m-%d %H:%M} UTC",
    }


def _index(state: VersionState) -> str:
    if state.index_valid is None:
        return "none"
    measured = "" if state.index_recall is None else f", recall@10 {state.index_recall:.3f}"
    return f"valid{measured}" if state.index_valid else "invalid"


def _sentences(found: VersionComparison) -> list[str]:
    own, other = found.version.version, found.against.version
    told = []
    if not found.spec:
        told.append("Their specs are the same.")
    near = found.neighbours
    if near and near.overlap is not None:
        told.append(f"Of the {near.k} nearest of {near.sample} items, both name {near.overlap:.0%}.")
    elif near:
        told.append("They hold no item in common that has neighbours.")
    last = found.evaluation
    if last is None:
        told.append(f"{own} was never evaluated against {other}: `catalog-embeddings evaluate --version {own}`.")
    elif last.ndcg is None or last.ndcg_against is None:
        told.append(f"{own} was evaluated against {other} on {last.evaluated_at:%Y-%m-%d}, without judgments.")
    else:
        told.append(
            f"NDCG@{last.k} was {last.ndcg:.3f} against {last.ndcg_against:.3f} on {last.evaluated_at:%Y-%m-%d}: "
            f"{last.ndcg - last.ndcg_against:+.3f} [{last.low:+.3f}, {last.high:+.3f}]."
        )
    return told


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    text = "none" if value is None else str(value)
    # A hash is told apart by its beginning.
    return shown(text[:12] if len(text) == 64 else text)
