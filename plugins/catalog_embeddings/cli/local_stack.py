"""The whole stack on this machine: which processes it has, the record of them, how it begins and ends.

The record (stack.json in the state directory) is what lets another terminal end a stack, even one whose
starter was killed. What a process is and how it is ended for certain is processes' business.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from catalog_embeddings.cli.airflow_home import AirflowHome, airflow_command
from catalog_embeddings.cli.processes import Child, end, spawn, wait_until_gone
from catalog_embeddings.errors import ConfigurationError

# The log servers would listen on every address of this machine, and always on the same ports. They are not
# needed here: the api-server reads the files itself.
COMPONENTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}

_START_SECONDS = 300
_END_SECONDS = 30


@dataclass(frozen=True, slots=True)
class StackRecord:
    """What stack.json holds: who started the stack, its other processes, its port, whether it was ready."""

    starter: Child
    children: tuple[Child, ...]
    port: int
    ready: bool = False

    @staticmethod
    def path(state: Path) -> Path:
        """Where the record of the stack with this state directory lies."""
        return state / "stack.json"

    @classmethod
    def read(cls, state: Path) -> "StackRecord | None":
        """The record, None where there is none."""
        try:
            found = json.loads(cls.path(state).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        children = tuple(Child(**child) for child in found["children"])
        return cls(Child(**found["starter"]), children, found["port"], found["ready"])

    def write(self, state: Path) -> None:
        """Replace the record in one step, so that a reader finds the old one or the new one."""
        state.mkdir(parents=True, exist_ok=True)
        fresh = self.path(state).with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)), encoding="utf-8")
        fresh.replace(self.path(state))


class LocalStack:
    """A stack that this process starts: every process goes into the record as soon as it runs."""

    def __init__(self, state: Path, home: AirflowHome) -> None:
        self._state = state
        self._home = home
        self._starter = Child.of("up", os.getpid())
        self._children: list[Child] = []
        self._write()

    def spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Start a process that is part of the stack: it ends with it."""
        child = spawn(name, command, environment, self.log(name))
        self._children.append(child)
        self._write()
        return child

    def log(self, name: str) -> Path:
        """Where a process of the stack writes what it prints."""
        return self._home.folder / "logs" / f"{name}.log"

    def start_airflow(self, environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
        """Start every component and wait until all of them work and the DAGs are there.

        Raises:
            ConfigurationError: a component ended, or took too long; the sentence names its log.
        """
        tell("preparing Airflow's database")
        self._home.prepare_database(environment)
        self._home.prepare_pools(environment)
        since = datetime.now(UTC)
        for name, arguments in COMPONENTS.items():
            self.spawn(name, airflow_command(*arguments), environment)
        deadline = time.monotonic() + _START_SECONDS
        while missing := self._home.missing(since):
            self.refuse_dead()
            if time.monotonic() > deadline:
                log = self.log(missing[0].replace("_", "-"))
                raise ConfigurationError(f"Airflow is not ready after {_START_SECONDS} s: {log} may say why")
            tell(f"waiting for {', '.join(missing)}")
            time.sleep(0.5)
        self._write(ready=True)

    def refuse_dead(self) -> None:
        """Look after the processes.

        Raises:
            ConfigurationError: one has ended by itself; the sentence names its log.
        """
        for child in self._children:
            if not child.is_alive():
                raise ConfigurationError(f"{child.name} has ended: {self.log(child.name)} says why")

    def end(self) -> None:
        """End everything, and the record with it."""
        end(self._children)
        StackRecord.path(self._state).unlink(missing_ok=True)

    def _write(self, ready: bool = False) -> None:
        StackRecord(self._starter, tuple(self._children), self._home.port, ready).write(self._state)


def running_stack(state: Path) -> StackRecord | None:
    """The stack that is up here; None when its starter is gone, whatever it left behind."""
    record = StackRecord.read(state)
    return record if record and record.starter.is_alive() else None


def end_stack(state: Path) -> int:
    """End the recorded stack, however its starter ended; returns how many of its processes were alive."""
    record = StackRecord.read(state)
    if record is None:
        return 0
    alive = sum(child.is_alive() for child in (record.starter, *record.children))
    if record.starter.is_alive():
        starter = psutil.Process(record.starter.pid)
        starter.send_signal(signal.SIGTERM)
        wait_until_gone([starter], _END_SECONDS)
    # The starter may have been killed, or have been too slow.
    end([*record.children, record.starter])
    StackRecord.path(state).unlink(missing_ok=True)
    return alive
