"""Answers and refusals: what is believed, what an error stands for, and how long a server wants us to wait."""

import base64
import json
import time
from email.utils import formatdate
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_embeddings.errors import (
    CatalogEmbeddingsError,
    RateLimited,
    RequestRefused,
    RunPaused,
    ServerFailed,
    UntrustedAnswer,
)
from catalog_embeddings.inference.buckets import Allowance, Allowances
from catalog_embeddings.inference.responses import (
    allowances,
    duration,
    error_of,
    parse_chat,
    parse_embeddings,
    parse_owners,
    pause_asked,
    retry_after,
)

ONE, TWO = [1.0, 0.0], [0.5, -0.25]
TOO_DEEP = b"[" * 100_000


def encoded(vector: list[float]) -> str:
    return base64.b64encode(np.array(vector, dtype="<f4").tobytes()).decode()


def body(*embeddings: Any, indexes: list[Any] | None = None, **more: Any) -> bytes:
    order = list(range(len(embeddings))) if indexes is None else indexes
    rows = [{"index": index, "embedding": each} for index, each in zip(order, embeddings, strict=True)]
    return json.dumps({"data": rows, **more}).encode()


@pytest.mark.parametrize("embeddings", [(encoded(ONE), encoded(TWO)), (ONE, TWO), (encoded(ONE), TWO)])
def test_base64_and_lists_of_numbers_are_believed(embeddings: tuple[Any, ...]) -> None:
    answer = parse_embeddings(body(*embeddings, usage={"prompt_tokens": 7}), inputs=2, dims=2)
    assert answer.vectors.dtype == np.float32
    assert answer.vectors.tolist() == [ONE, TWO]
    assert answer.tokens == 7


def test_vectors_stand_in_the_order_of_the_inputs() -> None:
    answer = parse_embeddings(body([3], [1], [2], indexes=[2, 0, 1]), inputs=3, dims=1)
    assert answer.vectors.tolist() == [[1], [2], [3]]


@pytest.mark.parametrize("usage", [{}, {"usage": None}, {"usage": {}}, {"usage": {"total_tokens": 3}}])
def test_a_server_that_bills_nothing_is_believed(usage: dict[str, Any]) -> None:
    assert parse_embeddings(body(ONE, **usage), inputs=1, dims=2).tokens == 0


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html></html>",
        b"\xff",
        b"null",
        b"[]",
        b"7",
        TOO_DEEP,
        b'{"data": null}',
        b'{"data": 7}',
        b'{"data": [null, null]}',
        b'{"data": [{"index": 0}, {"index": 1}]}',
        b'{"error": {"message": "no"}}',
        body(ONE, TWO)[:-5],
        body(ONE),
        body(ONE, TWO, ONE),
        body(ONE, TWO, indexes=[0, 0]),
        body(ONE, TWO, indexes=[1, 2]),
        body(ONE, TWO, indexes=[-1, 0]),
        body(ONE, TWO, indexes=[0, 10**30]),
        body(ONE, TWO, indexes=[0, "1"]),
        body(ONE, TWO, indexes=[0, None]),
        body(ONE, TWO, indexes=[0.0, 1.0]),
        body([1.0], [1.0]),
        body(ONE, [1.0]),
        body(ONE, [*TWO, 1.0]),
        body(ONE, []),
        body(ONE, encoded(TWO)[:-4]),
        body(ONE, "not base64!"),
        body(ONE, "\ud800"),
        body(ONE, None),
        body(ONE, 7),
        body(ONE, {"0": 1.0}),
        body(ONE, ["one", "two"]),
        body(ONE, [1.0, None]),
        body(ONE, [10**400, 1.0]),
        body(ONE, [0.0, 0.0]),
        body(ONE, [-0.0, 0.0]),
        body(ONE, [1.0, float("nan")]),
        body(ONE, [1.0, float("inf")]),
        body(ONE, encoded([1.0, float("nan")])),
        body(ONE, encoded([float("-inf"), 1.0])),
        body(ONE, encoded([0.0, 0.0])),
        body(ONE, TWO, usage=[7]),
        body(ONE, TWO, usage={"prompt_tokens": None}),
        body(ONE, TWO, usage={"prompt_tokens": "many"}),
        body(ONE, TWO, usage={"prompt_tokens": float("inf")}),
    ],
)
def test_anything_but_two_usable_vectors_of_two_dims_is_not_believed(answer: bytes) -> None:
    with pytest.raises(UntrustedAnswer):
        parse_embeddings(answer, inputs=2, dims=2)


SCALARS = (
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats(width=32) | st.sampled_from(["", "x", encoded(ONE)])
)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.lists(st.lists(st.floats(width=32), max_size=2), max_size=2)
ROWS = st.fixed_dictionaries({"index": st.integers(0, 1) | VALUES, "embedding": st.just(ONE) | VALUES}) | VALUES


@settings(deadline=None)
@given(st.lists(ROWS, max_size=3) | VALUES, VALUES)
def test_no_answer_is_so_strange_that_it_is_more_than_believed_or_not(data: Any, usage: Any) -> None:
    try:
        answer = parse_embeddings(json.dumps({"data": data, "usage": usage}).encode(), inputs=2, dims=2)
    except UntrustedAnswer:
        return
    assert answer.vectors.shape == (2, 2)
    assert np.isfinite(answer.vectors).all()
    assert answer.vectors.any(axis=1).all()


def refusal(code: str | None, **more: Any) -> bytes:
    return json.dumps({"error": {"message": "the zanzibar chair", "code": code, **more}}).encode()


def completion(message: Any = None, **more: Any) -> bytes:
    choice = {"message": {"content": "{}"} if message is None else message, "finish_reason": "stop"}
    return json.dumps({"choices": [choice | more.pop("choice", {})], **more}).encode()


def test_a_completion_is_kept_as_it_came() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    answer = parse_chat(raw := completion({"content": None, "refusal": "No."}, usage=usage))
    assert (answer.raw, answer.content, answer.refusal, answer.finish_reason) == (raw, None, "No.", "stop")
    assert (answer.prompt_tokens, answer.completion_tokens, answer.tokens) == (5, 2, 7)
    assert parse_chat(completion(usage=None)).tokens == 0


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html></html>",
        b"[]",
        b"{}",
        b'{"choices": null}',
        b'{"choices": []}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": null}]}',
        completion([]),
        completion({"content": ["a part"]}),
        completion({"content": "a", "refusal": 5}),
        completion(choice={"finish_reason": 5}),
        completion(usage={"prompt_tokens": "many"}),
        completion(usage=[1]),
        TOO_DEEP,
    ],
)
def test_anything_but_a_completion_is_not_believed(answer: bytes) -> None:
    with pytest.raises(UntrustedAnswer):
        parse_chat(answer)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, None, RequestRefused),
        (400, "context_length_exceeded", RequestRefused),
        (401, "invalid_api_key", RunPaused),
        (402, None, RunPaused),
        (403, None, RunPaused),
        (404, "model_not_found", RunPaused),
        (408, None, ServerFailed),
        (409, None, ServerFailed),
        (413, None, RequestRefused),
        (422, None, RequestRefused),
        (425, None, ServerFailed),
        (429, "rate_limit_exceeded", RateLimited),
        (429, None, RateLimited),
        (429, "insufficient_quota", RunPaused),
        (429, "billing_hard_limit_reached", RunPaused),
        (500, None, ServerFailed),
        (502, None, ServerFailed),
        (503, "insufficient_quota", ServerFailed),
        (529, None, ServerFailed),
    ],
)
def test_each_status_has_its_error(status: int, code: str | None, error: type[CatalogEmbeddingsError]) -> None:
    assert type(error_of(status, {}, refusal(code))) is error


def test_the_quota_is_known_by_its_type_where_no_code_is_given() -> None:
    assert isinstance(error_of(429, {}, refusal(None, type="insufficient_quota")), RunPaused)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal("context_length_exceeded"), "context_length_exceeded"),
        (refusal(None, type="invalid_request_error"), "invalid_request_error"),
        (refusal("unsupported.value-2"), "unsupported.value-2"),
        (refusal(None), "unknown"),
        (refusal(""), "unknown"),
        (refusal("the zanzibar chair"), "unknown"),
        (refusal("zanzibar" * 11), "unknown"),
        (json.dumps({"error": {"code": 400}}).encode(), "400"),
        (json.dumps({"error": {"code": {"input": "zanzibar"}}}).encode(), "unknown"),
        (json.dumps({"error": "the zanzibar chair"}).encode(), "unknown"),
        (json.dumps({"error": None}).encode(), "unknown"),
        (json.dumps(["the zanzibar chair"]).encode(), "unknown"),
        (b"the zanzibar chair", "unknown"),
        (b"\xff", "unknown"),
        (TOO_DEEP, "unknown"),
    ],
)
def test_a_refusal_keeps_the_code_and_nothing_else_of_the_body(answer: bytes, code: str) -> None:
    refused = error_of(400, {}, answer)
    assert isinstance(refused, RequestRefused)
    assert refused.code == code
    assert "zanzibar" not in str(refused)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422, 429, 500])
def test_no_message_repeats_the_body(status: int) -> None:
    assert "zanzibar" not in str(error_of(status, {}, refusal(None)))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "1"}, 1),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_the_wait_is_read_in_every_spelling(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_is_waited_for() -> None:
    wait = retry_after({"retry-after": formatdate(time.time() + 60, usegmt=True)})
    assert wait is not None
    assert 50 < wait <= 60


@settings(deadline=None)
@given(st.text())
def test_no_header_is_so_strange_that_it_breaks_the_wait(value: str) -> None:
    wait = retry_after({"retry-after": value, "retry-after-ms": value})
    assert wait is None or wait >= 0


@pytest.mark.parametrize(("seconds", "error"), [("600", RateLimited), ("601", RunPaused), ("1e300", RunPaused)])
def test_a_pause_that_no_run_sits_out_ends_the_run(seconds: str, error: type[CatalogEmbeddingsError]) -> None:
    assert type(error_of(429, {"retry-after": seconds}, b"")) is error


def test_a_busy_server_may_ask_for_a_pause_too() -> None:
    assert isinstance(error_of(503, {"retry-after": "600"}, b""), ServerFailed)
    assert isinstance(error_of(503, {"retry-after": "601"}, b""), RunPaused)
    assert isinstance(error_of(500, {"retry-after": "601"}, b""), ServerFailed)
    assert [pause_asked(status, {"retry-after": "2"}) for status in (429, 503, 500, 400)] == [2, 2, None, None]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6ms", 0.006),
        ("1s", 1),
        ("7.66s", 7.66),
        ("1m30s", 90),
        ("2m59.56s", 179.56),
        ("2h3m", 7_380),
        ("1d2h3m4s5ms", 93_784.005),
        ("12", 12),
        ("0.5", 0.5),
        ("0s", 0),
        ("", None),
        ("soon", None),
        ("-1s", None),
        ("1m 30s", None),
        ("1m30", None),
        ("1s!", None),
        ("1e3s", None),
        ("٣s", None),
        ("1s" * 50, None),
        (None, None),
    ],
)
def test_a_reset_is_read_in_every_spelling(text: str | None, seconds: float | None) -> None:
    assert duration(text) == (seconds if seconds is None else pytest.approx(seconds))


def ratelimit(kind: str, **values: str) -> dict[str, str]:
    return {f"x-ratelimit-{name}-{kind}": value for name, value in values.items()}


def test_the_limits_of_requests_and_tokens_are_told_apart() -> None:
    requests = ratelimit("requests", limit="600", remaining="599", reset="100ms")
    tokens = ratelimit("tokens", limit="1000000", remaining="250000", reset="45s")
    assert allowances(requests | tokens) == Allowances(Allowance(600, 599, 0.1), Allowance(1_000_000, 250_000, 45))
    assert allowances(tokens) == Allowances(None, Allowance(1_000_000, 250_000, 45))
    assert allowances({}) == Allowances()


@pytest.mark.parametrize(
    ("values", "allowance"),
    [
        ({"limit": "600"}, Allowance(600)),
        ({"limit": "600", "remaining": "601", "reset": "1s"}, Allowance(600, None, 1)),
        ({"limit": "600", "remaining": "-1", "reset": "-1"}, Allowance(600)),
        ({"limit": "600", "remaining": "many", "reset": "soon"}, Allowance(600)),
        ({"limit": "600", "remaining": "5", "reset": "1893456000"}, Allowance(600, 5)),
        ({"limit": "0", "remaining": "0", "reset": "0s"}, None),
        ({"limit": "nan"}, None),
        ({"limit": "1e300"}, None),
        ({"limit": "unlimited"}, None),
        ({"remaining": "5", "reset": "1s"}, None),
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(values: dict[str, str], allowance: Allowance | None) -> None:
    assert allowances(ratelimit("requests", **values)) == Allowances(allowance, None)


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_no_header_is_so_strange_that_it_breaks_the_limits(limit: str, remaining: str, reset: str) -> None:
    told = allowances(ratelimit("tokens", limit=limit, remaining=remaining, reset=reset)).tokens
    assert told is None or (told.limit >= 1 and (told.per_second() or 1) > 0)


@pytest.mark.parametrize(
    ("answer", "owners"),
    [
        (b'{"data": [{"owned_by": "a"}, {"owned_by": "b"}, {"owned_by": "a"}]}', {"a", "b"}),
        (b'{"data": []}', set()),
        (b'{"data": [{"id": "m"}]}', set()),
        (b'{"data": [null]}', set()),
        (b'{"detail": "Not Found"}', set()),
        (b"[]", set()),
        (b"<html></html>", set()),
        (TOO_DEEP, set()),
    ],
)
def test_the_owners_of_models_are_read_where_there_are_any(answer: bytes, owners: set[str]) -> None:
    assert parse_owners(answer) == owners
