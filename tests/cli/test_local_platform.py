"""The parts beside Airflow: ports, the emulator as a process, and Postgres when its users were killed."""

import os
import socket
import sys
from pathlib import Path

import pytest

from catalog_embeddings.cli.local_platform import (
    LocalEmulator,
    forget_configured_services,
    free_port,
    has_endpoint,
    refuse_taken_port,
    state_directory,
)
from catalog_embeddings.cli.processes import end, spawn
from catalog_embeddings.errors import ConfigurationError, InputError

WITH_PACKAGE = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_taken_port_is_refused_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} is taken .* choose a free one with --port"):
            refuse_taken_port(port)
    refuse_taken_port(free_port())


def test_a_demo_forgets_what_is_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", "postgresql://production")
    monkeypatch.setenv("CATALOG_EMBEDDINGS_STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    assert has_endpoint()
    forget_configured_services()
    assert not has_endpoint()
    assert "CATALOG_EMBEDDINGS_DATABASE_URL" not in os.environ
    assert state_directory() == tmp_path


def test_the_emulator_answers_and_ends(tmp_path: Path) -> None:
    emulator = LocalEmulator()
    assert emulator.stats() is None
    log = tmp_path / "emulator.log"
    child = spawn("emulator", emulator.command, WITH_PACKAGE, log)
    try:
        emulator.wait_until_ready(child, log)
        stats = emulator.stats()
        assert stats is not None
        assert stats["embedding_requests"] == 0
    finally:
        end([child])
    with pytest.raises(ConfigurationError, match=r"did not come up: .*emulator\.log says why"):
        emulator.wait_until_ready(child, log)
