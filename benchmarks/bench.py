"""Ours beside the peers: interleaved runs of the peers' harness, as medians and ratios.

The harness (``../shared/peers``) makes the table, the mock of the OpenAI API and the counts; this starts its
Postgres and its mock on free ports of 127.0.0.1, runs the peers in turn for so many rounds, stops what it
started, prints tables that docs/performance.md can take as they are, and writes every line of the harness as
JSON. The cores are shared with whatever else runs, so ratios within a round say more than the figures.
"""

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from timed_run import STEPS

ROOT = Path(__file__).resolve().parents[1]
#: In this order in every round, unless others are named.
PEERS = ("ours", "pgai", "reference")
#: Whose rate hardly depends on the number of items gets as many as some ten seconds take.
FEWER_ITEMS = {
    "pgai": 5_120,
    "llamaindex": 2_560,
    "cocoindex": 2_560,
    "naive_batch": 1_280,
    "langchain": 640,
    "pixeltable": 640,
    "naive": 64,
}
#: Peers that run in the environment of the harness itself.
IN_BASE = {"ours", "reference", "naive", "naive_batch"}
IN_FLIGHT, BATCH = 10, 128

#: What ``p_ours.py`` tells of a run: seconds of each step and of CPU, and the peak memory of its own process.
OWN_PARTS = dict.fromkeys((*STEPS, "dbt_cpu", "own_cpu"), "{:.2f}") | {"own_rss_mb": "{:.0f}"}

#: A line of the harness: one peer, one phase (fresh, same: nothing changed, one: 1 % changed).
Line = dict[str, Any]


@dataclass(frozen=True)
class Harness:
    """Where the peers' scripts and environments are, and the ports of 127.0.0.1 that this bench uses."""

    scripts: Path
    home: Path
    postgres_port: int
    mock_port: int

    @property
    def python(self) -> Path:
        """The interpreter of the harness itself, of the mock and of the reference."""
        return self.home / "venvs/base/bin/python"

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, with what the harness reads."""
        return os.environ | {"PEERS_HOME": str(self.home), "PGPORT": str(self.postgres_port)}

    def missing(self, peers: list[str]) -> str | None:
        """What the harness still needs for these peers, as a sentence; None when it has everything."""
        if not (self.scripts / "run_peer.py").is_file():
            return f"The peers' harness is not at {self.scripts}; say where it is with --harness."
        wanted = [self.python, *(self.home / f"venvs/{peer}/bin/python" for peer in peers if peer not in IN_BASE)]
        absent = [path.parts[-3] for path in wanted if not path.is_file()]
        if not absent:
            return None
        return (
            f"No environment {' and '.join(absent)} in {self.home}/venvs; docs/performance.md says how to make it "
            "(PEERS_HOME says where it is; --peers ours,reference needs base alone)."
        )


@contextmanager
def postgres(harness: Harness) -> Iterator[None]:
    """The peers' Postgres, stopped at the end."""
    command = ["bash", str(harness.scripts / "pg.sh")]
    started = subprocess.run([*command, "start"], env=harness.environment, capture_output=True, text=True, check=False)
    if started.returncode:
        sys.exit(f"The peers' Postgres did not start:\n{started.stdout}{started.stderr}")
    try:
        yield
    finally:
        subprocess.run([*command, "stop"], env=harness.environment, stdout=subprocess.DEVNULL, check=False)


@contextmanager
def mock_api(harness: Harness) -> Iterator[None]:
    """The peers' mock of the OpenAI API, ended at the end."""
    command = [harness.python, harness.scripts / "mock_openai.py", "--port", str(harness.mock_port)]
    mock = subprocess.Popen([*map(str, command), "--max-conc", str(IN_FLIGHT)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while _is_free(harness.mock_port):
            if mock.poll() is not None or time.monotonic() > deadline:
                sys.exit("The mock of the OpenAI API did not start.")
            time.sleep(0.1)
        yield
    finally:
        mock.terminate()
        mock.wait()


def run_peer(harness: Harness, peer: str, items: int, options: argparse.Namespace) -> list[Line]:
    """One run of the harness for one peer; a line a phase, ours with its parts."""
    command = [harness.python, harness.scripts / "run_peer.py", peer, "--n", items, "--latency", options.latency]
    command += ["--phases", options.phases, "--port", harness.mock_port, "--timeout", options.timeout]
    command += ["--max-conc", IN_FLIGHT]
    if peer == "ours":
        command += ["--python", sys.executable, "--script", ROOT / "benchmarks/p_ours.py"]
    finished = subprocess.run(
        list(map(str, command)), cwd=harness.home, env=harness.environment, capture_output=True, text=True, check=False
    )
    lines = [json.loads(line) for line in finished.stdout.splitlines() if line.startswith("{")]
    for line in lines:
        log = harness.home / f"logs/run_{peer}_{line['phase']}.log"
        # The rows of the target, and how many of them are different items; Pixeltable tells the first alone.
        if line["rc"] != 0 or set(line["rows"]) != {items}:
            sys.exit(f"{peer} did not load its {items} items in phase {line['phase']}; its last words:\n{_tail(log)}")
        if peer == "ours":
            line["parts"] = json.loads(log.read_text().partition("PARTS ")[2])
    if finished.returncode or not lines:
        sys.exit(f"The harness failed with {peer}:\n{finished.stderr[-2000:]}")
    return lines


def comparison(lines: list[Line], peers: list[str], latency: float) -> Table:
    """A row a figure, a column a peer: medians over the rounds."""
    ceiling = IN_FLIGHT * BATCH / latency if latency else None
    table = _table("median of the rounds", peers)

    def row(name: str, phase: str, figure: Callable[[Line], float | None], form: str = "{:,.0f}") -> None:
        cells = []
        for peer in peers:
            found = [figure(line) for line in lines if (line["peer"], line["phase"]) == (peer, phase)]
            known = [value for value in found if value is not None]
            cells.append(form.format(statistics.median(known)) if known else "")
        table.add_row(name, *cells)

    row("items", "fresh", lambda line: line["n"])
    row("fresh run: items/s", "fresh", lambda line: line["ips"])
    if ceiling:
        row("fresh run: share of the ceiling", "fresh", lambda line: line["ips"] / ceiling, "{:.2f}")
    row("fresh run: items/s beyond an unchanged run", "fresh", lambda line: _net_rate(line, lines))
    row("fresh run: Python CPU, ms an item", "fresh", _cpu_ms, "{:.2f}")
    row("fresh run: peak memory, MB", "fresh", lambda line: line["rss_mb"])
    row("fresh run: calls", "fresh", lambda line: line["req"])
    row("fresh run: inputs paid", "fresh", lambda line: line["paid"])
    row("fresh run: paid twice", "fresh", lambda line: line["dup"])
    row("nothing changed: calls", "same", lambda line: line["req"])
    row("nothing changed: seconds", "same", lambda line: line["work"], "{:.1f}")
    row("1 % changed: calls", "one", lambda line: line["req"])
    row("1 % changed: inputs paid", "one", lambda line: line["paid"])
    row("1 % changed: seconds", "one", lambda line: line["work"], "{:.1f}")
    return table


def own_parts(lines: list[Line]) -> Table:
    """Where our own time goes: seconds of each step, by phase."""
    phases = {line["phase"]: None for line in lines if "parts" in line}
    table = _table("ours, median of the rounds", phases)
    for part, form in OWN_PARTS.items():
        cells = []
        for phase in phases:
            ours = [line for line in lines if "parts" in line and line["phase"] == phase]
            cells.append(form.format(statistics.median(_part(line, part) for line in ours)))
        table.add_row(part, *cells)
    return table


def ratios(lines: list[Line]) -> Iterator[str]:
    """Ours against each other peer, round by round: the median and the range of the ratios of items/s."""
    fresh = [line for line in lines if line["phase"] == "fresh"]
    ours = {line["round"]: line["ips"] for line in fresh if line["peer"] == "ours"}
    for peer in dict.fromkeys(line["peer"] for line in fresh if line["peer"] != "ours"):
        found = [ours[line["round"]] / line["ips"] for line in fresh if line["peer"] == peer and ours]
        if found:
            yield f"ours / {peer}: {statistics.median(found):.2f} (rounds {min(found):.2f} to {max(found):.2f})"


def main() -> None:
    """Run the rounds, show them, and write them down."""
    options = _options()
    # All peers side by side are wider than a terminal.
    console = Console(width=max(Console().width, 160))
    peers = options.peers.split(",")
    home = Path(os.environ.get("PEERS_HOME", ROOT / ".peers")).resolve()
    harness = Harness(options.harness.resolve(), home, _free_port(55432), _free_port(8089))
    if reason := harness.missing(peers):
        console.print(f"Nothing was measured. {reason}", highlight=False)
        return
    items = {peer: min(options.n, FEWER_ITEMS.get(peer, options.n)) for peer in peers}
    lines: list[Line] = []
    with postgres(harness), mock_api(harness):
        for turn in range(1, options.rounds + 1):
            for peer in peers:
                console.print(f"round {turn} of {options.rounds}: {peer}, {items[peer]:,} items", highlight=False)
                lines += [line | {"round": turn} for line in run_peer(harness, peer, items[peer], options)]
    console.print(f"{options.latency * 1000:g} ms a call, {IN_FLIGHT} in flight, batches of {BATCH}")
    console.print(comparison(lines, peers, options.latency))
    if "ours" in peers:
        console.print(own_parts(lines))
    for sentence in ratios(lines):
        console.print(sentence, highlight=False)
    head = {"when": f"{datetime.now(UTC):%Y-%m-%d}", "machine": _machine(), "latency": options.latency}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join(json.dumps(line) + "\n" for line in [head, *lines]), encoding="utf-8")
    console.print(f"written to {options.out}", highlight=False)


def _table(corner: str, columns: Iterable[str]) -> Table:
    return Table(corner, *columns, box=box.MARKDOWN)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--n", type=int, default=20_000, help="items; a slow peer gets fewer")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds that each call takes")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--phases", default="fresh,same,one")
    parser.add_argument("--timeout", type=int, default=900, help="seconds for one run of a peer")
    parser.add_argument("--harness", type=Path, default=ROOT.parent / "shared/peers")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/comparison.jsonl")
    return parser.parse_args()


def _cpu_ms(line: Line) -> float | None:
    """Python CPU an item; None for pgai, which works in a process that its script does not measure."""
    return None if line["peer"] == "pgai" else line["cpu"] * 1000 / line["n"]


def _net_rate(line: Line, lines: list[Line]) -> float | None:
    """Items a second beyond what the peer's own run over an unchanged table takes, in the same round.

    None for one that knows no such run, and pays for everything again.
    """
    same = [other for other in lines if other["phase"] == "same" and _place(other) == _place(line)]
    return line["n"] / (line["work"] - same[0]["work"]) if same and not same[0]["req"] else None


def _place(line: Line) -> tuple[str, int]:
    return line["peer"], line["round"]


def _part(line: Line, part: str) -> float:
    if part == "own_cpu":
        return float(line["cpu"] - line["parts"]["dbt_cpu"])
    return float(line["parts"][part])


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-12:])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _free_port(wanted: int) -> int:
    return next(port for port in range(wanted, wanted + 100) if _is_free(port))


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
