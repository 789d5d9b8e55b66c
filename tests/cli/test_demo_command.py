"""The demo as a newcomer runs it: once, and again, in an empty folder, and nothing is left running."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from catalog_embeddings.cli.processes import own_command

KINDS = {
    "kettle": "Boils water for tea in two minutes, whistles when it is done, and pours without a drip.",
    "tent": "Keeps two people dry in the mountains; packed with its poles and pegs it weighs little.",
}
CATALOG = [
    {"item_id": f"{kind}-{number}", "title": f"{kind.title()} {number}", "description": description}
    for kind, description in KINDS.items()
    for number in range(4)
]


def _demo(folder: Path) -> dict[str, Any]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        # A demo that spent money, or wrote into a real database, would be no demo.
        "OPENAI_API_KEY": "sk-real",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "CATALOG_EMBEDDINGS_DATABASE_URL": "postgresql://127.0.0.1:9/production",
    }
    finished = subprocess.run(
        own_command("demo", "--catalog", "catalog.jsonl", "--json"),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return dict(json.loads(finished.stdout))


def _still_running(folder: Path) -> list[str]:
    """Processes that name the folder, or work in it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                places = [*process.cmdline(), process.cwd()]
                found += [process.name()] if any(str(folder) in place for place in places) else []
        except psutil.Error:
            continue
    return found


# Two whole demos: minutes on a machine that is busy otherwise.
@pytest.mark.timeout(900)
def test_a_first_demo_pays_once_and_a_second_one_nothing(tmp_path: Path) -> None:
    (tmp_path / "catalog.jsonl").write_text("\n".join(map(json.dumps, CATALOG)), encoding="utf-8")

    first = _demo(tmp_path)
    assert (first["plan"]["new"], first["plan"]["distinct_texts"]) == (8, 8)
    assert (first["summary"]["state"], first["summary"]["loaded"]) == ("verified", 8)
    assert first["api_calls"] == first["summary"]["requests"] == 1
    neighbours = first["queries"][0]["rows"]
    kind = first["item_id"].split("-")[0]
    assert [hit["item_id"].split("-")[0] for hit in neighbours[:3]] == [kind] * 3
    assert _still_running(tmp_path) == []

    second = _demo(tmp_path)
    assert (second["plan"]["new"], second["plan"]["unchanged"]) == (0, 8)
    assert second["api_calls"] == second["summary"]["requests"] == second["summary"]["loaded"] == 0
    assert _still_running(tmp_path) == []
