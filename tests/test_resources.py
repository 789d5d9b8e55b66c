"""Where the files that are not Python are found: beside the package in a checkout, inside it in a wheel."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

from catalog_embeddings import resources


def test_a_checkout_has_them_at_the_top() -> None:
    assert (resources.sql_directory() / "migrations").is_dir()
    assert (resources.sql_directory() / "queries").is_dir()
    assert (resources.dbt_project_directory() / "dbt_project.yml").is_file()
    assert list(resources.dags_directory().glob("*.py"))
    assert (resources.plugins_directory() / "catalog_embeddings" / "resources.py").is_file()
    assert resources.SAMPLE_CATALOG.is_file()


def installed_in(package: Path) -> ModuleType:
    """The module as it is when the package lies elsewhere."""
    package.mkdir(parents=True)
    copy = shutil.copy(resources.__file__, package)
    spec = importlib.util.spec_from_file_location("resources_elsewhere", copy)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_wheel_has_them_inside_the_package(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "catalog_embeddings"
    elsewhere = installed_in(package)
    for name in ("sql", "dbt_project", "dags"):
        (package / name).mkdir()
    assert elsewhere.sql_directory() == package / "sql"
    assert elsewhere.dbt_project_directory() == package / "dbt_project"
    assert elsewhere.dags_directory() == package / "dags"
    assert elsewhere.plugins_directory() == package.parent


def test_a_folder_of_the_same_name_beside_an_installed_package_is_not_taken_for_ours(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "catalog_embeddings"
    elsewhere = installed_in(package)
    (tmp_path / "sql").mkdir()
    (package / "sql").mkdir()
    assert elsewhere.sql_directory() == package / "sql"
