"""The command evaluate: as JSON, as tables, as a page, and its refusals."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from catalog_embeddings.cli.evaluate_command import render_evaluation
from catalog_embeddings.transform.gate import passes_gate
from tests.cli.conftest import Ended, World
from tests.transform.evaluation_reports import judged, report

JUDGMENTS = "query,item_id,rating\nrocking chair,chair,3\nrocking chair,desk,0\nreading lamp,lamp,2\n"


@pytest.fixture
def judgments(tmp_path: Path) -> str:
    path = tmp_path / "judgments.csv"
    path.write_text(JUDGMENTS)
    return str(path)


def test_json_begins_with_the_cost_and_ends_with_the_gate(
    world: World, cli: Callable[..., Ended], judgments: str
) -> None:
    ended = cli("evaluate", "--version", "v1", "--judgments", judgments, "--k", "3", "--json")
    assert ended.code == 0, ended.err
    assert (next(iter(ended.answer)), list(ended.answer)[-1]) == ("cost", "gate")
    assert ended.answer["cost"][0]["texts"] == 2
    assert ended.answer["judged"]["strata"][0]["measures"]["ndcg@3"]["version"] == 1
    assert ended.answer["gate"]["state"] == "unknown"
    assert "2 queries for v1: 1 requests" in ended.err
    assert world.requests() == 1


def test_a_page_is_written_beside_the_answer(
    world: World, cli: Callable[..., Ended], judgments: str, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    ended = cli("evaluate", "--version", "v1", "--judgments", judgments, "--html", str(page), "--json")
    assert ended.answer["version"] == "v1"
    assert "<title>v1</title>" in page.read_text(encoding="utf-8")
    assert str(page) in ended.err


def test_a_table_for_a_person(world: World, cli: Callable[..., Ended]) -> None:
    ended = cli("evaluate", "--version", "v1")
    assert ended.code == 0, ended.err
    assert "Version v1: 4 items, depth 10" in ended.out
    assert "80.0 %" in ended.out
    assert "difference" not in ended.out
    assert ended.err == ""


def test_a_comparison_shows_every_figure_with_its_interval() -> None:
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    found = report(judged(0.05, 0.04))
    render_evaluation(console, found, passes_gate(found))
    lines = console.export_text().splitlines()
    assert any(
        all(part in line for part in ("ndcg@10", "0.550", "0.500", "+0.050", "+0.030 … +0.070", "p = 0.04"))
        for line in lines
    )
    assert any("head, by richness (1)" in line for line in lines)
    assert any("difference" in line and "p = 0.074" in line and "+0.0200" in line for line in lines)
    assert lines[-1].startswith("Gate passed: NDCG@10 of v8 is 0.550")


def test_the_drop_that_is_allowed_is_a_setting(
    world: World, cli: Callable[..., Ended], judgments: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("versions", "create", "v2", "--template", "product.v3", "--json").code == 0
    assert cli("run", "--version", "v2", "--json").code == 0
    page = tmp_path / "report.html"
    words = ["evaluate", "--version", "v2", "--judgments", judgments, "--json"]
    assert "at least -0.010 is asked" in cli(*words).answer["gate"]["reason"]
    monkeypatch.setenv("CATALOG_EMBEDDINGS_MAX_NDCG_DROP", "0.25")
    assert "at least -0.250 is asked" in cli(*words, "--html", str(page)).answer["gate"]["reason"]
    assert "at least -0.250 is asked" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--version", "v9"], "there is no embedding version 'v9'"),
        (["--version", "v1", "--judgments", "nowhere.csv"], "there is no file nowhere.csv"),
        (["--version", "v1", "--html", "nowhere/report.html"], "there is no folder"),
        (["--version", "v1", "--min-rating", "0"], "--min-rating must be above 0"),
        (["--version", "v1", "--namespace", "shoes"], "there is no item that v1 hold"),
    ],
)
def test_what_cannot_be_done_ends_with_two_before_anything_is_paid(
    world: World, cli: Callable[..., Ended], arguments: list[str], sentence: str
) -> None:
    ended = cli("evaluate", *arguments, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert world.requests() == 0
