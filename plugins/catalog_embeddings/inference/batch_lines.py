"""The files of the Batch API, line by line, and what it says of them and of batches: only here are their keys known.

A line of the input file is a request; a line of an output file is the answer that the request would have had alone,
which is left to ``responses``. Nothing that comes back is believed unless it is what it should be.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from catalog_embeddings.domain.batch import CHAT, EMBEDDINGS, AnsweredLine, BatchReport, Endpoint
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.inference.client import MODELS_WITH_DIMS

# What a JSON value of the wrong kind, size or depth makes the lines that read it raise.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a list of files or batches: its id, when it was made (Unix seconds), and the entry itself."""

    id: str
    created_at: int
    entry: dict[str, Any]


def embeddings_line(spec: VersionSpec, custom_id: str, inputs: Sequence[str]) -> bytes:
    """The line that asks for the vectors of ``inputs``."""
    body: dict[str, object] = {"model": spec.model, "input": list(inputs), "encoding_format": "base64"}
    if spec.model.startswith(MODELS_WITH_DIMS):
        body["dimensions"] = spec.dims
    return _line(custom_id, EMBEDDINGS, body)


def chat_line(custom_id: str, body: Mapping[str, object]) -> bytes:
    """The line that asks for a completion, ``body`` being the request."""
    return _line(custom_id, CHAT, body)


def _line(custom_id: str, url: Endpoint, body: Mapping[str, object]) -> bytes:
    line = {"custom_id": custom_id, "method": "POST", "url": url, "body": body}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def parse_lines(content: bytes) -> list[AnsweredLine]:
    """The lines of an output or error file, in whatever order.

    Raises:
        UntrustedAnswer: it is no such file; an HTML page, for example.
    """
    # Not splitlines: JSON may hold line separators that are none of JSONL.
    return [_parsed("an output file", _answered, line) for line in content.split(b"\n") if line.strip()]


def parse_batch(body: bytes) -> BatchReport:
    """What is said of a batch.

    Raises:
        UntrustedAnswer: it is no batch.
    """
    return _parsed("a batch", _report, body)


def parse_file_id(body: bytes) -> str:
    """The id of a file that was uploaded.

    Raises:
        UntrustedAnswer: it is no file.
    """
    return _parsed("a file", lambda file: _text(file["id"]), body)


def parse_page(body: bytes) -> tuple[list[Listed], bool]:
    """A page of a list, and whether there are more.

    Raises:
        UntrustedAnswer: it is no list.
    """
    return _parsed("a list", _page, body)


def _parsed(name: str, read: Callable[[Any], Read], body: bytes) -> Read:
    try:
        return read(json.loads(body))
    except _UNREADABLE as error:
        raise UntrustedAnswer(f"the answer is not {name} of the Batch API ({type(error).__name__})") from error


def _answered(line: Any) -> AnsweredLine:
    response = line.get("response")
    if response is None:
        return AnsweredLine(_text(line["custom_id"]), None, json.dumps({"error": line["error"]}).encode())
    body = json.dumps(response["body"]).encode()
    return AnsweredLine(_text(line["custom_id"]), int(response["status_code"]), body)


def _report(batch: Any) -> BatchReport:
    counts = batch.get("request_counts") or {}
    errors = (batch.get("errors") or {}).get("data") or []
    return BatchReport(
        batch_id=_text(batch["id"]),
        status=_text(batch["status"]),
        input_file_id=_text(batch["input_file_id"]),
        total=int(counts.get("total", 0)),
        completed=int(counts.get("completed", 0)),
        failed=int(counts.get("failed", 0)),
        output_file_id=batch.get("output_file_id"),
        error_file_id=batch.get("error_file_id"),
        error=_code(errors[0].get("code")) if errors else None,
    )


def _page(listed: Any) -> tuple[list[Listed], bool]:
    entries = [Listed(_text(entry["id"]), int(entry["created_at"]), entry) for entry in listed["data"]]
    return entries, bool(listed.get("has_more"))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _code(value: Any) -> str:
    # A code is one word; a sentence may quote the input.
    return value if isinstance(value, str) and re.fullmatch(r"[\w.-]{1,80}", value) else "unknown"
