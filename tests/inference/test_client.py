"""The client against servers that lie, stall, refuse and pause: what it believes, how often it asks, what it says."""

import json
import logging
import socket
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.emulator.serve import Emulator, background
from catalog_embeddings.errors import RequestRefused, RunPaused
from catalog_embeddings.inference.client import EmbeddingsApi, identify_provider
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import Pace

TEXTS = ["a plain lamp", "a walnut desk", "an oak chair"]
# Nowhere but in a request: neither in a message, nor in a traceback, nor in a log. The key is that of ``api``.
SECRET_KEY = "sk-zanzibar"
SECRET_TEXT = "the madagascar chair"

#: Who has no patience pauses at the second failure.
IMPATIENT = Pace(first_backoff=0.001, patience=0.0)

OpenApi = Callable[..., EmbeddingsApi]


@dataclass
class ScriptedServer:
    """Answers in the order that a test lays out, and remembers the headers and the JSON of what it was asked."""

    url: str
    answers: deque[tuple[int, bytes]] = field(default_factory=deque)
    requests: list[tuple[Mapping[str, str], Any]] = field(default_factory=list)

    def will_answer(self, body: object, status: int = 200) -> None:
        self.answers.append((status, body if isinstance(body, bytes) else json.dumps(body).encode()))


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    class Script(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            server.requests.append((dict(self.headers), json.loads(body) if body else None))
            status, content = server.answers.popleft()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815 # the library looks for these names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Script) as listener:
        server = ScriptedServer(url=f"http://127.0.0.1:{listener.server_port}/v1")
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        listener.shutdown()
        thread.join()


def embeddings(*vectors: list[float]) -> dict[str, Any]:
    """An answer in lists of numbers, as servers give that know nothing of base64."""
    return {"data": [{"index": index, "embedding": vector} for index, vector in enumerate(vectors)]}


@pytest.fixture
def closed_url() -> str:
    """Where nobody listens: the port was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


def test_each_text_gets_its_own_vector(api: EmbeddingsApi) -> None:
    together = api.embed(TEXTS).vectors
    assert together.shape == (3, 8)
    assert together.dtype == np.float32
    for text, vector in zip(TEXTS, together, strict=True):
        assert (api.embed([text]).vectors == vector).all()
    assert len(np.unique(together, axis=0)) == 3


def test_what_was_billed_is_counted(api: EmbeddingsApi, emulator: Emulator) -> None:
    assert api.spent == Spent()
    first = api.embed(TEXTS)
    second = api.embed(TEXTS[:1])
    assert api.spent == Spent(requests=2, retries=0, tokens=first.tokens + second.tokens)
    assert api.spent.tokens == emulator.stats()["prompt_tokens"]


def test_a_shuffled_answer_is_put_back_in_order(api: EmbeddingsApi, emulator: Emulator) -> None:
    straight = api.embed(TEXTS).vectors
    emulator.faults(fail_next=[{"kind": "shuffled_index"}])
    assert (api.embed(TEXTS).vectors == straight).all()
    assert api.spent.requests == 2


@pytest.mark.parametrize(
    "kind",
    ["duplicate_index", "too_few", "wrong_dims", "nan", "zero", "html_200", "truncated", "drop_connection"],
)
def test_a_lying_answer_is_not_believed_but_asked_for_again(api: EmbeddingsApi, emulator: Emulator, kind: str) -> None:
    honest = api.embed(TEXTS)
    emulator.faults(fail_next=[{"kind": kind}])
    assert (api.embed(TEXTS).vectors == honest.vectors).all()
    assert api.spent == Spent(requests=3, retries=1, tokens=2 * honest.tokens)
    assert emulator.stats()["embedding_requests"] == 3


@pytest.mark.parametrize("status", [408, 500, 503])
def test_a_failing_server_is_asked_again(api: EmbeddingsApi, emulator: Emulator, status: int) -> None:
    emulator.faults(fail_next=[{"status": status}])
    answer = api.embed(TEXTS)
    assert api.spent == Spent(requests=2, retries=1, tokens=answer.tokens)


@pytest.mark.parametrize(
    "fault",
    [{"kind": "insufficient_quota"}, *({"status": status} for status in (401, 402, 403, 404))],
    ids=str,
)
def test_quota_key_and_model_pause_the_run_at_once(
    api: EmbeddingsApi, emulator: Emulator, fault: dict[str, Any]
) -> None:
    emulator.faults(fail_next=[fault])
    with pytest.raises(RunPaused):
        api.embed(TEXTS)
    assert api.spent == Spent(requests=1, retries=0, tokens=0)
    assert emulator.stats()["embedding_requests"] == 1


def test_a_model_that_is_not_there_pauses_the_run(open_api: OpenApi) -> None:
    with pytest.raises(RunPaused, match="no such model"):
        open_api("text-embedding-9-huge").embed(TEXTS)


def test_a_wrong_key_pauses_the_run(open_api: OpenApi) -> None:
    with background(api_key="right") as emulator:
        with pytest.raises(RunPaused, match="OPENAI_API_KEY"):
            open_api(base_url=emulator.url, api_key="wrong").embed(TEXTS)
        assert len(open_api(base_url=emulator.url, api_key="right").embed(TEXTS).vectors) == 3


@pytest.mark.parametrize(("status", "code"), [(400, "invalid_input"), (413, "too_large"), (422, "unprocessable")])
def test_a_refused_request_is_not_repeated(api: EmbeddingsApi, emulator: Emulator, status: int, code: str) -> None:
    emulator.faults(fail_next=[{"status": status, "code": code}])
    with pytest.raises(RequestRefused) as refused:
        api.embed(TEXTS)
    assert refused.value.code == code
    assert api.spent == Spent(requests=1, retries=0, tokens=0)


def test_an_input_over_the_models_length_is_refused(api: EmbeddingsApi) -> None:
    with pytest.raises(RequestRefused) as refused:
        api.embed(["chair " * 8_000])
    assert refused.value.code == "context_length_exceeded"


@pytest.mark.parametrize("fault", [{"rate_of_429": 1.0, "retry_after": 0.001}, {"rate_of_500": 1.0}], ids=str)
def test_an_outage_that_outlasts_all_patience_pauses_the_run(
    open_api: OpenApi, emulator: Emulator, fault: dict[str, Any]
) -> None:
    emulator.faults(**fault)
    api = open_api(gate=Gate(4, pace=IMPATIENT))
    with pytest.raises(RunPaused, match=r"no answer from the API .* run again once it is up"):
        api.embed(TEXTS)
    assert api.spent == Spent(requests=2, retries=1, tokens=0)
    emulator.reset()
    with pytest.raises(RunPaused):
        api.embed(TEXTS)
    assert emulator.stats()["requests"] == 0
    assert len(open_api().embed(TEXTS).vectors) == 3


@pytest.mark.parametrize(
    ("headers", "at_least"),
    [
        ({"retry-after-ms": "300"}, 0.3),
        ({"retry-after-ms": "300", "retry-after": "9"}, 0.3),
        ({"retry-after": "1"}, 1.0),
    ],
)
def test_a_pause_is_as_long_as_the_server_says(
    api: EmbeddingsApi, emulator: Emulator, headers: dict[str, str], at_least: float
) -> None:
    emulator.faults(fail_next=[{"status": 429, "headers": headers}])
    began = time.monotonic()
    api.embed(TEXTS)
    assert time.monotonic() - began >= at_least
    assert (api.spent.requests, api.spent.retries) == (2, 1)


def test_a_pause_may_be_given_as_a_date(api: EmbeddingsApi, emulator: Emulator) -> None:
    until = int(time.time()) + 2
    emulator.faults(fail_next=[{"status": 429, "headers": {"retry-after": formatdate(until, usegmt=True)}}])
    api.embed(TEXTS)
    assert time.time() >= until
    assert api.spent.requests == 2


def test_a_pause_for_one_request_holds_all_of_them(api: EmbeddingsApi, emulator: Emulator) -> None:
    emulator.faults(fail_next=[{"status": 429, "headers": {"retry-after-ms": "500"}}])
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        refused = pool.submit(api.embed, TEXTS)
        while not emulator.stats()["errors"]:
            time.sleep(0.005)
        # The answer has been sent; give the client time to read it, and far less than it is to wait.
        time.sleep(0.1)
        others = [pool.submit(api.embed, [text]) for text in TEXTS]
        for each in (refused, *others):
            each.result()
            assert time.monotonic() - began >= 0.5
    # Nobody knocked in the meantime.
    assert api.spent == Spent(requests=5, retries=1, tokens=api.spent.tokens)
    assert emulator.stats()["errors"] == {"429": 1}


def test_a_pause_of_hours_pauses_the_run_instead(api: EmbeddingsApi, emulator: Emulator) -> None:
    emulator.faults(fail_next=[{"status": 429, "headers": {"retry-after": "86400"}}])
    with pytest.raises(RunPaused, match="a pause of 86400 s"):
        api.embed(TEXTS)
    assert api.spent.requests == 1


def test_many_threads_share_one_client(open_api: OpenApi, emulator: Emulator) -> None:
    emulator.faults(latency_s=0.01)
    api = open_api(gate=Gate(3))
    texts = [f"chair {number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda text: api.embed([text]).vectors[0], texts))
    assert (np.array(vectors) == api.embed(texts).vectors).all()
    stats = emulator.stats()
    assert api.spent == Spent(requests=41, retries=0, tokens=api.spent.tokens)
    assert api.spent.tokens == stats["prompt_tokens"]
    assert stats["max_in_flight"] in {2, 3}


def test_the_canary_sings_where_the_api_works(api: EmbeddingsApi, emulator: Emulator) -> None:
    emulator.faults(poison=["lamp"])
    api.check_canary()
    assert api.spent.requests == 1


@pytest.mark.parametrize("status", [400, 401, 413])
def test_a_canary_that_is_refused_pauses_the_run(api: EmbeddingsApi, emulator: Emulator, status: int) -> None:
    emulator.faults(fail_next=[{"status": status}])
    with pytest.raises(RunPaused):
        api.check_canary()
    with pytest.raises(RunPaused):
        api.embed(TEXTS)
    assert emulator.stats()["requests"] == 1


@pytest.mark.parametrize(
    ("model", "asks_for_dims"),
    [
        ("text-embedding-3-small", True),
        ("text-embedding-3-large", True),
        ("text-embedding-ada-002", False),
        ("bge-m3", False),
    ],
)
def test_a_request_asks_for_base64_and_for_dims_where_the_model_takes_them(
    open_api: OpenApi, scripted_server: ScriptedServer, model: str, asks_for_dims: bool
) -> None:
    scripted_server.will_answer(embeddings([1, 0], [0, 1]))
    open_api(model, 2, base_url=scripted_server.url).embed(["a lamp", "a desk"])
    [(headers, sent)] = scripted_server.requests
    expected: dict[str, Any] = {"model": model, "input": ["a lamp", "a desk"], "encoding_format": "base64"}
    assert sent == expected | ({"dimensions": 2} if asks_for_dims else {})
    assert headers["authorization"] == f"Bearer {SECRET_KEY}"


def test_lists_of_numbers_are_believed_too(open_api: OpenApi, scripted_server: ScriptedServer) -> None:
    scripted_server.will_answer(embeddings([0.5, 0.25], [0, 1]))
    answer = open_api("bge-m3", 2, base_url=scripted_server.url).embed(["a lamp", "a desk"])
    assert answer.vectors.tolist() == [[0.5, 0.25], [0, 1]]
    assert answer.tokens == 0


def test_a_server_without_keys_gets_no_real_one(open_api: OpenApi, scripted_server: ScriptedServer) -> None:
    scripted_server.will_answer(embeddings([1, 0]))
    open_api("bge-m3", 2, base_url=scripted_server.url, api_key=None).embed(["a lamp"])
    [(headers, _)] = scripted_server.requests
    assert headers["authorization"] == "Bearer none"


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 400, "code": f"input_was: {SECRET_TEXT}"},
        {"status": 401},
        {"status": 404},
        {"status": 429, "code": "insufficient_quota"},
        {"status": 429, "headers": {"retry-after": "9999"}},
        {"status": 422},
    ],
    ids=lambda fault: str(fault["status"]),
)
def test_a_refusal_tells_neither_text_nor_key(
    api: EmbeddingsApi, emulator: Emulator, caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
) -> None:
    emulator.faults(fail_next=[{"message": f"{SECRET_KEY} may not ask for: {SECRET_TEXT}", **fault}])
    with caplog.at_level(logging.DEBUG), pytest.raises((RunPaused, RequestRefused)) as raised:
        api.embed([SECRET_TEXT])
    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert SECRET_TEXT not in told
    assert SECRET_KEY not in told


@pytest.mark.parametrize("status", [429, 500])
def test_an_outage_tells_neither_text_nor_key(
    open_api: OpenApi, emulator: Emulator, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    message = f"{SECRET_KEY} may not ask for: {SECRET_TEXT}"
    emulator.faults(fail_next=[{"status": status, "message": message}] * 2)
    with caplog.at_level(logging.DEBUG), pytest.raises(RunPaused) as raised:
        open_api(gate=Gate(4, pace=IMPATIENT)).embed([SECRET_TEXT])
    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert SECRET_TEXT not in told
    assert SECRET_KEY not in told


def test_an_address_where_nobody_listens_is_a_failed_server(open_api: OpenApi, closed_url: str) -> None:
    with pytest.raises(RunPaused, match="ConnectError"):
        open_api(base_url=closed_url, gate=Gate(4, pace=IMPATIENT)).embed([SECRET_TEXT])


def test_a_key_that_fits_no_header_is_not_told(open_api: OpenApi) -> None:
    with pytest.raises(RunPaused) as raised:
        open_api(api_key=f"{SECRET_KEY}\n", gate=Gate(4, pace=IMPATIENT)).embed([SECRET_TEXT])
    assert SECRET_KEY not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("base_url", [None, "https://api.openai.com/v1"])
def test_openai_is_known_by_its_address(base_url: str | None) -> None:
    assert identify_provider("key", base_url) == "openai"


def test_the_emulator_says_who_it_is(emulator: Emulator) -> None:
    assert identify_provider(None, emulator.url) == "emulator"
    assert identify_provider(None, f"{emulator.url}/") == "emulator"


@pytest.mark.parametrize(
    ("status", "models"),
    [
        (200, {"data": [{"id": "bge-m3", "owned_by": "vllm"}]}),
        (200, {"data": [{"id": "bge-m3"}]}),
        (200, b"<html>welcome</html>"),
        (404, {"detail": "Not Found"}),
        (405, b""),
    ],
)
def test_any_other_server_is_compatible(scripted_server: ScriptedServer, status: int, models: object) -> None:
    scripted_server.will_answer(models, status)
    assert identify_provider("key", scripted_server.url) == "openai-compatible"
    [(headers, _)] = scripted_server.requests
    assert headers["authorization"] == "Bearer key"


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_server_that_does_not_say_who_it_is_is_not_guessed_at(scripted_server: ScriptedServer, status: int) -> None:
    scripted_server.will_answer({"error": {"message": SECRET_KEY}}, status)
    with pytest.raises(RunPaused, match="does not say who answers there") as raised:
        identify_provider(SECRET_KEY, scripted_server.url)
    assert SECRET_KEY not in str(raised.value)


def test_a_server_that_is_down_pauses_the_run(closed_url: str) -> None:
    with pytest.raises(RunPaused, match="is the server up"):
        identify_provider(None, closed_url)
