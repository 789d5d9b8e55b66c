"""What Airflow adds: CPU seconds of a nightly DAG run by the whole stack, beside the same run by the command.

The same catalog of made-up products and the same emulator without latency, each time on a platform of its own: once
`catalog-embeddings run`, and once `catalog-embeddings up` with the DAG triggered over Airflow's API. Counted is the
CPU of every process of ours and of Airflow's, those that have ended too, but not Postgres' and the emulator's, which
do the same work both times. What the stack takes while nothing runs is measured first and taken away: it is there
whether a DAG runs or not.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from catalog_embeddings.cli.airflow_home import DAG
from catalog_embeddings.cli.local_platform import free_port
from catalog_embeddings.cli.local_stack import COMPONENTS, StackRecord
from catalog_embeddings.cli.processes import own_command
from catalog_embeddings.emulator.serve import Emulator, background

_IDLE_SECONDS = 30
_WORDS = "cotton steel wooden compact durable adjustable portable slim folding charger lamp kettle jacket backpack"


def main() -> None:
    """Run both, and print what each took."""
    options = _options()
    with background() as emulator:
        command = _command(emulator, options.items, options.folder)
        calls = emulator.stats()["embedding_requests"]
        emulator.reset()
        parts, tasks, idle = _stack(emulator, options.items, options.folder)
        if emulator.stats()["embedding_requests"] != calls:
            sys.exit(f"the DAG made {emulator.stats()['embedding_requests']} calls, the command {calls}")
    dag = sum(parts.values())
    table = Table(f"{options.items:,} items, {calls} calls", "CPU seconds", box=box.MARKDOWN)
    table.add_row("`catalog-embeddings run`, with dbt", f"{command:.1f}")
    table.add_row("the DAG, with everything of Airflow's", f"{dag:.1f}")
    for name, seconds in parts.items():
        table.add_row(f"- {name}", f"{seconds:.1f}")
    table.add_row("what Airflow adds", f"{dag - command:.1f}")
    console = Console()
    console.print(table)
    console.print(_task_table(tasks))
    console.print(f"The stack takes {idle:.2f} CPU seconds a second while nothing runs; that is not counted above.")


def _command(emulator: Emulator, items: int, folder: Path | None) -> float:
    """CPU seconds of `catalog-embeddings run` over a new catalog, import and schema apart."""
    with _place(items, folder) as (state, environment):
        _call(state, environment | _api(emulator), "migrate")
        _call(state, environment | _api(emulator), "import", "catalog.jsonl")
        before = _children_seconds()
        _call(state, environment | _api(emulator), "run", "--json")
        return _children_seconds() - before


def _stack(emulator: Emulator, items: int, folder: Path | None) -> tuple[dict[str, float], list[dict[str, Any]], float]:
    """CPU seconds by component of a run of the DAG, its task instances, and CPU seconds a second of the idle stack."""
    port = free_port()
    with _place(items, folder) as (state, nothing_configured):
        environment = nothing_configured | _api(emulator)
        try:
            _call(state, environment, "up", "--port", str(port), "--catalog", "catalog.jsonl", "--detach")
            airflow = _Airflow(port)
            # The first minute parses and settles.
            time.sleep(_IDLE_SECONDS)
            resting, rested_at = _components(state), time.monotonic()
            time.sleep(_IDLE_SECONDS)
            before, began = _components(state), time.monotonic()
            idle = {name: (before[name] - resting[name]) / (began - rested_at) for name in before}
            run = airflow.ask("POST", f"/api/v2/dags/{DAG}/dagRuns", {"logical_date": None})["dag_run_id"]
            found = f"/api/v2/dags/{DAG}/dagRuns/{run}"
            while (ended := airflow.ask("GET", found)["state"]) in ("queued", "running"):
                time.sleep(0.5)
            after, seconds = _components(state), time.monotonic() - began
            if ended != "success":
                sys.exit(f"the DAG run ended as {ended}")
            tasks = airflow.ask("GET", f"{found}/taskInstances")["task_instances"]
        finally:
            _call(state, environment, "down")
    parts = {name: max(0.0, after[name] - before[name] - idle[name] * seconds) for name in before}
    return parts, tasks, sum(idle.values())


def _components(state: Path) -> dict[str, float]:
    """CPU seconds so far of each of Airflow's components, with the processes it has started and seen end."""
    record = StackRecord.read(state / ".catalog-embeddings")
    if record is None:
        sys.exit("the stack is not up")
    return {child.name: _tree_seconds(child.pid) for child in record.children if child.name in COMPONENTS}


def _tree_seconds(pid: int) -> float:
    process = psutil.Process(pid)
    seconds = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def _children_seconds() -> float:
    """CPU seconds of the processes this one has started and waited for."""
    times = os.times()
    return times.children_user + times.children_system


class _Airflow:
    """Airflow's public API, as its own page uses it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._headers = {"Content-Type": "application/json"}
        self._headers["Authorization"] = f"Bearer {self.ask('GET', '/auth/token')['access_token']}"

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body), self._headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        if response.status not in (200, 201):
            sys.exit(f"Airflow answers {response.status}: {answer}")
        return dict(answer)


@contextmanager
def _place(items: int, folder: Path | None) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with a catalog file, and an environment in which nothing is configured."""
    with TemporaryDirectory(prefix="airflow-", dir=folder, ignore_cleanup_errors=True) as name:
        place = Path(name)
        # The server's own user has to reach its folder.
        place.chmod(0o755)
        known = _WORDS.split()
        with (place / "catalog.jsonl").open("w", encoding="utf-8") as file:
            for number in range(items):
                words = " ".join(known[(number * 7 + word * (1 + number % 11)) % len(known)] for word in range(58))
                line = {"item_id": f"item-{number}", "title": f"Product {number}", "description": words}
                file.write(json.dumps(line) + "\n")
        foreign = ("CATALOG_EMBEDDINGS_", "OPENAI_", "AIRFLOW_")
        yield place, {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def _api(emulator: Emulator) -> dict[str, str]:
    return {"OPENAI_BASE_URL": emulator.url, "OPENAI_API_KEY": "emulator"}


def _call(place: Path, environment: Mapping[str, str], *arguments: str) -> None:
    ended = subprocess.run(
        own_command(*arguments), cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        sys.exit(f"`catalog-embeddings {' '.join(arguments)}` failed:\n{ended.stderr[-2000:]}")


def _task_table(tasks: list[dict[str, Any]]) -> Table:
    table = Table("task", "seconds", "state", box=box.MARKDOWN)
    for task in sorted(tasks, key=lambda task: str(task["start_date"])):
        seconds = "" if task["duration"] is None else f"{task['duration']:.1f}"
        table.add_row(task["task_id"], seconds, task["state"])
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="where the data lies meanwhile; 1 GB")
    return parser.parse_args()


if __name__ == "__main__":
    main()
