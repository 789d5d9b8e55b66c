"""The lines of a batch: which input files are refused, and how each line of the two output files is written.

Knows JSONL and OpenAI's words for what is wrong with it. When a line is answered is left to ``batches``.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from catalog_embeddings.emulator.openai_errors import ApiError

BatchEndpoint = Literal["/v1/embeddings", "/v1/chat/completions"]
ENDPOINTS: tuple[BatchEndpoint, ...] = get_args(BatchEndpoint)
MAX_INPUT_BYTES = 200 * 2**20
MAX_LINES = 50_000
MAX_INPUTS = 50_000
_REPORTED_ERRORS = 100
_KEYS: Mapping[str, type] = {"custom_id": str, "method": str, "url": str, "body": dict}


@dataclass(frozen=True, slots=True)
class Line:
    """A request within a batch, with the name that its answer is found by."""

    custom_id: str
    body: Mapping[str, object]


class InvalidInputFile(Exception):
    """A batch fails before it begins; ``errors`` are the entries of its ``errors.data``."""

    def __init__(self, errors: list[dict[str, object]]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


def read_lines(content: bytes, endpoint: BatchEndpoint) -> list[Line]:
    """The requests of an input file; raises InvalidInputFile where OpenAI would fail the batch."""
    if error := _refused_size(content):
        raise InvalidInputFile([error])
    lines: list[Line] = []
    errors: list[dict[str, object]] = []
    seen: set[str] = set()
    # Not splitlines: JSON may hold line separators that are none of JSONL.
    for number, row in enumerate(content.removesuffix(b"\n").split(b"\n"), start=1):
        read = _read_line(row, number, endpoint)
        if isinstance(read, Line):
            errors += _clashes(read, number, seen, lines)
            lines.append(read)
            seen.add(read.custom_id)
        else:
            errors.append(read)
    if endpoint == "/v1/embeddings" and sum(map(_inputs, lines)) > MAX_INPUTS:
        errors.append(_error("too_many_inputs", f"A batch may hold at most {MAX_INPUTS} embedding inputs."))
    if errors:
        raise InvalidInputFile(errors[:_REPORTED_ERRORS])
    return lines


def _refused_size(content: bytes) -> dict[str, object] | None:
    if len(content) > MAX_INPUT_BYTES:
        return _error("file_too_large", f"The batch input file is larger than the {MAX_INPUT_BYTES} maximum.")
    if not content.strip():
        return _error("empty_file", "The batch input file is empty.")
    if (rows := content.removesuffix(b"\n").count(b"\n") + 1) > MAX_LINES:
        return _error("too_many_tasks", f"The batch input file holds {rows} lines; the maximum is {MAX_LINES}.")
    return None


def _read_line(row: bytes, number: int, endpoint: str) -> Line | dict[str, object]:
    try:
        line = json.loads(row)
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict):
        return _error("invalid_json_line", "This line is not parseable as valid JSON.", number)
    for key, kind in _KEYS.items():
        if not isinstance(line.get(key), kind) or not line[key]:
            return _error("missing_required_parameter", f"Missing required parameter: '{key}'.", number, key)
    if line["method"] != "POST":
        return _error("invalid_method", "The method of every request must be POST.", number, "method")
    if line["url"] != endpoint:
        message = "The URL provided for this request does not match the batch's endpoint."
        return _error("url_mismatch", message, number, "url")
    return Line(line["custom_id"], line["body"])


def _clashes(line: Line, number: int, seen: set[str], before: list[Line]) -> Iterator[dict[str, object]]:
    if line.custom_id in seen:
        message = "The custom_id of this line stands in an earlier one too; it must be unique within a batch."
        yield _error("duplicate_custom_id", message, number, "custom_id")
    if before and line.body.get("model") != before[0].body.get("model"):
        message = "The model of this line is not that of the first; a batch may use one model only."
        yield _error("model_mismatch", message, number, "body.model")


def _inputs(line: Line) -> int:
    texts = line.body.get("input")
    return len(texts) if isinstance(texts, list) else 1


def over_the_queue(line: Line) -> dict[str, object]:
    """What a batch fails with when too many tokens wait already: one that would pass on another day."""
    message = (
        f"Enqueued token limit reached for {line.body.get('model')}. "
        "Please try again once some in_progress batches have been completed."
    )
    return _error("token_limit_exceeded", message)


def _error(code: str, message: str, line: int | None = None, param: str | None = None) -> dict[str, object]:
    """One entry of a failed batch's ``errors.data``; lines count from 1."""
    return {"code": code, "message": message, "param": param, "line": line}


def answered_line(line: Line, body: Mapping[str, Any]) -> bytes:
    """A line of the output file: the request's answer, as it would have been without a batch."""
    return _written(line, response={"status_code": 200, "request_id": uuid.uuid4().hex, "body": body})


def refused_line(line: Line, error: ApiError) -> bytes:
    """A line of the error file: the request was sent, and refused. ``error`` stays null, as OpenAI has it."""
    response = {"status_code": error.status, "request_id": uuid.uuid4().hex, "body": error.body()}
    return _written(line, response=response)


def unsent_line(line: Line, why: Literal["expired", "cancelled"]) -> bytes:
    """A line of the error file: the batch ended before the request was sent, so it costs nothing."""
    messages = {
        "expired": "This request could not be executed before the completion window expired.",
        "cancelled": "This request was not executed, because the batch was cancelled.",
    }
    return _written(line, error={"code": f"batch_{why}", "message": messages[why]})


def _written(line: Line, response: object = None, error: object = None) -> bytes:
    named = {"id": f"batch_req_{uuid.uuid4().hex}", "custom_id": line.custom_id}
    return json.dumps({**named, "response": response, "error": error}).encode() + b"\n"
