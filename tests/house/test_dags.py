"""DAG files stay thin, Airflow stays outside the package, and its crawler finds one plugin file."""

import ast
import re
from pathlib import Path

import pathspec

MAX_DAG_LINES = 80
PLUGIN = "plugins/catalog_embeddings_plugin.py"
LIGHT_IMPORTS = (
    "__future__",
    "airflow.sdk",
    "datetime",
    "typing",
    "closing_steps",
    "embedding_steps",
    "enrichment_steps",
    "shard_step",
)
STATEMENT = re.compile(
    r"\b(select\b.+\bfrom|insert\s+into|update\s+\S+\s+set|delete\s+from|truncate\s|merge\s+into"
    r"|(create|alter|drop)\s+(table|view|index|schema|function))\b",
    re.IGNORECASE | re.DOTALL,
)


def _is_or_is_below(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _dags(trees: dict[str, ast.Module]) -> dict[str, ast.Module]:
    return {name: tree for name, tree in trees.items() if name.startswith("dags/")}


def test_dag_files_are_short(sources: dict[str, str]) -> None:
    long = {
        name: lines
        for name, text in sources.items()
        if name.startswith("dags/") and (lines := text.count("\n")) > MAX_DAG_LINES
    }
    assert not long, f"at most {MAX_DAG_LINES} lines a DAG file; the work belongs into the package: {long}"


def test_dag_files_import_nothing_heavy(eager_imports: dict[str, set[str]]) -> None:
    heavy = [
        f"{name}: {module}"
        for name, modules in eager_imports.items()
        if name.startswith("dags/")
        for module in sorted(modules)
        if not _is_or_is_below(module, *LIGHT_IMPORTS)
    ]
    assert not heavy, f"the scheduler parses these all the time; import inside the task: {heavy}"


def test_dag_files_hold_no_sql(trees: dict[str, ast.Module]) -> None:
    statements = [
        f"{name}:{node.lineno}"
        for name, tree in _dags(trees).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.search(node.value)
    ]
    assert not statements, f"SQL belongs into sql/ or dbt_project/: {statements}"


def test_dag_files_read_no_environment(trees: dict[str, ast.Module]) -> None:
    readers = [
        f"{name}:{node.lineno}"
        for name, tree in _dags(trees).items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        or (isinstance(node, ast.Name) and node.id in {"environ", "getenv"})
    ]
    assert not readers, f"settings.py alone reads the environment: {readers}"


def test_dag_files_loop_over_nothing(trees: dict[str, ast.Module]) -> None:
    loops = [
        f"{name}:{node.lineno}"
        for name, tree in _dags(trees).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.For | ast.While)
    ]
    assert not loops, f"loops belong into the package, fan-out into expand(): {loops}"


def test_no_dag_file_is_taken_for_a_dbt_plugin(trees: dict[str, ast.Module]) -> None:
    taken = [name for name in _dags(trees) if Path(name).name.startswith("dbt_")]
    assert not taken, f"dbt imports every top-level module named dbt_*; name these otherwise: {taken}"


def test_airflow_is_imported_by_dags_and_the_plugin_file_alone(imports: dict[str, set[str]]) -> None:
    importers = [
        name
        for name, modules in imports.items()
        if not name.startswith(("dags/", "tests/")) and name != PLUGIN
        if any(_is_or_is_below(module, "airflow") for module in modules)
    ]
    assert not importers, f"these import airflow: {importers}"


def test_airflow_crawls_the_plugin_file_and_nothing_else(root: Path, trees: dict[str, ast.Module]) -> None:
    plugins = root / "plugins"
    ignored = pathspec.PathSpec.from_lines(
        "gitwildmatch", (plugins / ".airflowignore").read_text(encoding="utf-8").splitlines()
    )
    crawled = {
        name for name in trees if name.startswith("plugins/") and not ignored.match_file(name.removeprefix("plugins/"))
    }
    assert crawled <= {PLUGIN}, f"name these in plugins/.airflowignore: {sorted(crawled - {PLUGIN})}"
    assert not ignored.match_file(Path(PLUGIN).name), "plugins/.airflowignore hides the plugin file itself"
