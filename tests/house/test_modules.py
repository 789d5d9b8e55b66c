"""Every module is small, says what it knows, is named after it, and has its tests beside it."""

import ast
from collections.abc import Iterator
from pathlib import Path

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60
NAMELESS_MODULES = {"base", "common", "core", "helpers", "misc", "shared", "utils"}
NAMELESS_CLASSES = ("Handler", "Helper", "Manager", "Service", "Utils")

# module -> why no file of its own tests it
TESTED_ELSEWHERE: dict[str, str] = {}


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _has_logic(tree: ast.Module) -> bool:
    """Whether some function does more than return one thing; a dataclass with `as_json` has no logic."""
    return any(
        len(function.body) - bool(ast.get_docstring(function)) > 1
        for function in _functions(tree)
        if not (function.name.startswith("__") and function.name.endswith("__"))
    )


def _test_of(module: str) -> str:
    path = Path(module)
    return (Path("tests") / path.parent / f"test_{path.name}").as_posix()


def test_the_package_is_there(package: dict[str, ast.Module]) -> None:
    assert "errors.py" in package


def test_every_module_says_what_it_is_about(trees: dict[str, ast.Module]) -> None:
    silent = [
        name
        for name, tree in trees.items()
        if len((docstring := ast.get_docstring(tree) or "").split()) < 4 or "." not in docstring
    ]
    assert not silent, f"begin these with a docstring of at least a sentence: {silent}"


def test_modules_are_short(sources: dict[str, str]) -> None:
    long = {name: lines for name, text in sources.items() if (lines := text.count("\n")) > MAX_MODULE_LINES}
    assert not long, f"at most {MAX_MODULE_LINES} lines a module; divide these by what they know: {long}"


def test_functions_are_short(trees: dict[str, ast.Module]) -> None:
    long = {
        f"{name}:{function.lineno} {function.name}": lines
        for name, tree in trees.items()
        for function in _functions(tree)
        if (lines := (function.end_lineno or function.lineno) - function.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert not long, f"at most {MAX_FUNCTION_LINES} lines a function: {long}"


def test_modules_are_named_after_what_they_know(trees: dict[str, ast.Module]) -> None:
    nameless = [name for name in trees if NAMELESS_MODULES & set(Path(name).with_suffix("").parts)]
    assert not nameless, f"name these after what they know, not after whom they serve: {nameless}"


def test_classes_are_named_after_what_they_are(package: dict[str, ast.Module]) -> None:
    nameless = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in package.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(NAMELESS_CLASSES)
    ]
    assert not nameless, f"a noun of the domain says more than {NAMELESS_CLASSES}: {nameless}"


def test_every_module_with_logic_has_its_test_module(root: Path, package: dict[str, ast.Module]) -> None:
    missing = {
        module: _test_of(module)
        for module, tree in package.items()
        if not Path(module).name.startswith("__") and _has_logic(tree) and module not in TESTED_ELSEWHERE
        if not (root / _test_of(module)).is_file()
    }
    assert not missing, f"write these test modules, or say in TESTED_ELSEWHERE why not: {missing}"


def test_no_exemption_is_out_of_date(root: Path, package: dict[str, ast.Module]) -> None:
    stale = [module for module in TESTED_ELSEWHERE if module not in package or (root / _test_of(module)).is_file()]
    assert not stale, f"take these out of TESTED_ELSEWHERE: {stale}"
