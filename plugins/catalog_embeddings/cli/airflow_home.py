"""Airflow's home on this machine: its settings, its SQLite database, its pool, and how to ask it how it is.

Airflow is spoken to through its command line and its HTTP API alone; the package never imports it. Which of
its processes run, and for how long, is left to local_stack and to the demo.
"""

import http.client
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from catalog_embeddings import resources
from catalog_embeddings.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
DAG = "generate_product_embeddings"

# As many slots as requests may be in flight; the DAGs say how many of them a task takes.
POOLS = {"embedding_api": {"slots": 10, "description": "Requests in flight to the embeddings API"}}

# The components whose heartbeat the api-server knows.
_WATCHED = ("scheduler", "dag_processor", "triggerer")


@dataclass(frozen=True)
class AirflowHome:
    """A folder that holds all of one Airflow, and the port its web UI has or would have."""

    folder: Path
    port: int = 8080

    @property
    def address(self) -> str:
        """Where a browser finds the UI."""
        return f"http://{LOOPBACK}:{self.port}"

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The environment of every process of this Airflow: what is inherited, and this Airflow's settings."""
        # A variable meant for another Airflow, perhaps a real one, must not leak into this one.
        foreign = {name for name in inherited if name.startswith("AIRFLOW_")}
        return {name: inherited[name] for name in inherited.keys() - foreign} | self._settings()

    def _settings(self) -> dict[str, str]:
        plugins = resources.plugins_directory()
        sections = {
            "CORE__DAGS_FOLDER": str(resources.dags_directory()),
            # An installed wheel lies in site-packages, which Airflow must not crawl.
            "CORE__PLUGINS_FOLDER": str(plugins if (plugins / ".airflowignore").exists() else self.folder / "plugins"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": "8",  # 32 workers of 32 MB would idle otherwise
            # Safe to unpause: no schedule of ours starts a run by that alone.
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            # Nobody logs in, because nobody but this machine can reach it: see API__HOST.
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.address}/execution/",
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.folder / 'airflow.db'}",
            "API__HOST": LOOPBACK,
            "API__PORT": str(self.port),
            "API__BASE_URL": self.address,
            "API__WORKERS": "1",
            "API__INSTANCE_NAME": "catalog-embeddings",
            "LOGGING__BASE_LOG_FOLDER": str(self.folder / "logs"),
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        settings = {f"AIRFLOW__{name}": value for name, value in sections.items()}
        return settings | {"AIRFLOW_HOME": str(self.folder), "NO_COLOR": "1"}

    def prepare_database(self, environment: Mapping[str, str]) -> None:
        """Bring the database to this Airflow's schema: seconds once, nothing after that.

        Raises:
            ConfigurationError: Airflow refused; the sentence names the log that says why.
        """
        self._once(["db", "migrate"], version("apache-airflow-core"), environment)

    def prepare_pools(self, environment: Mapping[str, str]) -> None:
        """Make the pools, which no setting can: seconds once, nothing after that.

        Raises:
            ConfigurationError: Airflow refused; the sentence names the log that says why.
        """
        pools = self.folder / "pools.json"
        pools.write_text(json.dumps(POOLS), encoding="utf-8")
        self._once(["pools", "import", str(pools)], json.dumps(POOLS), environment)

    def _once(self, arguments: list[str], purpose: str, environment: Mapping[str, str]) -> None:
        """Run a command of Airflow's, unless it was run for the same purpose before: each takes seconds to start."""
        name = "-".join(arguments[:2])
        done = self.folder / f".{name}"
        if done.exists() and done.read_text(encoding="utf-8") == purpose:
            return
        log = self.folder / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            finished = subprocess.run(
                airflow_command(*arguments),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        if finished.returncode != 0:
            raise ConfigurationError(f"`airflow {' '.join(arguments[:2])}` failed: {log} says why")
        done.write_text(purpose, encoding="utf-8")

    def missing(self, since: datetime) -> list[str]:
        """What is not up yet: components without a heartbeat after ``since``, or the DAGs; [] when ready."""
        health = self._get("/api/v2/monitor/health")
        if health is None:
            return ["api-server"]
        silent = [
            component for component in _WATCHED if not _beats(health[component][f"latest_{component}_heartbeat"], since)
        ]
        return silent or ([] if self._get(f"/api/v2/dags/{DAG}") else ["DAGs"])

    def _get(self, path: str) -> dict[str, Any] | None:
        """One answer of the API; None while nothing answers, or not with success."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/auth/token")
            token = json.loads(connection.getresponse().read())["access_token"]
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return None
        finally:
            connection.close()
        return dict(json.loads(body)) if response.status == 200 else None


def airflow_command(*arguments: str) -> list[str]:
    """Airflow's command line, by the interpreter that runs this: no need to be on PATH."""
    return [sys.executable, "-m", "airflow", *arguments]


def _beats(heartbeat: str | None, since: datetime) -> bool:
    return heartbeat is not None and datetime.fromisoformat(heartbeat) >= since
