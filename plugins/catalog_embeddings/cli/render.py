"""How plans, runs and hits look in a terminal. Knows words and colours, nothing of where they come from.

What comes from a catalog is escaped: "[red]" in a title is no colour, and "[/]" no error.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

# What a terminal would act upon: control characters, and marks that turn the direction of what follows.
_ACTED_UPON = dict.fromkeys((*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")

_PLAN_ROWS = (
    ("new", "items not in the version yet"),
    ("changed", "items whose record changed"),
    ("unchanged", "items left alone"),
    ("deleted", "items gone from the catalog"),
    ("refused", "items with nothing to embed: dead letters"),
    ("known_dead", "items that failed before and are unchanged"),
    ("distinct_texts", "different texts among new and changed"),
    ("reusable", "of these, paid for before"),
    ("requests", "API calls to make"),
    ("tokens", "tokens expected"),
)

_SPACE_ROWS = (
    ("bytes_postgres", "it adds to Postgres, indexes included"),
    ("bytes_lake", "it adds to the lake"),
)

_SUMMARY_ROWS = (
    ("planned", "items planned"),
    ("embedded", "texts embedded"),
    ("reused", "texts that were paid for before"),
    ("loaded", "items with their vector in Postgres"),
    ("deleted", "items deleted"),
    ("dead", "items that failed: dead letters"),
    ("requests", "API calls"),
    ("retries", "of these, retries"),
    ("tokens", "tokens billed"),
)


def render_plan(console: Console, plan: Mapping[str, Any]) -> None:
    """A plan as a table, with its price, time and space. A plan frozen by an older release may lack the newer rows."""
    within = plan.get("slice", "100%")
    of_it = "" if within == "100%" else f", {within} of the catalog"
    table = _counts(f"Plan for version {plan['version']}{of_it}", plan, _PLAN_ROWS)
    price = plan["price_usd"]
    table.add_row("price", usd(price["expected"]), f"list price, between {usd(price['low'])} and {usd(price['high'])}")
    if "price_batch_usd" in plan:
        table.add_row("price_batch", usd(plan["price_batch_usd"]["expected"]), "the same through the Batch API")
    table.add_row("seconds", f"{plan['seconds']:,.0f}", "expected at the given limits")
    for name, meaning in _SPACE_ROWS:
        if name in plan:
            table.add_row(name, f"{plan[name] / 1e6:,.1f} MB", meaning)
    if plan.get("enrichment"):
        _add_enrichment_plan(table, plan["enrichment"])
    console.print(table)


def render_enrichment_plan(console: Console, expected: Mapping[str, Any]) -> None:
    """What a language model is to be asked for, as a table."""
    table = _counts(f"Enrichment {expected['enrichment']} by {expected['model']}", {}, ())
    _add_enrichment_plan(table, expected)
    console.print(table)


def _add_enrichment_plan(table: Table, expected: Mapping[str, Any]) -> None:
    saved = 1 - expected["records"] / expected["items"] if expected["items"] else 0
    price = expected["price_usd"]
    table.add_section()
    rows = (
        ("records", f"{expected['records']:,}", f"of {expected['items']:,} items to enrich: variants save {saved:.0%}"),
        ("reusable", f"{expected['reusable']:,}", "of these, enriched before"),
        ("calls", f"{expected['calls']:,}", f"to {expected['model']}, retries left out"),
        ("tokens", f"{expected['tokens']:,}", "tokens expected, read and written"),
        ("price", usd(price["expected"]), f"list price, between {usd(price['low'])} and {usd(price['high'])}"),
        ("seconds", f"{expected['seconds']:,.0f}", "expected at the given limits"),
    )
    for row in rows:
        table.add_row(*row)
    for kind, times in expected["scrubbed"].items():
        table.add_row(f"scrubbed {kind}", f"{times:,}", "personal data that is not sent")
    if expected["left"]:
        table.add_row("left", f"{expected['left']:,}", "items that changed meanwhile: the next run takes them up")


def render_summary(console: Console, summary: Mapping[str, Any]) -> None:
    """A run's summary as a table, and in a sentence where it cost nothing."""
    title = f"Run {summary['run_id']} of version {summary['version']}: {summary['state']}"
    table = _counts(title, summary, _SUMMARY_ROWS)
    table.add_row("price", usd(summary["price_usd"]), "list price of these tokens")
    if enriched := summary.get("enrichment"):
        _add_enrichment_summary(table, enriched)
    table.add_row("seconds", f"{summary['seconds']:,.1f}", "from start to end")
    console.print(table)
    if not summary["requests"] and not (enriched and enriched["calls"]):
        console.print("[green]0 API calls[/]: everything that is needed was already paid for.")


def _add_enrichment_summary(table: Table, enriched: Mapping[str, Any]) -> None:
    table.add_section()
    for verdict in ("accepted", "repaired", "rejected"):
        table.add_row(verdict, f"{enriched[verdict]:,}", f"records whose enrichment was {verdict}")
    for rule, records in enriched["rules"].items():
        table.add_row(rule, f"{records:,}", "records that this rule objected to")
    table.add_row("calls", f"{enriched['calls']:,}", "answers of the language model that were paid for")
    table.add_row("price", usd(enriched["price_usd"]), f"list price of {enriched['tokens']:,} tokens")


def render_hits(console: Console, title: str, hits: Iterable[Mapping[str, Any]]) -> None:
    """Hits as a table, best first."""
    table = Table(title=shown(title), title_justify="left")
    for column in ("item_id", "namespace", "title"):
        table.add_column(column, overflow="fold")
    table.add_column("score", justify="right")
    for hit in hits:
        texts = (hit["item_id"], hit["namespace"], hit["title"] or "")
        table.add_row(*map(shown, texts), f"{hit['score']:.3f}")
    console.print(table)


def render_rows(console: Console, title: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Any rows as a table, their keys as the heading."""
    table = Table(title=title, title_justify="left")
    for number, row in enumerate(rows):
        if number == 0:
            for column in row:
                table.add_column(column, overflow="fold")
        table.add_row(*("" if value is None else shown(str(value)) for value in row.values()))
    console.print(table)


def shown(text: str) -> str:
    """Text of a catalog as a terminal may have it: neither markup nor anything that it would act upon."""
    return escape(text.translate(_ACTED_UPON))


def usd(amount: float | None) -> str:
    """Dollars for people: enough digits for small sums, and unknown said as such."""
    if amount is None:
        return "unknown"
    if 0 < amount < 0.0001:
        return "< $0.0001"
    return f"${amount:,.2f}" if amount >= 1 or amount == 0 else f"${amount:.4f}"


def _counts(title: str, counts: Mapping[str, Any], rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column("name")
    table.add_column("count", justify="right")
    table.add_column("meaning", style="dim")
    for name, meaning in rows:
        # Silence about zeros would leave a reader guessing; only what is rarely there at all is left out.
        if counts[name] or name not in {"refused", "known_dead", "retries"}:
            table.add_row(name, f"{counts[name]:,}", meaning)
    return table
