"""The top of the house is as the architecture draws it, and what is committed belongs to no one machine."""

import re
from pathlib import Path

ROOMS = {"benchmarks", "dags", "dbt_project", "docs", "plugins", "sql", "tests", ".ci"}
FILES = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Makefile",
    "README.md",
    "constraints.txt",
    "docker-compose.yml",
    "pyproject.toml",
}
# Written so that these lines do not match themselves.
OF_ONE_MACHINE = re.compile(
    r":/{2}[^/\"\s]+/(?:simple|packages|dist)/[a-z0-9@]|:/{2}\S+/simple\b|(?<![\w.])/(?:root|work)/"
)
UNFINISHED = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X)\b")
DECISION = re.compile(r"(?P<number>\d{4})-[a-z0-9-]+\.md")


def _matches(root: Path, tracked: list[str], pattern: re.Pattern[str]) -> list[str]:
    found = []
    for name in tracked:
        content = (root / name).read_bytes()
        if b"\0" in content:
            continue
        lines = content.decode(errors="replace").splitlines()
        found += [f"{name}:{number}" for number, line in enumerate(lines, start=1) if pattern.search(line)]
    return found


def test_nothing_else_stands_at_the_top(tracked: list[str]) -> None:
    top = {name.split("/")[0] for name in tracked}
    strangers = {name for name in top - ROOMS - FILES if not name.startswith(".")}
    assert not strangers, f"these belong into one of the rooms: {sorted(strangers)}"


def test_the_rooms_and_files_of_the_architecture_are_there(tracked: list[str]) -> None:
    missing = (ROOMS | FILES) - {name.split("/")[0] for name in tracked}
    assert not missing, f"missing: {sorted(missing)}"


def test_no_file_holds_an_address_or_path_of_one_machine(root: Path, tracked: list[str]) -> None:
    found = _matches(root, tracked, OF_ONE_MACHINE)
    assert not found, f"a package index or a path of one machine stands in: {found}"


def test_nothing_is_left_for_later_in_the_source(root: Path, tracked: list[str]) -> None:
    found = _matches(root, tracked, UNFINISHED)
    assert not found, f"finish it or write an issue: {found}"


def test_decisions_are_numbered_without_a_gap(root: Path) -> None:
    names = sorted(path.name for path in (root / "docs/decisions").iterdir() if path.name != "README.md")
    misnamed = [name for name in names if not DECISION.fullmatch(name)]
    assert not misnamed, f"name decision records NNNN-what-was-decided.md: {misnamed}"
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
