"""Ending processes for certain, and never a stranger's; on real ones."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from catalog_embeddings.cli.processes import Child, end, interrupted_by_signals, session_of, spawn

# A parent that starts a child in a process group of its own, as Airflow does with every task, and says so.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], process_group=0)
print(child.pid, flush=True)
time.sleep(300)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(300)"


@pytest.fixture
def started() -> Iterator[list[Child]]:
    """Whatever a test puts here is gone after it."""
    children: list[Child] = []
    yield children
    for child in children:
        for process in session_of(child):
            process.kill()


def _start(code: str, log: Path) -> Child:
    """Start ``code`` and wait for its first line."""
    child = spawn("sample", [sys.executable, "-c", code], os.environ, log)
    while not log.read_text():
        time.sleep(0.01)
    return child


def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_ending_a_child_ends_what_it_started_in_other_process_groups(tmp_path: Path, started: list[Child]) -> None:
    parent = _start(PARENT, tmp_path / "log")
    started.append(parent)
    grandchild = int((tmp_path / "log").read_text())
    assert os.getpgid(grandchild) != parent.pid

    assert end([parent]) == 2
    assert not parent.is_alive()
    assert not _runs(grandchild)


def test_a_killed_child_leaves_a_session_that_can_still_be_ended(tmp_path: Path, started: list[Child]) -> None:
    parent = _start(PARENT, tmp_path / "log")
    started.append(parent)
    grandchild = int((tmp_path / "log").read_text())
    os.kill(parent.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(parent.pid)], timeout=5)
    assert not parent.is_alive()
    assert _runs(grandchild)

    assert end([parent]) == 1
    assert not _runs(grandchild)


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path, started: list[Child]) -> None:
    deaf = _start(DEAF, tmp_path / "log")
    started.append(deaf)
    end([deaf], grace_seconds=0.2)
    assert not deaf.is_alive()


def test_a_stranger_under_an_old_id_is_left_alone(tmp_path: Path, started: list[Child]) -> None:
    stranger = _start(PARENT, tmp_path / "log")
    started.append(stranger)
    remembered = Child(stranger.name, stranger.pid, stranger.started - 60)

    assert not remembered.is_alive()
    assert end([remembered]) == 0
    assert stranger.is_alive()


def _receive(number: signal.Signals) -> None:
    with interrupted_by_signals():
        os.kill(os.getpid(), number)
        time.sleep(5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_to_be_ended_is_an_interruption(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        _receive(number)
    assert signal.getsignal(number) == before


def test_interruption_works_where_a_shell_has_switched_ctrl_c_off(tmp_path: Path) -> None:
    code = (
        "import time\nfrom catalog_embeddings.cli.processes import interrupted_by_signals\n"
        "try:\n    with interrupted_by_signals():\n        print('up', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('ended', flush=True)\n"
    )
    background = subprocess.Popen(
        [sys.executable, "-c", f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{code}"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert background.stdout is not None
    assert background.stdout.readline() == "up\n"
    background.send_signal(signal.SIGINT)
    assert background.communicate(timeout=10)[0] == "ended\n"
