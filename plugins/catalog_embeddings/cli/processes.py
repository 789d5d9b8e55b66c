"""Child processes that outlive a terminal, and ending them for certain.

Each child leads a session of its own: Ctrl-C in the terminal reaches only its parent, and whatever the child
starts (Airflow gives every task a process group of its own) still belongs to that session. A child is
remembered by its id and its start time, because the system gives old ids to new processes. Which processes
there are, and where they are written down, is left to local_stack.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

# Start times are kept in clock ticks and the boot time is rounded: equal means within a second.
_SAME_START_SECONDS = 1.0
_LEFTOVER_SECONDS = 3.0
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Child:
    """A process that leads its own session. ``started`` is in seconds since the epoch."""

    name: str
    pid: int
    started: float

    @classmethod
    def of(cls, name: str, pid: int) -> "Child":
        """The process that runs under this id now."""
        return cls(name, pid, psutil.Process(pid).create_time())

    def is_alive(self) -> bool:
        """Whether this very process still runs; a newer one under its id does not count."""
        return _is_this(self) is True


def own_command(*arguments: str) -> list[str]:
    """This program's command line, by the interpreter that runs this: no need to be on PATH."""
    return [sys.executable, "-c", "from catalog_embeddings.cli.app import main; main()", *arguments]


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Inside the block SIGTERM and the end of the terminal are what Ctrl-C is: KeyboardInterrupt, so all is ended.

    Ctrl-C too is set here: a shell starts its background jobs with it switched off.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is interrupt:
                signal.signal(number, handler)


def ignore_signals() -> None:
    """From here on this process ends when it has ended the others: a second Ctrl-C must not stop it half-way."""
    for number in _ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def spawn(name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
    """Start ``command`` in a session of its own. What it prints goes to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Child.of(name, process.pid)


def end(children: Sequence[Child], grace_seconds: float = 15.0) -> int:
    """End the children and all they started; returns how many processes that were.

    A child is asked first, so that it can end its own; what it leaves behind is asked next, and then killed.
    """
    everyone = [process for child in children for process in session_of(child)]
    leaders = {child.pid for child in children}
    _signal_all([process for process in everyone if process.pid in leaders], signal.SIGTERM, grace_seconds)
    for number in (signal.SIGTERM, signal.SIGKILL):
        left = [process for child in children for process in session_of(child)]
        _signal_all(left, number, _LEFTOVER_SECONDS)
    return len(everyone)


def _signal_all(processes: Sequence[psutil.Process], number: signal.Signals, timeout_seconds: float) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)  # psutil checks the start time again before it sends
    wait_until_gone(processes, timeout_seconds)


def wait_until_gone(processes: Sequence[psutil.Process], timeout_seconds: float) -> None:
    """Wait until none of them runs, or the time is over.

    A zombie is gone: in a container, whose first process may reap nobody, orphans stay zombies for ever.
    """
    deadline = time.monotonic() + timeout_seconds
    while any(_started(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)


def session_of(child: Child) -> list[psutil.Process]:
    """The processes that the child leads, itself included; none when its id belongs to a stranger by now.

    A dead child can still have a session: the system gives its id to nobody as long as that lives.
    """
    if _is_this(child) is False:
        return []
    return [
        process
        for process in psutil.process_iter()
        if _session_id(process.pid) == child.pid and _started(process) >= child.started - _SAME_START_SECONDS
    ]


def _is_this(child: Child) -> bool | None:
    """True: it runs. False: its id is a stranger's. None: nothing runs under its id."""
    try:
        process = psutil.Process(child.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return bool(abs(process.create_time() - child.started) <= _SAME_START_SECONDS)
    except psutil.NoSuchProcess:
        return None


def _session_id(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _started(process: psutil.Process) -> float:
    """When the process started; 0 for one that is gone, or a zombie: nothing is left to end there."""
    try:
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return 0.0
