"""The command emulator: it answers where it says, and ends when it is told to."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from catalog_embeddings.cli.local_platform import free_port


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(number: signal.Signals) -> None:
    port = free_port()
    program = str(Path(sys.executable).with_name("catalog-embeddings"))
    with subprocess.Popen([program, "emulator", "--port", str(port)], stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        assert f"http://127.0.0.1:{port}/v1" in server.stderr.readline()
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = httpx2.get(f"http://127.0.0.1:{port}/v1/models", timeout=10).json()
                break
            except httpx2.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert "catalog-embeddings-emulator" in str(answer)
        server.send_signal(number)
        assert server.wait(30) in {0, -number}
