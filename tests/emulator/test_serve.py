"""Starting and stopping: in a thread, in a process of its own, with a key, and on a taken port."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import openai
import pytest
from openai import OpenAI

from catalog_embeddings.emulator.serve import background, serve

MODEL = "text-embedding-3-small"


def test_with_a_key_any_other_is_refused() -> None:
    with background(api_key="right") as emulator:
        with pytest.raises(openai.AuthenticationError) as caught:
            OpenAI(api_key="wrong", base_url=emulator.url, max_retries=0).models.list()
        assert caught.value.code == "invalid_api_key"
        assert httpx2.get(f"{emulator.url}/models").status_code == 401
        OpenAI(api_key="right", base_url=emulator.url, max_retries=0).models.list()
        assert emulator.stats()["errors"] == {"401": 2}


def test_without_a_key_none_is_asked_for() -> None:
    with background() as emulator:
        assert httpx2.get(f"{emulator.url}/models").status_code == 200


def test_reset_returns_to_the_behaviour_at_the_start() -> None:
    with background(poison=["lamp"]) as emulator:
        request = {"model": MODEL, "input": "a lamp"}
        emulator.faults(poison=[])
        assert httpx2.post(f"{emulator.url}/embeddings", json=request).status_code == 200
        emulator.reset()
        assert httpx2.post(f"{emulator.url}/embeddings", json=request).status_code == 400
        assert emulator.stats()["ok"] == 0


def test_a_wrong_setting_is_refused_before_anything_listens() -> None:
    with pytest.raises(ValueError, match="latncy_s is not a setting"):
        serve(latncy_s=1)
    with pytest.raises(ValueError, match="latncy_s is not a setting"), background(latncy_s=1):
        pass


def test_a_taken_port_is_an_error() -> None:
    with background() as emulator, pytest.raises(OSError, match="in use"):
        serve(port=emulator.port)


def test_the_end_does_not_wait_for_a_stalled_answer() -> None:
    with ThreadPoolExecutor(1) as pool:
        with background(latency_s=600) as emulator:
            request = pool.submit(
                httpx2.post, f"{emulator.url}/embeddings", json={"model": MODEL, "input": "a"}, timeout=60
            )
            while not emulator.stats()["in_flight"]:
                time.sleep(0.01)
        assert request.exception() or request.result().status_code == 500


def test_a_process_of_its_own_ends_at_sigterm() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = f"from catalog_embeddings.emulator.serve import serve; serve(port={port}, seed=3)"
    plugins = Path(__file__).parents[2] / "plugins"
    process = subprocess.Popen([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(plugins)})
    try:
        transport = httpx2.HTTPTransport(retries=8)  # it is refused until the server listens
        with httpx2.Client(transport=transport) as http:
            assert http.get(f"http://127.0.0.1:{port}/emulator/stats").json()["requests"] == 0
            assert http.post(f"http://127.0.0.1:{port}/emulator/faults", json={}).json()["seed"] == 3
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in (0, -signal.SIGTERM)
