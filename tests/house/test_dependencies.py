"""What is imported is declared; what is declared is locked by name, version and hash, and names no index."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OWN = {
    "benchmarks",
    "catalog_embeddings",
    "closing_steps",
    "embedding_steps",
    "enrichment_steps",
    "search",
    "shard_step",
    "tests",
    "timed_run",
}
# A distribution without modules of its own, which stands for those that have them.
UMBRELLAS = {"airflow": ["apache-airflow"]}
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==[^\s;]+(?: ; .+?)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")


def _names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(requirement).name) for requirement in requirements}


@pytest.fixture(scope="session")
def project(root: Path) -> dict[str, Any]:
    declared: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return declared


@pytest.fixture(scope="session")
def lock(root: Path) -> list[str]:
    return (root / "constraints.txt").read_text(encoding="utf-8").splitlines()


def _undeclared(imports: dict[str, set[str]], declared: set[str]) -> list[str]:
    distributions = {**packages_distributions(), **UMBRELLAS}
    foreign = {
        f"{name}: {top}": {canonicalize_name(provider) for provider in distributions.get(top, [top])}
        for name, modules in imports.items()
        for top in {module.split(".")[0] for module in modules} - OWN - sys.stdlib_module_names
    }
    return sorted(place for place, providers in foreign.items() if not providers & declared)


def test_what_the_package_imports_is_declared(imports: dict[str, set[str]], project: dict[str, Any]) -> None:
    declared = _names(project["dependencies"] + project["optional-dependencies"]["local"])
    shipped = {name: modules for name, modules in imports.items() if name.startswith(("plugins/", "dags/"))}
    undeclared = _undeclared(shipped, declared)
    assert not undeclared, f"add these to dependencies in pyproject.toml: {undeclared}"


def test_what_tests_and_benchmarks_import_is_declared(imports: dict[str, set[str]], project: dict[str, Any]) -> None:
    extras = project["optional-dependencies"]
    declared = _names(project["dependencies"] + extras["local"] + extras["dev"])
    undeclared = _undeclared(imports, declared)
    assert not undeclared, f"add these to the extra `dev` in pyproject.toml: {undeclared}"


def test_every_direct_dependency_is_locked(lock: list[str], project: dict[str, Any]) -> None:
    locked = {canonicalize_name(pin["name"]) for line in lock if (pin := PIN.fullmatch(line))}
    missing = _names(project["dependencies"] + project["optional-dependencies"]["dev"]) - locked
    assert not missing, f"run `make lock`: {sorted(missing)}"


def test_the_lock_holds_pins_with_hashes_and_nothing_else(lock: list[str]) -> None:
    strange = [line for line in lock if not (PIN.fullmatch(line) or HASH.fullmatch(line))]
    assert not strange, f"neither a pin nor a hash: {strange}"
    unhashed = [
        line
        for line, following in zip(lock, [*lock[1:], ""], strict=True)
        if PIN.fullmatch(line) and not HASH.fullmatch(following)
    ]
    assert not unhashed, f"without a hash: {unhashed}"
