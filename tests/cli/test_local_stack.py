"""The record of a stack, and ending what it names; the whole of it is tested with `up`."""

import os
import sys
from pathlib import Path

from catalog_embeddings.cli.airflow_home import AirflowHome
from catalog_embeddings.cli.local_stack import LocalStack, StackRecord, end_stack, running_stack
from catalog_embeddings.cli.processes import Child

SLEEP = [sys.executable, "-c", "import time; time.sleep(300)"]


def _stack(state: Path) -> LocalStack:
    return LocalStack(state, AirflowHome(state / "airflow", 8123))


def test_a_stack_is_on_record_from_its_first_moment(tmp_path: Path) -> None:
    stack = _stack(tmp_path)
    running = running_stack(tmp_path)
    assert running is not None
    assert (running.starter.pid, running.port, running.ready) == (os.getpid(), 8123, False)

    child = stack.spawn("sleeper", SLEEP, os.environ)
    assert StackRecord.read(tmp_path) == StackRecord(running.starter, (child,), 8123)

    stack.end()
    assert not child.is_alive()
    assert StackRecord.read(tmp_path) is None


def test_what_a_killed_starter_left_is_ended_by_anyone(tmp_path: Path) -> None:
    child = _stack(tmp_path).spawn("sleeper", SLEEP, os.environ)
    record = StackRecord.read(tmp_path)
    assert record is not None
    long_gone = Child("up", record.starter.pid, record.starter.started - 60)
    StackRecord(long_gone, record.children, record.port).write(tmp_path)

    assert running_stack(tmp_path) is None
    assert end_stack(tmp_path) == 1
    assert not child.is_alive()
    assert end_stack(tmp_path) == 0
