"""Where the files that are not Python lie: sql/, dbt_project/, dags/ and the sample catalog.

In a checkout they stand at the top level; in an installed wheel they travel inside the package, under the
same names. Nothing else in the package asks where it was installed.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent

SAMPLE_CATALOG = _PACKAGE / "sample" / "catalog.jsonl"


def _directory(name: str) -> Path:
    packaged = _PACKAGE / name
    return packaged if packaged.is_dir() else _CHECKOUT / name


def sql_directory() -> Path:
    """The folder that holds migrations/, functions/, views/ and queries/."""
    return _directory("sql")


def dbt_project_directory() -> Path:
    """The folder that holds dbt_project.yml."""
    return _directory("dbt_project")


def dags_directory() -> Path:
    """The folder of DAG files."""
    return _directory("dags")


def plugins_directory() -> Path:
    """The folder that Airflow is told to read plugins from."""
    return _PACKAGE.parent
