"""The lines of the Batch API's files: what is asked for, and that nothing is believed that is not what it should be."""

import json

import pytest

from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.inference.batch_lines import (
    chat_line,
    embeddings_line,
    parse_batch,
    parse_file_id,
    parse_lines,
    parse_page,
)


def _spec(model: str) -> VersionSpec:
    return VersionSpec("openai", model, 8, "product.v2", "0" * 64, ("title",))


@pytest.mark.parametrize(("model", "dims"), [("text-embedding-3-large", 8), ("all-MiniLM-L6-v2", None)])
def test_a_line_asks_as_a_request_would(model: str, dims: int | None) -> None:
    # JSON holds line separators that would end a line for Python.
    line = embeddings_line(_spec(model), "one", ["a \u2028 lamp", 'a "desk"\n'])
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    asked = json.loads(line)
    assert (asked["custom_id"], asked["method"], asked["url"]) == ("one", "POST", "/v1/embeddings")
    body = asked["body"]
    assert (body["model"], body["input"], body["encoding_format"]) == (model, ["a \u2028 lamp", 'a "desk"\n'], "base64")
    assert body.get("dimensions") == dims


def test_a_line_for_a_completion_holds_the_request() -> None:
    body = {"model": "a-model", "messages": [{"role": "user", "content": "a \u2028 lamp"}]}
    line = chat_line("one", body)
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert json.loads(line) == {"custom_id": "one", "method": "POST", "url": "/v1/chat/completions", "body": body}


def test_answers_refusals_and_what_was_never_sent() -> None:
    lines = [
        {"custom_id": "b", "response": {"status_code": 200, "body": {"text": "a \u2028 b"}}, "error": None},
        {"custom_id": "a", "response": {"status_code": 400, "body": {"error": {"code": "x"}}}, "error": None},
        {"custom_id": "c", "response": None, "error": {"code": "batch_expired", "message": "..."}},
    ]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode() + b"\n"
    first, second, third = parse_lines(content)
    assert (first.custom_id, first.status, json.loads(first.body)) == ("b", 200, {"text": "a \u2028 b"})
    assert (second.custom_id, second.status, json.loads(second.body)) == ("a", 400, {"error": {"code": "x"}})
    assert (third.custom_id, third.status, json.loads(third.body)["error"]["code"]) == ("c", None, "batch_expired")


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>Bad gateway</body></html>",
        b'{"custom_id": "a", "response": {"status_code": 200, "body": {}}}\n{"custom_id": "b", "resp',
        b"[1, 2]",
        b'{"custom_id": 7, "response": {"status_code": 200, "body": {}}}',
        b'{"response": {"status_code": 200, "body": {}}}',
        b'{"custom_id": "a", "response": {"status_code": "fine", "body": {}}}',
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_something_else_is_not_believed(content: bytes) -> None:
    with pytest.raises(UntrustedAnswer, match="not an output file"):
        parse_lines(content)


def test_a_batch_tells_how_far_it_has_come() -> None:
    told: dict[str, object] = {"id": "batch_1", "status": "in_progress", "input_file_id": "file-1"}
    told |= {"request_counts": None, "errors": None}
    report = parse_batch(json.dumps(told).encode())
    assert (report.batch_id, report.end, report.total, report.error) == ("batch_1", None, 0, None)
    told |= {"status": "failed", "errors": {"data": [{"code": "token_limit_exceeded", "message": "a lamp"}]}}
    report = parse_batch(json.dumps(told).encode())
    assert (report.end, report.error) == ("failed", "token_limit_exceeded")
    told |= {"errors": {"data": [{"code": "a sentence that may quote a lamp"}]}}
    assert parse_batch(json.dumps(told).encode()).error == "unknown"


@pytest.mark.parametrize("parse", [parse_batch, parse_file_id, parse_page])
@pytest.mark.parametrize("body", [b"<html>", b"{}", b"null", b'{"data": 3}', b'{"id": 3}'])
def test_what_is_no_answer_of_the_api_is_not_believed(parse: object, body: bytes) -> None:
    assert callable(parse)
    with pytest.raises(UntrustedAnswer):
        parse(body)
