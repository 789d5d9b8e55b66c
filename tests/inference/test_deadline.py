"""The deadline, against a server that drips: it ends a request wherever that is, and leaves honest ones alone."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.inference.deadline import DeadlineTransport, proxy_for

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n" + b"x" * 40
BODY = ANSWER.index(b"x")


@pytest.fixture
def dripping_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that sends so many bytes at once, and the rest of its answer byte by byte."""
    ended = threading.Event()

    def drip(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.recv(65_536)
            client.sendall(ANSWER[: request.param])
            for position in range(request.param, len(ANSWER)):
                if ended.wait(0.05):
                    return
                client.sendall(ANSWER[position : position + 1])

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        # Closing alone does not wake a thread that accepts.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def client(seconds: float) -> httpx2.Client:
    return httpx2.Client(transport=DeadlineTransport(seconds, httpx2.Limits(max_connections=2)), timeout=30)


@pytest.mark.parametrize("dripping_url", [0, 10, BODY, BODY + 10], indirect=True)
def test_an_answer_that_drips_ends_with_the_requests_time(dripping_url: str) -> None:
    with client(0.3) as http, pytest.raises(httpx2.ReadTimeout):
        http.get(dripping_url)


@pytest.mark.parametrize("dripping_url", [BODY + 35], indirect=True)
def test_an_answer_that_drips_for_a_while_is_whole(dripping_url: str) -> None:
    with client(5) as http:
        assert http.get(dripping_url).content == b"x" * 40


def test_each_request_has_its_own_time(emulator: Emulator) -> None:
    emulator.faults(latency_s=0.2)
    asked = {"model": "text-embedding-3-small", "input": ["a chair"], "dimensions": 8}
    with client(0.5) as http:

        def ask(_: int) -> int:
            return http.post(f"{emulator.url}/embeddings", json=asked).status_code

        assert [ask(0) for _ in range(4)] == [200] * 4
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(ask, range(4))) == [200] * 4
        time.sleep(0.5)
        assert ask(0) == 200


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ({"HTTPS_PROXY": "proxy:3128"}, "http://proxy:3128"),
        ({"ALL_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ({"HTTP_PROXY": "http://proxy:3128"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost,.openai.com"}, None),
    ],
)
def test_the_proxy_of_the_environment_is_used(
    environment: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        for each in (name, name.lower()):
            monkeypatch.delenv(each, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(httpx2.URL("https://api.openai.com/v1")) == proxy


def test_a_request_goes_through_the_proxy(emulator: Emulator) -> None:
    # The emulator stands in for a proxy: it is asked for an address that is not its own, and answers.
    proxy = emulator.url.removesuffix("/v1")
    transport = DeadlineTransport(5, httpx2.Limits(max_connections=1), proxy)
    with httpx2.Client(transport=transport) as http:
        assert http.get("http://api.invalid/v1/models").status_code in {200, 404}
