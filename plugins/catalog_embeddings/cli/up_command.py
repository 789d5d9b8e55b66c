"""The commands ``up`` and ``down``: the whole stack on this machine, and its end.

Knows the order of things and what a person is told; the parts are local_platform's and local_stack's.
"""

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.airflow_home import DAG, AirflowHome
from catalog_embeddings.cli.catalog_file import CatalogFile
from catalog_embeddings.cli.local_platform import (
    LocalEmulator,
    has_endpoint,
    local_database,
    refuse_taken_port,
    state_directory,
)
from catalog_embeddings.cli.local_stack import LocalStack, StackRecord, end_stack, running_stack
from catalog_embeddings.cli.output import JsonFlag, answer, notes
from catalog_embeddings.cli.processes import ignore_signals, interrupted_by_signals, own_command, spawn
from catalog_embeddings.errors import ConfigurationError, InputError
from catalog_embeddings.postgres.embedded import stop_abandoned


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of Airflow's web page, on loopback.")] = 8080,
    catalog: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A catalog to import.")] = None,
    detach: Annotated[bool, typer.Option(help="Return when it is ready; `down` ends it.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Start Airflow with its web page, the DAGs, a database and an embeddings API; Ctrl-C ends all of it."""
    state = state_directory()
    if running := running_stack(state):
        raise InputError(
            f"a stack of this directory is up already, on port {running.port}: `catalog-embeddings down` ends it"
        )
    end_stack(state)  # what a killed one left behind
    refuse_taken_port(port)
    home = AirflowHome(state / "airflow", port)
    emulated = not has_endpoint()
    if detach:
        _start_detached(state, home, catalog)
        _announce(home, emulated, as_json)
    else:
        try:
            with interrupted_by_signals():
                _serve(state, home, catalog, emulated, as_json)
        except KeyboardInterrupt:
            notes.print("Ended.")  # the way `up` is meant to end


def down(as_json: JsonFlag = False) -> None:
    """End everything that `up` started in this directory, also when it was killed."""
    state = state_directory()
    ended = end_stack(state)
    stop_abandoned(state / "postgres")
    said = f"Ended {ended} processes." if ended else "Nothing of this directory is up."
    answer({"ended": ended}, as_json, lambda console: console.print(said))


def _serve(state: Path, home: AirflowHome, catalog: Path | None, emulated: bool, as_json: bool) -> None:
    """Start the parts, each after what it needs, and live until a signal ends them in the opposite order."""
    with ExitStack() as parts, notes.status("starting the database") as status:
        stack = LocalStack(state, home)
        parts.callback(stack.end)
        parts.enter_context(local_database())
        parts.callback(_begin_the_end)
        if emulated:
            status.update("starting the emulator of the embeddings API")
            emulator = LocalEmulator()
            child = stack.spawn("emulator", emulator.command, os.environ)
            emulator.wait_until_ready(child, stack.log("emulator"))
            os.environ.update(emulator.environment)
        if catalog is not None:
            status.update("importing the catalog")
            with bootstrap.open_database() as connection:
                CatalogFile.recognised(catalog).bring_in(connection)
        stack.start_airflow(home.environment(os.environ), status.update)
        status.stop()
        _announce(home, emulated, as_json)
        while True:
            time.sleep(1)
            stack.refuse_dead()


def _start_detached(state: Path, home: AirflowHome, catalog: Path | None) -> None:
    """The same in a process of its own, which is left alone once it is ready."""
    file = ["--catalog", str(catalog.resolve())] if catalog else []
    log = home.folder / "logs" / "up.log"
    child = spawn("up", own_command("up", "--port", str(home.port), *file), os.environ, log)
    with notes.status("starting, in the background"):
        while (record := StackRecord.read(state)) is None or not record.ready:
            if not child.is_alive():
                last = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
                raise ConfigurationError(f"the stack did not come up: {' '.join(last)} ({log})")
            time.sleep(0.2)


def _begin_the_end() -> None:
    ignore_signals()
    notes.print("Ending everything …")


def _announce(home: AirflowHome, emulated: bool, as_json: bool) -> None:
    def render(console: Console) -> None:
        console.print(f"\n[bold green]Up:[/] [bold]{home.address}[/]")
        console.print("  Nobody logs in: it listens on this machine's loopback address alone.")
        console.print(f"  Embeddings API: {'the emulator, which costs nothing' if emulated else 'the configured one'}")
        console.print(f"  Trigger {DAG} on the page; by itself it runs at 02:00 UTC.")
        console.print("  `catalog-embeddings down` ends all of it.")

    told = {"address": home.address, "state_directory": str(home.folder.parent), "emulated": emulated}
    answer(told, as_json, render)
