"""The table of docs/reliability.md: every fault, what is expected, and what was seen.

A test's name is a sentence that says what happens and what comes of it; its cases are counted. What is measured
beside that the tests say themselves, with pytest's ``record_property``: ``expected`` and ``seen``.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

FAULTS = ["tests/faults", "tests/inference/test_weather.py", "tests/pipeline/test_ask.py", "tests/river"]

_HEADINGS = {
    "test_crash_points": "Workers that die at a named moment",
    "test_enrichment_crashes": "Workers that die while a language model writes",
    "test_batches": "Workers that die while a run goes through the Batch API",
    "test_random_kills": "Workers that die at any moment",
    "test_stateful": "Made-up nights",
    "test_zombie": "Workers that were thought dead",
    "test_two_runs": "Two runs at once",
    "test_dbt_orphan": "dbt",
    "test_database_weather": "Postgres",
    "test_storage": "The lake",
    "test_weather": "The API",
    "test_ask": "What the API refuses",
    "test_bad_input": "What a catalog may hold",
}

# What tests the tools of the suite, and breaks nothing of the product.
_TOOLS = {"test_compiled_models", "test_invariants", "test_proxy"}


def main(arguments: list[str]) -> int:
    """Run the fault tests with pytest's own arguments, print their table, and end as pytest ended."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "faults.xml"
        command = [sys.executable, "-m", "pytest", *FAULTS, "-q", f"--junitxml={report}", *arguments]
        ended = subprocess.run(command, check=False, stdout=sys.stderr)
        if report.exists():
            print(table(ET.parse(report)))  # noqa: S314 - pytest wrote it a moment ago
    return ended.returncode


def table(report: "ET.ElementTree[ET.Element]") -> str:
    """A markdown table for each module of tests, a line for each sentence, in the order they ran."""
    modules: dict[str, dict[tuple[str, str], list[str]]] = {}
    for case in report.iter("testcase"):
        module = case.get("classname", "").rpartition(".")[2]
        if module in _TOOLS:
            continue
        name, _, _ = case.get("name", "").partition("[")
        said = {each.get("name", ""): each.get("value", "") for each in case.iter("property")}
        sentence = said.get("fault") or re.sub(r"^test_", "", name).replace("_", " ")
        lines = modules.setdefault(_HEADINGS.get(module, "The whole river"), {})
        lines.setdefault((sentence, said.get("expected", "")), []).append(_outcome(case, said.get("seen", "")))
    return "\n".join(line for heading, lines in modules.items() for line in _table(heading, lines))


def _outcome(case: ET.Element, seen: str) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "**failed**"
    return "not tried here" if case.find("skipped") is not None else seen or "so it was"


def _table(heading: str, lines: dict[tuple[str, str], list[str]]) -> list[str]:
    rows = [f"\n### {heading}\n", "| fault | expected | seen |", "|---|---|---|"]
    for (sentence, expected), outcomes in lines.items():
        seen = [
            f"{text} ({count} x)" if (count := outcomes.count(text)) > 1 else text for text in dict.fromkeys(outcomes)
        ]
        rows.append(f"| {sentence} | {expected or 'as it says'} | {'; '.join(seen)} |")
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
