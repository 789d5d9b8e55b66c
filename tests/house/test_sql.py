"""SQL lives in files that are named after what they hold, and no statement is left unused."""

import ast
import re
from pathlib import Path

import pytest

MIGRATION = re.compile(r"(?P<number>\d{4})_(?P<verb>[a-z]+)_[a-z0-9_]+\.sql")
OBJECT = re.compile(
    r"^create\s+(?:or\s+replace\s+)?(?:materialized\s+)?(?:function|procedure|view)\s+(?:\w+\.)?(?P<name>\w+)",
    re.IGNORECASE | re.MULTILINE,
)
QUERY = re.compile(r"^-- name: (?P<name>\w+)$", re.MULTILINE)


def test_migrations_are_numbered_without_a_gap(root: Path) -> None:
    names = sorted(path.name for path in (root / "sql/migrations").iterdir())
    misnamed = [name for name in names if not MIGRATION.fullmatch(name)]
    assert not misnamed, f"name migrations NNNN_verb_object.sql: {misnamed}"
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert names, "there are no migrations"


@pytest.mark.parametrize("folder", ["functions", "views"])
def test_a_file_holds_the_one_object_it_is_named_after(root: Path, folder: str) -> None:
    wrong = {
        path.name: found
        for path in sorted((root / "sql" / folder).glob("*.sql"))
        if (found := OBJECT.findall(path.read_text(encoding="utf-8"))) != [path.stem]
    }
    assert not wrong, f"one object a file, named as the file; these create: {wrong}"


def test_every_named_query_is_used(root: Path, package: dict[str, ast.Module]) -> None:
    words = {
        name: {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        for name, tree in package.items()
    }
    unused = [
        f"{path.name}: {query}"
        for path in sorted((root / "sql/queries").glob("*.sql"))
        for query in QUERY.findall(path.read_text(encoding="utf-8"))
        if not any(path.stem in said and query in said for said in words.values())
    ]
    assert not unused, f"no module names both the file and the query: {unused}"


def test_no_query_name_stands_twice_in_a_file(root: Path) -> None:
    twice = {
        path.name: sorted({name for name in names if names.count(name) > 1})
        for path in sorted((root / "sql/queries").glob("*.sql"))
        if len(names := QUERY.findall(path.read_text(encoding="utf-8"))) != len(set(names))
    }
    assert not twice, f"give these another name: {twice}"
