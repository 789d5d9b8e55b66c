"""What ``enrich`` says of the catalog's own records: a sample tried, and stored answers checked again."""

import json
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import answer, notes
from catalog_embeddings.cli.render import shown, usd
from catalog_embeddings.domain.sample import SamplePrice


def try_sample(
    size: int, version: str | None, enrichment: str | None, model: str, *, show: bool, as_json: bool
) -> None:
    """Say what a sample costs, and with ``show`` ask and lay the drafts beside their records."""
    price, items = bootstrap.sample_enrichment(size, version, enrichment, model, ask=show, on_price=_say_price)
    shown_items = [item.as_json() for item in items]
    found = {"price": price.as_json(), "items": shown_items}
    answer(found, as_json, lambda console: _render(console, shown_items))


def recheck(version: str | None, *, as_json: bool) -> None:
    """Check stored answers again, and say what came of it."""
    done = asdict(bootstrap.recheck_version(version))

    def render(console: Console) -> None:
        console.print(
            f"{done['checked']:,} enrichments were checked again, without a call: the usable text of "
            f"{done['changed']:,} has changed, and {done['marked']:,} vectors are made anew by the next run.",
            soft_wrap=True,
        )
        if done["lost"]:
            console.print(f"{done['lost']:,} have lost their answers in the lake, and stay as they are.")

    answer(done, as_json, render)


def _say_price(price: SamplePrice) -> None:
    cost = price.price_usd
    notes.print(
        f"{price.records} records for {price.enrichment} by {price.model}: {price.calls} calls, about {price.tokens:,} "
        f"tokens, {usd(cost.expected)} (at most {usd(cost.high)}). What is answered is kept.",
        highlight=False,
        soft_wrap=True,
    )


def _render(console: Console, items: list[dict[str, Any]]) -> None:
    for item in items:
        table = Table(show_header=True, expand=True, box=None)
        table.add_column("record", ratio=1, overflow="fold")
        table.add_column("written", ratio=1, overflow="fold")
        table.add_row(_laid_out(item["record"]), _laid_out(item["written"]))
        title = f"{shown(item['item_id'])}: {item['verdict']} after {item['attempts']} calls {shown(item['reason'])}"
        console.print(Panel(table, title=title.strip(), title_align="left"))
        for finding in item["findings"]:
            console.print(
                f"  {finding['rule']}: [red]{shown(finding['span'])}[/] {shown(finding['reason'])}", soft_wrap=True
            )
        if item["verdict"] == "repaired":
            console.print(f"  used: {_laid_out(item['draft'])}", soft_wrap=True)


def _laid_out(value: Any) -> str:
    if not isinstance(value, dict):
        return shown(str(value))
    return "\n".join(
        f"[bold]{shown(name)}[/] {shown(part if isinstance(part, str) else json.dumps(part, ensure_ascii=False))}"
        for name, part in value.items()
    )
