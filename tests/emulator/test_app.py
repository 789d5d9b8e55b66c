"""The routes over HTTP: every fault as a client meets it, the control plane, and the counters behind it."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI
from openai.types import CreateEmbeddingResponse

from catalog_embeddings.emulator.serve import Emulator, background

MODEL = "text-embedding-3-small"
TEXTS = ["a lamp", "a desk", "a chair"]


def _embed(client: OpenAI, *texts: str) -> CreateEmbeddingResponse:
    return client.embeddings.create(model=MODEL, input=list(texts or TEXTS), dimensions=8)


def _post(http: httpx2.Client, **body: object) -> httpx2.Response:
    return http.post("/v1/embeddings", json={"model": MODEL, "input": TEXTS, "dimensions": 8, **body})


def _sdk(emulator: Emulator) -> OpenAI:
    return OpenAI(api_key="any", base_url=emulator.url, max_retries=0, timeout=60)


def _occupy(pool: ThreadPoolExecutor, emulator: Emulator, requests: int) -> None:
    """Send requests that will not be answered, and wait until all of them have arrived."""
    for _ in range(requests):
        pool.submit(_embed, _sdk(emulator))
    while emulator.stats()["in_flight"] != requests:
        time.sleep(0.01)


def test_every_model_says_whose_it_is(client: OpenAI) -> None:
    models = list(client.models.list())
    assert {"text-embedding-3-large", "gpt-4o-mini"} <= {model.id for model in models}
    assert {model.owned_by for model in models} == {"catalog-embeddings-emulator"}
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-none")


def test_counters_follow_the_requests(client: OpenAI, http: httpx2.Client) -> None:
    _embed(client)
    _embed(client, "a lamp", "a rug")
    with pytest.raises(openai.BadRequestError):
        _embed(client, "")
    assert http.get("/emulator/stats").json() == {
        "requests": 3,
        "embedding_requests": 3,
        "chat_requests": 0,
        "batches": 0,
        "batch_lines_paid": 0,
        "ok": 2,
        "errors": {"400": 1},
        "inputs_paid": 5,
        "inputs_paid_distinct": 4,
        "inputs_paid_twice": 1,
        "prompt_tokens": 10,
        "completion_tokens": 0,
        "in_flight": 0,
        "max_in_flight": 1,
        "largest_batch": 3,
    }


def test_ten_requests_are_in_flight_at_once() -> None:
    with ThreadPoolExecutor(10) as pool, background(latency_s=600) as emulator:
        _occupy(pool, emulator, requests=10)
        stats = emulator.stats()
        assert (stats["in_flight"], stats["max_in_flight"], stats["ok"]) == (10, 10, 0)


def test_more_than_max_in_flight_are_refused() -> None:
    with ThreadPoolExecutor(2) as pool, background(latency_s=600, max_in_flight=2) as emulator:
        _occupy(pool, emulator, requests=2)
        with pytest.raises(openai.RateLimitError, match="the limit is 2"):
            _embed(_sdk(emulator))
        assert emulator.stats()["errors"] == {"429": 1}


def test_rate_limits_are_announced_and_enforced(http: httpx2.Client, emulator: Emulator) -> None:
    emulator.faults(requests_per_minute=1, tokens_per_minute=1000)
    first, second = _post(http), _post(http)
    assert first.headers["x-ratelimit-limit-requests"] == "1"
    assert first.headers["x-ratelimit-remaining-tokens"] == "994"
    assert second.status_code == 429
    assert second.json()["error"]["code"] == "rate_limit_exceeded"
    assert 50 <= int(second.headers["retry-after"]) <= 60
    assert int(second.headers["retry-after-ms"]) <= 60_000


def test_a_scripted_status_happens_once_with_its_headers(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(
        fail_next=[
            {"status": 429, "headers": {"retry-after-ms": "200"}, "code": "rate_limit_exceeded"},
            {"status": 503},
            {"kind": "insufficient_quota"},
        ]
    )
    with pytest.raises(openai.RateLimitError) as limited:
        _embed(client)
    assert limited.value.response.headers["retry-after-ms"] == "200"
    with pytest.raises(openai.InternalServerError):
        _embed(client)
    with pytest.raises(openai.RateLimitError) as broke:
        _embed(client)
    assert (limited.value.code, broke.value.code) == ("rate_limit_exceeded", "insufficient_quota")
    assert len(_embed(client).data) == 3
    assert emulator.stats()["inputs_paid"] == 3


def test_answers_are_spoilt_one_by_one(http: httpx2.Client, emulator: Emulator) -> None:
    kinds = ["shuffled_index", "duplicate_index", "too_few", "wrong_dims", "nan", "zero"]
    good = _post(http).json()["data"]
    emulator.faults(fail_next=[{"kind": kind} for kind in kinds])
    bad: dict[str, Any] = {kind: _post(http).json()["data"] for kind in kinds}
    assert sorted(bad["shuffled_index"], key=lambda entry: entry["index"]) == good
    assert [entry["index"] for entry in bad["duplicate_index"]] == [0, 1, 1]
    assert bad["too_few"] == good[:2]
    assert {len(entry["embedding"]) for entry in bad["wrong_dims"]} == {7}
    assert all(math.isnan(number) for number in bad["nan"][2]["embedding"])
    assert not any(bad["zero"][2]["embedding"])
    assert _post(http).json()["data"] == good


def test_a_proxy_page_is_not_paid_for(http: httpx2.Client, emulator: Emulator) -> None:
    emulator.faults(fail_next=[{"kind": "html_200"}])
    answer = _post(http)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert emulator.stats()["inputs_paid"] == 0


def test_answers_lost_on_their_way_are_paid_for(client: OpenAI, http: httpx2.Client, emulator: Emulator) -> None:
    emulator.faults(fail_next=[{"kind": "drop_connection"}, {"kind": "truncated"}])
    with pytest.raises(openai.APIConnectionError):
        _embed(client)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        _post(http).json()
    assert len(_embed(client).data) == 3
    stats = emulator.stats()
    assert (stats["ok"], stats["errors"]) == (2, {"dropped": 1})
    assert (stats["inputs_paid"], stats["inputs_paid_twice"]) == (9, 6)


def test_a_stall_outlasts_an_impatient_client() -> None:
    with background(fail_next=[{"stall_s": 600}]) as emulator:
        with pytest.raises(openai.APITimeoutError):
            _embed(_sdk(emulator).with_options(timeout=0.2))
        assert len(_embed(_sdk(emulator)).data) == 3


def test_poison_spoils_only_requests_that_hold_it(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(poison=["desk"])
    with pytest.raises(openai.BadRequestError):
        _embed(client)
    assert len(_embed(client, "a lamp", "a chair").data) == 2


def test_chat_fails_on_request_too(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(fail_next=[{"kind": "nan"}, {"status": 500}, {"kind": "html_200"}])
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hi"}])
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hi"}])
    assert emulator.stats()["completion_tokens"] == 0


def test_the_control_plane(http: httpx2.Client, emulator: Emulator) -> None:
    _post(http)
    assert http.post("/emulator/faults", json={"latency_s": 0.01}).json()["latency_s"] == 0.01
    assert http.post("/emulator/faults", json={"poison": ["x"]}).json()["latency_s"] == 0.01
    answer = http.post("/emulator/reset", json={"rate_of_500": 1}).json()
    assert (answer["latency_s"], answer["rate_of_500"]) == (0, 1)
    assert emulator.stats()["requests"] == 0
    assert _post(http).status_code == 500
    assert http.post("/emulator/reset").json()["rate_of_500"] == 0
    assert _post(http).status_code == 200


@pytest.mark.parametrize("body", [b'{"latncy_s": 1}', b"[]", b"{", b'{"latency_s": "soon"}'])
@pytest.mark.parametrize("path", ["/emulator/faults", "/emulator/reset"])
def test_a_wrong_setting_changes_nothing(http: httpx2.Client, path: str, body: bytes) -> None:
    before = http.post("/emulator/faults", json={}).json()
    answer = http.post(path, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].endswith(".")
    assert http.post("/emulator/faults", json={}).json() == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(http: httpx2.Client, body: bytes) -> None:
    answer = http.post("/v1/embeddings", content=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_an_unknown_route_answers_in_the_same_shape(http: httpx2.Client) -> None:
    for answer, status in ((http.get("/v1/nothing"), 404), (http.get("/v1/embeddings"), 405)):
        assert answer.status_code == status
        assert "Invalid URL" in answer.json()["error"]["message"]


def test_every_answer_has_its_own_request_id(http: httpx2.Client) -> None:
    ids = {_post(http).headers["x-request-id"], _post(http, input="").headers["x-request-id"]}
    assert len(ids) == 2
