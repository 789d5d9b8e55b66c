"""Which input files fail a batch, where and why, and how the lines of the output files look."""

import json
from typing import Any

import pytest

from catalog_embeddings.emulator.batch_lines import (
    MAX_INPUT_BYTES,
    MAX_INPUTS,
    MAX_LINES,
    InvalidInputFile,
    Line,
    read_lines,
    refused_line,
    unsent_line,
)
from catalog_embeddings.emulator.openai_errors import bad_request

MODEL = "text-embedding-3-small"


def _row(custom_id: str = "r1", **changed: Any) -> dict[str, Any]:
    body = {"model": MODEL, "input": "a lamp"}
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/embeddings", "body": body, **changed}


def _jsonl(*rows: object) -> bytes:
    return b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)


def _errors(content: bytes) -> list[tuple[object, object]]:
    with pytest.raises(InvalidInputFile) as caught:
        read_lines(content, "/v1/embeddings")
    assert all(error.keys() == {"code", "message", "param", "line"} for error in caught.value.errors)
    return [(error["code"], error["line"]) for error in caught.value.errors]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_lines_are_read_in_order(end: bytes) -> None:
    odd = b'{"custom_id": "two\xe2\x80\xa8lines", "method": "POST", "url": "/v1/embeddings", "body": {"model": "%b"}}\r'
    lines = read_lines(_jsonl(_row("r1"), odd % MODEL.encode()) + end, "/v1/embeddings")
    assert [line.custom_id for line in lines] == ["r1", "two\u2028lines"]
    assert lines[0].body == {"model": MODEL, "input": "a lamp"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"{", "invalid_json_line"),
        (b"", "invalid_json_line"),
        (b"\xff", "invalid_json_line"),
        (b"[]", "invalid_json_line"),
        (b"[" * 100_000, "invalid_json_line"),
        (_row(custom_id=""), "missing_required_parameter"),
        (_row(custom_id=7), "missing_required_parameter"),  # type: ignore[arg-type]
        (_row(body=None), "missing_required_parameter"),
        (_row(method="GET"), "invalid_method"),
        (_row(url="/v1/chat/completions"), "url_mismatch"),
        (_row(body={"model": "another"}), "model_mismatch"),
        (_row("first"), "duplicate_custom_id"),
    ],
)
def test_a_bad_line_is_named(row: object, code: str) -> None:
    assert _errors(_jsonl(_row("first"), _row("second"), row, _row("last"))) == [(code, 3)]


def test_every_bad_line_is_named_up_to_a_hundred() -> None:
    assert _errors(_jsonl(b"{", _row(), b"}")) == [("invalid_json_line", 1), ("invalid_json_line", 3)]
    assert len(_errors(_jsonl(*[b"{"] * 101))) == 100


@pytest.mark.parametrize("content", [b"", b"\n", b" \n \n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert _errors(content) == [("empty_file", None)]


def test_the_limits_of_one_batch() -> None:
    lines = [_row(str(number)) for number in range(MAX_LINES)]
    assert len(read_lines(_jsonl(*lines), "/v1/embeddings")) == MAX_LINES
    assert _errors(_jsonl(*lines, _row("one more"))) == [("too_many_tasks", None)]
    inputs = ["a"] * (MAX_INPUTS - 1)
    many = _row("many", body={"model": MODEL, "input": inputs})
    assert len(read_lines(_jsonl(many, _row()), "/v1/embeddings")) == 2
    assert _errors(_jsonl(many, _row(), _row("one more"))) == [("too_many_inputs", None)]
    assert _errors(bytes(MAX_INPUT_BYTES + 1)) == [("file_too_large", None)]


def test_a_refused_request_keeps_its_error_in_the_body() -> None:
    written = json.loads(refused_line(Line("r1", {}), bad_request("No.", param="input")))
    assert written["error"] is None
    assert written["response"]["status_code"] == 400
    assert written["response"]["body"]["error"]["param"] == "input"


def test_an_unsent_request_has_an_error_and_no_response() -> None:
    written = json.loads(unsent_line(Line("r1", {}), "expired"))
    assert (written["custom_id"], written["response"], written["error"]["code"]) == ("r1", None, "batch_expired")
