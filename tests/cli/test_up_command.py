"""The whole stack for real: up, a run triggered over Airflow's API, and an end that leaves nothing behind.

The slowest test of the suite (half a minute): it says what a newcomer will see.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from catalog_embeddings.cli.local_platform import free_port
from catalog_embeddings.cli.local_stack import StackRecord
from catalog_embeddings.cli.processes import own_command, session_of

CATALOG = '{"item_id": "kettle", "title": "A kettle"}\n{"item_id": "pan", "title": "A frying pan"}\n'
ELSEWHERE = ("CATALOG_EMBEDDINGS_", "OPENAI_", "AIRFLOW_")


class Shell:
    """A terminal in a folder of its own, where nothing is configured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / ".catalog-embeddings"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ELSEWHERE)}
        self._environment = {**inherited, "PYTHONPATH": os.pathsep.join(sys.path)}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            own_command(*arguments),
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )

    def processes(self) -> list[psutil.Process]:
        """Everything that lives of this folder's stack and database, zombies aside."""
        record = StackRecord.read(self.state)
        children = (record.starter, *record.children) if record else ()
        found = [process for child in children for process in session_of(child)]
        postmaster = self.state / "postgres" / "postmaster.pid"
        if postmaster.exists() and psutil.pid_exists(pid := int(postmaster.read_text().splitlines()[0])):
            found.append(psutil.Process(pid))
        return found


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    shell("down")


class Airflow:
    """Airflow's public API, as its own page uses it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._token = str(self.ask("GET", "/auth/token")["access_token"])

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {getattr(self, '_token', '')}"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert response.status in (200, 201), answer
        return dict(answer)


def _finished_run(airflow: Airflow, runs: str, run: str, seconds: float = 400) -> str:
    deadline = time.monotonic() + seconds
    while (state := airflow.ask("GET", f"{runs}/{run}")["state"]) in ("queued", "running"):
        assert time.monotonic() < deadline, airflow.ask("GET", f"{runs}/{run}/taskInstances")
        time.sleep(0.5)
    return str(state)


# Minutes on a machine that is busy otherwise.
@pytest.mark.timeout(900)
def test_up_serves_a_run_and_down_ends_all_of_it_even_after_a_kill(shell: Shell) -> None:
    port = free_port()
    (shell.folder / "catalog.jsonl").write_text(CATALOG, encoding="utf-8")
    up = shell("up", "--port", str(port), "--catalog", "catalog.jsonl", "--detach", "--json")
    assert up.returncode == 0, up.stderr
    assert json.loads(up.stdout)["address"] == f"http://127.0.0.1:{port}"

    second = shell("up", "--port", str(port))
    assert second.returncode == 2
    assert f"is up already, on port {port}" in " ".join(second.stderr.split())

    airflow = Airflow(port)
    plugins = airflow.ask("GET", "/api/v2/plugins")["plugins"]
    assert [plugin["name"] for plugin in plugins].count("catalog_embeddings") == 1
    runs = "/api/v2/dags/generate_product_embeddings/dagRuns"
    assert airflow.ask("GET", runs)["total_entries"] == 0, "a run was started that nobody asked for"

    run = airflow.ask("POST", runs, {"logical_date": None, "conf": {"max_cost_usd": 1}})["dag_run_id"]
    assert _finished_run(airflow, runs, run) == "success"
    events = airflow.ask("GET", "/api/v2/assets/events")["asset_events"]
    assert [event["extra"]["loaded"] for event in events] == [2]

    record = StackRecord.read(shell.state)
    assert record is not None
    before = shell.processes()
    assert len(before) > 6
    psutil.Process(record.starter.pid).kill()

    down = shell("down", "--json")
    assert down.returncode == 0, down.stderr
    assert json.loads(down.stdout)["ended"] == len(record.children)
    alive = [process for process in before if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert alive == []
    assert json.loads(shell("down", "--json").stdout)["ended"] == 0


def test_a_taken_port_is_said_before_anything_is_started(shell: Shell) -> None:

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        up = shell("up", "--port", str(port))
    assert up.returncode == 2
    assert f"port {port} is taken by another program" in " ".join(up.stderr.split())
    assert shell.processes() == []
