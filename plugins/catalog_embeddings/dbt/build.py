"""One dbt build in a process of its own, and what became of each model and test.

Knows dbt's command line and its run_results.json. Leaves to dbt_project/ what is built, and to the caller that
no two builds of one database run at once.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg.pq import Conninfo

from catalog_embeddings.errors import CatalogEmbeddingsError, ConfigurationError, Permanent, ServerFailed
from catalog_embeddings.resources import dbt_project_directory

_PARTIAL_PARSE = "partial_parse.msgpack"
_FAILED = {"error", "fail", "runtime error"}

# 12:34:56  Encountered an error:
# Database Error in model catalog_items (models/marts/catalog_items.sql)
_HEADING = re.compile(r".*Encountered an error:|(Database|Runtime|Compilation) Error( in .*)?")

# dbt, which ends when its standard input does: when whoever started it was killed. Left alone it would go on building
# the tables that the next run's build is about to replace.
#
# Importing dbt makes nothing that could be thrown away; that is not looked for, which saves a fifth of dbt's start.
_DBT = """
import gc, os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
gc.disable()
from dbt.cli.main import cli
gc.freeze()
gc.enable()
cli()
"""

# How libpq and Postgres say that a statement was cut off rather than wrong.
_CUT_OFF = (
    "connection to server",
    "could not receive data",
    "deadlock detected",
    "server closed the connection",
    "terminating connection",
)


@dataclass(frozen=True)
class ModelStatus:
    """What became of one node of the build.

    ``kind`` is dbt's word (model, test, operation), ``status`` too (success, pass, warn, fail, error, skipped);
    ``seconds`` is wall time; ``rows`` counts what a table was built from, None where nothing was counted;
    ``message`` is the first line of what went wrong, else empty.
    """

    name: str
    kind: str
    status: str
    seconds: float
    rows: int | None
    message: str


def dbt_build(database_url: str, *, target_directory: Path, log: Callable[[str], None]) -> list[ModelStatus]:
    """Build and test every model, and log a line for each.

    ``target_directory`` keeps what dbt parsed, so that the next build starts faster. Everything else dbt writes
    is gone with the call: its own files quote the rows of a failure.

    Raises:
        ConfigurationError: the address is malformed.
        ServerFailed: the database cannot be reached, or was lost on the way.
        Permanent: a model or a data test failed, and was not tagged as a mere report; the message names it.
    """
    environment = _environment(database_url)
    _require_database(database_url)
    target_directory = target_directory.resolve()
    target_directory.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="build-", dir=target_directory) as directory:
        run_directory = Path(directory)
        finished = _run(_command(run_directory, target_directory / _PARTIAL_PARSE), run_directory, environment)
        if (run_directory / _PARTIAL_PARSE).exists():
            (run_directory / _PARTIAL_PARSE).replace(target_directory / _PARTIAL_PARSE)
        statuses = _read_results(run_directory / "run_results.json")
        reports = _reports(run_directory / "manifest.json") if finished.returncode else set()
    for status in statuses:
        log(_line(status))
    failed = [status for status in statuses if status.status in _FAILED]
    if finished.returncode != 0 and not (failed and all(status.name in reports for status in failed)):
        _require_database(database_url)
        raise _failure(failed, finished.stdout)
    return statuses


def _command(run_directory: Path, partial_parse: Path) -> list[str]:
    project = str(dbt_project_directory())
    # -P: a folder that happens to lie in the working directory is never imported for dbt.
    command = [
        sys.executable,
        "-P",
        "-c",
        _DBT,
        "--quiet",
        "--no-use-colors",
    ]
    command += ["--no-send-anonymous-usage-stats", "--no-version-check", "--log-level-file", "none"]
    command += ["build", "--project-dir", project, "--profiles-dir", project]
    command += ["--target-path", str(run_directory), "--log-path", str(run_directory)]
    # Unit tests hold for the SQL whatever the data is: they run where the SQL changes, not every night.
    command += ["--exclude-resource-type", "unit_test"]
    if partial_parse.exists():
        command += ["--partial-parse-file-path", str(partial_parse)]
    return command


def _run(command: list[str], directory: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    # Its standard input stays open for as long as this process lives: see _DBT.
    with subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as dbt:
        output = dbt.stdout.read() if dbt.stdout else ""
    return subprocess.CompletedProcess(command, dbt.returncode, output)


def _environment(database_url: str) -> dict[str, str]:
    """This process's environment with the address as libpq's variables, and without a person's own dbt settings."""
    try:
        options = Conninfo.parse(database_url.encode())
    except psycopg.OperationalError:
        # libpq's sentence may quote the address, and the address may hold a password.
        raise ConfigurationError(
            "the database address is not one that Postgres understands; "
            "it looks like postgresql://user:password@host:5432/database"
        ) from None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    for option in options:
        if option.val is not None and option.envvar is not None:
            environment[option.envvar.decode()] = option.val.decode()
    return environment


def _require_database(database_url: str) -> None:
    """Ask Postgres itself whether it is there: cheaper than starting dbt, and surer than reading its messages."""
    try:
        psycopg.connect(database_url, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise ServerFailed(f"dbt cannot build without the database: {reason}") from error


def _read_results(path: Path) -> list[ModelStatus]:
    if not path.exists():
        return []
    return [_status(result) for result in json.loads(path.read_text(encoding="utf-8"))["results"]]


def _status(result: dict[str, Any]) -> ModelStatus:
    # model.catalog_embeddings.catalog_items, or test.catalog_embeddings.not_null_x_y.9c8e7d
    kind, _, name, *_ = result["unique_id"].split(".")
    return ModelStatus(
        name=name,
        kind=kind,
        status=result["status"],
        seconds=result["execution_time"],
        rows=result["adapter_response"].get("rows_affected") if kind == "model" else None,
        message=_first_line(result["message"] or "") if result["status"] in _FAILED else "",
    )


def _first_line(message: str) -> str:
    """What went wrong, without dbt's headings above it and without the lines below, which may quote the data."""
    lines = (line.strip() for line in message.splitlines())
    return next((line for line in lines if line and not _HEADING.fullmatch(line)), "dbt gave no reason")


def _line(status: ModelStatus) -> str:
    rows = "" if status.rows is None or status.rows < 0 else f", {status.rows} rows"
    reason = f": {status.message}" if status.message else ""
    return f"dbt {status.kind} {status.name}: {status.status} in {status.seconds:.1f} s{rows}{reason}"


def _reports(manifest: Path) -> set[str]:
    """What nothing else is made of: where it fails, the log says so, and the night goes on."""
    if not manifest.exists():
        return set()
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return {node["name"] for node in nodes if "report" in node["tags"]}


def _failure(failed: list[ModelStatus], output: str) -> CatalogEmbeddingsError:
    if failed:
        first, others = failed[0], len(failed) - 1
        reason = f"{first.kind} {first.name}: {first.message}" + (f" (and {others} more failed)" if others else "")
    else:
        reason = _first_line(output)
    if any(words in reason for words in _CUT_OFF):
        return ServerFailed(f"the dbt build lost the database: {reason}; run again once it is back")
    return Permanent(
        f"the dbt build failed at {reason}; nothing was embedded. Mend the catalog or the model, then run again"
    )
