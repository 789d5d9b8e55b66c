"""What starts often starts light: no command and no DAG file waits for a library that only another one needs."""

import ast
import subprocess
import sys

import pytest

from catalog_embeddings import bootstrap

# What costs a tenth of a second, or 5 MB, and more. Not pydantic: typer itself reads arguments with it.
HEAVY = (
    "catalog_embeddings.transform.guards.check",
    "genai_prices",
    "jsonschema",
    "numpy",
    "openai",
    "psycopg",
    "pyarrow",
    "pyarrow.dataset",
    "scipy",
    "sklearn",
    "starlette",
)
OF_A_DATABASE = {"psycopg"}
OF_A_RUN = OF_A_DATABASE | {"numpy", "pyarrow"}


def _imported_by(statement: str) -> set[str]:
    """Which heavy modules a process holds after a statement."""
    asked = f"import sys\n{statement}\nprint(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    return set(HEAVY) & set(told.split())


@pytest.mark.parametrize("arguments", [["--help"], ["versions", "--help"], ["nonsense"]])
def test_the_frame_of_the_command_line_is_light(arguments: list[str]) -> None:
    called = f"""
from catalog_embeddings.cli.app import app
try:
    app({arguments!r})
except SystemExit:
    pass"""
    assert _imported_by(called) == set()


@pytest.mark.parametrize(
    ("modules", "needed"),
    [
        ("cli.admin_commands, catalog_embeddings.bootstrap.database", OF_A_DATABASE),
        ("cli.dead_letter_commands, catalog_embeddings.bootstrap.database", OF_A_DATABASE),
        # The check before a promotion looks at vectors.
        ("cli.version_commands, catalog_embeddings.bootstrap.versions", OF_A_DATABASE | {"numpy"}),
        ("cli.run_commands, catalog_embeddings.bootstrap.whole_run", OF_A_RUN),
        ("bootstrap.steps", OF_A_RUN),
        ("bootstrap.items", OF_A_RUN),
    ],
)
def test_a_command_begins_with_what_it_surely_needs(modules: str, needed: set[str]) -> None:
    assert _imported_by(f"import catalog_embeddings.{modules}") <= needed


def test_a_file_of_the_lake_is_read_without_a_query_engine() -> None:
    read = """
import hashlib, pyarrow
from catalog_embeddings.lake.parquet import decode, encode
data = encode(pyarrow.table({"number": [1]}))
assert decode(data, f"a/{hashlib.sha256(data).hexdigest()}.parquet").num_rows == 1"""
    assert _imported_by(read) == {"numpy", "pyarrow"}


def test_bootstrap_offers_what_it_promises_the_type_checker(package: dict[str, ast.Module]) -> None:
    promised = {
        alias.name: node.module
        for node in ast.walk(package["bootstrap/__init__.py"])
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("catalog_embeddings.")
        for alias in node.names
    }
    assert promised
    assert promised == bootstrap._HOMES
    for name in promised:
        assert getattr(bootstrap, name)
