"""Airflow's settings on this machine; that they make a working Airflow is tested with `up`."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_embeddings.cli.airflow_home import AirflowHome
from catalog_embeddings.cli.local_platform import free_port
from catalog_embeddings.errors import ConfigurationError


def test_all_of_airflow_lies_in_its_folder_and_agrees_on_one_loopback_address(tmp_path: Path) -> None:
    environment = AirflowHome(tmp_path, 8123).environment({})
    assert environment["AIRFLOW_HOME"] == str(tmp_path)
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"sqlite:///{tmp_path}/airflow.db"
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__API__PORT"] == "8123"
    assert environment["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:8123"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"


def test_settings_of_another_airflow_do_not_leak_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://production")
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", "postgresql://production")
    environment = AirflowHome(tmp_path).environment(os.environ)
    assert not [name for name, value in environment.items() if "production" in value]
    assert environment["PATH"] == os.environ["PATH"]


def test_the_plugins_folder_is_never_site_packages(tmp_path: Path) -> None:
    folder = Path(AirflowHome(tmp_path).environment({})["AIRFLOW__CORE__PLUGINS_FOLDER"])
    assert (folder / ".airflowignore").exists() or folder.parent == tmp_path


def test_nothing_is_up_before_anything_is_started(tmp_path: Path) -> None:
    assert AirflowHome(tmp_path, free_port()).missing(datetime.now(UTC)) == ["api-server"]


def test_a_refusal_of_airflow_names_the_log(tmp_path: Path) -> None:
    home = AirflowHome(tmp_path)
    unreachable = home.environment({}) | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:////no/such/folder/db"}
    with pytest.raises(ConfigurationError, match=r"`airflow db migrate` failed: .*db-migrate\.log says why"):
        home.prepare_database(unreachable)
    assert (tmp_path / "logs" / "db-migrate.log").read_text()
