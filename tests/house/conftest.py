"""What the house rules look at: the checkout, its files and its Python, each parsed once."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

PYTHON_ROOMS = ("plugins", "dags", "tests", "benchmarks")


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tracked(root: Path) -> list[str]:
    """Every file that git holds or would take, by its path below the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip(f"git cannot list this checkout: {listing.stderr.strip()}")
    return sorted(name for name in listing.stdout.split("\0") if (root / name).is_file())


@pytest.fixture(scope="session")
def sources(root: Path) -> dict[str, str]:
    """The text of every Python file of the project, by its path below the root."""
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for room in PYTHON_ROOMS
        for path in sorted((root / room).rglob("*.py"))
    }


@pytest.fixture(scope="session")
def trees(sources: dict[str, str]) -> dict[str, ast.Module]:
    """The same files, parsed."""
    return {name: ast.parse(text, name) for name, text in sources.items()}


@pytest.fixture(scope="session")
def package(trees: dict[str, ast.Module]) -> dict[str, ast.Module]:
    """The modules of the package alone, by their path inside it."""
    home = "plugins/catalog_embeddings/"
    return {name.removeprefix(home): tree for name, tree in trees.items() if name.startswith(home)}


def _imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.fixture(scope="session")
def imports(trees: dict[str, ast.Module]) -> dict[str, set[str]]:
    """The modules that each file imports anywhere, inside functions too."""
    return {name: set(_imported(ast.walk(tree))) for name, tree in trees.items()}


@pytest.fixture(scope="session")
def eager_imports(trees: dict[str, ast.Module]) -> dict[str, set[str]]:
    """The modules that each file imports at its top."""
    return {name: set(_imported(tree.body)) for name, tree in trees.items()}
