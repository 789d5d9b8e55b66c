"""One run of the nightly DAG by Airflow in a process of its own, without a scheduler, watched from here.

`airflow dags test` runs the tasks of the real DAG one after another through Airflow's own task runner, and
leaves the run in Airflow's database, where `up` shows it. Why not the whole stack: docs/decisions, 0006.
"""

import subprocess
import time
from collections.abc import Callable, Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from catalog_embeddings.cli.airflow_home import DAG, AirflowHome, airflow_command
from catalog_embeddings.cli.processes import Child, end
from catalog_embeddings.cli.render import render_plan
from catalog_embeddings.errors import Permanent
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_progress import RunProgress, database_clock, taken_up_since

_LOOK_SECONDS = 0.25


def run_dag(home: AirflowHome, environment: Mapping[str, str], connection: Connection, console: Console) -> RunProgress:
    """Run the DAG and show it to ``console`` as it goes: the plan once it is frozen, then the texts.

    Raises:
        Permanent: the run failed; the sentence says why, and where the log lies.
    """
    since = database_clock(connection)
    with _Display(console) as display:
        failed = _run(home, environment, lambda: display.update(taken_up_since(connection, since)))
        found = taken_up_since(connection, since)
        display.update(found)
    log = home.folder / "logs" / "dag.log"
    if found is None or failed or found.summary is None:
        why = found.error if found and found.error else "it ended before its first step was done"
        raise Permanent(f"the DAG run failed: {why} ({log})")
    return found


def _run(home: AirflowHome, environment: Mapping[str, str], look: Callable[[], None]) -> bool:
    """Whether the run failed; it never outlives this call, however that ends."""
    with (home.folder / "logs" / "dag.log").open("wb") as log:
        process = subprocess.Popen(
            airflow_command("dags", "test", DAG),
            env=home.environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    child = Child.of("dag", process.pid)
    try:
        while process.poll() is None:
            look()
            time.sleep(_LOOK_SECONDS)
    finally:
        end([child])
    return process.returncode != 0


class _Display:
    """A line that says what goes on, then a bar; the plan above it as soon as it is known."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._line = self._progress.add_task("Airflow loads the DAG", total=None)
        self._planned = False

    def __enter__(self) -> "_Display":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, found: RunProgress | None) -> None:
        if found is None:
            return
        if found.plan is None:
            self._progress.update(self._line, description="dbt looks for what changed")
            return
        if not self._planned:
            self._planned = True
            render_plan(self._progress.console, found.plan)
        self._progress.update(
            self._line,
            description="Texts embedded and loaded",
            total=found.plan["distinct_texts"],
            completed=found.texts_done,
        )
