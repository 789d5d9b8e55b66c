"""What a person sees: every count with its meaning, unknown said as unknown, and catalog text as it is."""

import io
from typing import Any

import pytest
from rich.console import Console

from catalog_embeddings.cli.render import (
    render_enrichment_plan,
    render_hits,
    render_plan,
    render_rows,
    render_summary,
    shown,
    usd,
)

PLAN: dict[str, Any] = {
    "version": "v7",
    "slice": "5%",
    "new": 12_345,
    "changed": 0,
    "unchanged": 3,
    "deleted": 0,
    "refused": 0,
    "known_dead": 0,
    "distinct_texts": 12_000,
    "reusable": 10,
    "requests": 94,
    "tokens": 1_000_000,
    "price_usd": {"low": 0.1, "expected": 1.5, "high": None},
    "price_batch_usd": {"low": 0.05, "expected": 0.75, "high": None},
    "seconds": 9.4,
    "bytes_postgres": 84_000_000,
    "bytes_lake": 52_345_678,
    "shards": 1,
}
SUMMARY: dict[str, Any] = {
    "run_id": "run-1",
    "version": "v7",
    "state": "verified",
    "planned": 5,
    "embedded": 4,
    "reused": 0,
    "loaded": 4,
    "deleted": 0,
    "dead": 1,
    "unresolved": 0,
    "requests": 2,
    "retries": 0,
    "tokens": 99,
    "price_usd": None,
    "seconds": 12.34,
}


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=120)


def _lines(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return [" ".join(line.replace("│", " ").split()) for line in console.file.getvalue().splitlines()]


def test_a_plan_shows_counts_price_and_time(console: Console) -> None:
    render_plan(console, PLAN)
    lines = _lines(console)
    assert lines[0] == "Plan for version v7, 5% of the catalog"
    assert "new 12,345 items not in the version yet" in lines
    assert "changed 0 items whose record changed" in lines
    assert "price $1.50 list price, between $0.1000 and unknown" in lines
    assert "price_batch $0.7500 the same through the Batch API" in lines
    assert "seconds 9 expected at the given limits" in lines
    assert "bytes_postgres 84.0 MB it adds to Postgres, indexes included" in lines
    assert "bytes_lake 52.3 MB it adds to the lake" in lines


def test_a_plan_of_an_older_release_is_shown_as_far_as_it_goes(console: Console) -> None:
    newer = ("slice", "price_batch_usd", "bytes_postgres", "bytes_lake")
    render_plan(console, {name: value for name, value in PLAN.items() if name not in newer})
    lines = _lines(console)
    assert lines[0] == "Plan for version v7"
    assert not any(line.startswith(("price_batch", "bytes_")) for line in lines)


def test_rare_counts_are_shown_only_where_there_are_any(console: Console) -> None:
    render_plan(console, PLAN)
    assert not any(line.startswith(("refused", "known_dead")) for line in _lines(console))
    render_plan(console, PLAN | {"refused": 2, "known_dead": 3})
    assert "refused 2 items with nothing to embed: dead letters" in _lines(console)
    assert "known_dead 3 items that failed before and are unchanged" in _lines(console)


def test_a_summary_shows_what_was_done(console: Console) -> None:
    render_summary(console, SUMMARY)
    lines = _lines(console)
    assert lines[0] == "Run run-1 of version v7: verified"
    assert "dead 1 items that failed: dead letters" in lines
    assert "price unknown list price of these tokens" in lines
    assert not any("0 API calls" in line or line.startswith("retries") for line in lines)


def test_a_run_without_calls_says_so(console: Console) -> None:
    render_summary(console, SUMMARY | {"requests": 0})
    assert _lines(console)[-1].startswith("0 API calls")


def test_catalog_text_is_shown_as_it_is(console: Console) -> None:
    hits: list[dict[str, Any]] = [
        {"item_id": "[1]", "namespace": "[bold]", "title": "Lamp [red] [/] 5 [/b]", "score": 0.98765},
        {"item_id": "x", "namespace": "default", "title": None, "score": 1.0},
    ]
    render_hits(console, "Nearest to '[/]'", hits)
    assert _lines(console)[0] == "Nearest to '[/]'"
    assert "[1] [bold] Lamp [red] [/] 5 [/b] 0.988" in _lines(console)
    assert "x default 1.000" in _lines(console)


def test_rows_are_headed_by_their_keys(console: Console) -> None:
    render_rows(console, "Some rows", [{"a": 1, "b": None}, {"a": "[/]", "b": True}])
    lines = _lines(console)
    assert "┃ a ┃ b ┃" in lines
    assert lines[-3:-1] == ["1", "[/] True"]


def test_no_rows_are_no_error(console: Console) -> None:
    render_rows(console, "Nothing", [])
    assert len(_lines(console)) <= 2


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (None, "unknown"),
        (0, "$0.00"),
        (0.000003, "< $0.0001"),
        (0.00123, "$0.0012"),
        (1, "$1.00"),
        (12_345.678, "$12,345.68"),
    ],
)
def test_dollars(amount: float | None, shown: str) -> None:
    assert usd(amount) == shown


def test_what_a_terminal_would_act_upon_is_shown_as_a_mark() -> None:
    hostile = "\x1b[31mred\x1b[0m \u202egnp.exe [bold]x[/] 裙子"
    text = shown(hostile)
    assert text == "\ufffd[31mred\ufffd[0m \ufffdgnp.exe \\[bold]x\\[/] 裙子"


def test_an_enrichment_shows_what_variants_save_and_what_is_not_sent(console: Console) -> None:
    expected = {
        "enrichment": "review.v1",
        "model": "gpt-4.1-mini",
        "items": 1_000,
        "records": 900,
        "reusable": 100,
        "calls": 800,
        "tokens": 640_000,
        "price_usd": {"low": 0.2, "expected": 1.25, "high": 9.0},
        "seconds": 240.0,
        "scrubbed": {"email": 3},
        "left": 2,
    }
    render_plan(console, PLAN | {"enrichment": expected})
    render_enrichment_plan(console, expected)
    lines = _lines(console)
    for line in (
        "records 900 of 1,000 items to enrich: variants save 10%",
        "calls 800 to gpt-4.1-mini, retries left out",
        "price $1.25 list price, between $0.2000 and $9.00",
        "scrubbed email 3 personal data that is not sent",
        "left 2 items that changed meanwhile: the next run takes them up",
    ):
        assert lines.count(line) == 2, lines


def test_a_summary_shows_verdicts_and_rules_and_that_it_cost_something(console: Console) -> None:
    enriched = {"records": 5, "accepted": 3, "repaired": 1, "rejected": 1, "rules": {"numeric_claim": 2}, "calls": 6}
    render_summary(console, SUMMARY | {"requests": 0, "enrichment": enriched | {"tokens": 4_200, "price_usd": 0.01}})
    lines = _lines(console)
    assert "rejected 1 records whose enrichment was rejected" in lines
    assert "numeric_claim 2 records that this rule objected to" in lines
    assert "price $0.0100 list price of 4,200 tokens" in lines
    assert not any(line.startswith("0 API calls") for line in lines)
