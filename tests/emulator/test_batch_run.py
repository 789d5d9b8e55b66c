"""The life of a batch as a client of the real SDK sees it, and what it costs."""

import base64
import json
import time
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types import Batch

from catalog_embeddings.emulator.serve import Emulator

MODEL = "text-embedding-3-small"
ENDED = {"completed", "failed", "expired", "cancelled"}


def _row(custom_id: str, endpoint: str = "/v1/embeddings", **body: Any) -> dict[str, Any]:
    asked = {"model": MODEL, "input": custom_id, "dimensions": 8, **body}
    return {"custom_id": custom_id, "method": "POST", "url": endpoint, "body": asked}


def _begin(client: OpenAI, rows: list[dict[str, Any]], endpoint: Any = "/v1/embeddings") -> Batch:
    content = "\n".join(json.dumps(row) for row in rows).encode()
    file = client.files.create(file=("input.jsonl", content), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h")


def _until(client: OpenAI, batch: Batch, *statuses: str) -> Batch:
    while batch.status not in statuses:
        time.sleep(0.01)
        batch = client.batches.retrieve(batch.id)
    return batch


def _lines(client: OpenAI, file_id: str | None) -> list[dict[str, Any]]:
    return [json.loads(line) for line in client.files.content(file_id).text.split("\n") if line] if file_id else []


def _counts(batch: Batch) -> tuple[int, int, int]:
    assert batch.request_counts
    return batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed


def test_a_batch_answers_what_single_requests_would_have(client: OpenAI, emulator: Emulator) -> None:
    names = [f"lamp {number}" for number in range(9)]
    begun = _begin(client, [_row(name, input=[name, "a desk"], encoding_format="base64") for name in names])
    assert (begun.status, _counts(begun), begun.output_file_id) == ("validating", (0, 0, 0), None)

    batch = _until(client, begun, *ENDED)

    assert (batch.status, _counts(batch), batch.errors) == ("completed", (9, 9, 0), None)
    assert (batch.model, batch.error_file_id) == (MODEL, None)
    assert batch.in_progress_at
    assert batch.finalizing_at
    assert batch.completed_at
    lines = _lines(client, batch.output_file_id)
    assert sorted(line["custom_id"] for line in lines) == names
    assert [line["custom_id"] for line in lines] != names
    assert len({line["id"] for line in lines}) == len({line["response"]["request_id"] for line in lines}) == 9
    stats = emulator.stats()
    assert (stats["batches"], stats["batch_lines_paid"], stats["inputs_paid"]) == (1, 9, 18)
    assert (stats["inputs_paid_twice"], stats["embedding_requests"]) == (8, 0)
    assert batch.usage
    assert batch.usage.input_tokens == stats["prompt_tokens"] == sum(_tokens(line) for line in lines)
    for line in lines:
        assert (line["error"], line["response"]["status_code"]) == (None, 200)
        single = client.embeddings.with_raw_response.create(
            model=MODEL, input=[line["custom_id"], "a desk"], dimensions=8, encoding_format="base64"
        )
        assert line["response"]["body"] == json.loads(single.text)
        assert len(base64.b64decode(line["response"]["body"]["data"][0]["embedding"])) == 32
    assert emulator.stats()["inputs_paid_twice"] == 8 + 18


def _tokens(line: dict[str, Any]) -> int:
    return int(line["response"]["body"]["usage"]["prompt_tokens"])


def test_chat_goes_in_batches_too(client: OpenAI, emulator: Emulator) -> None:
    asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Describe a lamp."}]}
    endpoint = "/v1/chat/completions"
    rows = [{"custom_id": name, "method": "POST", "url": endpoint, "body": asked} for name in ("r1", "r2")]
    batch = _until(client, _begin(client, rows, endpoint), *ENDED)
    lines = _lines(client, batch.output_file_id)
    assert [line["custom_id"] for line in lines] == ["r2", "r1"]
    assert all(line["response"]["body"]["choices"][0]["message"]["content"] for line in lines)
    stats = emulator.stats()
    assert (stats["batch_lines_paid"], stats["inputs_paid"]) == (2, 0)
    assert batch.usage
    assert 0 < batch.usage.output_tokens == stats["completion_tokens"]


def test_a_line_that_is_refused_lands_in_the_error_file_and_costs_nothing(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(poison=["cyanide"])
    rows = [_row("good"), _row("cyanide"), _row("empty", input=""), _row("also good")]
    batch = _until(client, _begin(client, rows), *ENDED)
    assert (batch.status, _counts(batch)) == ("completed", (4, 2, 2))
    refused = _lines(client, batch.error_file_id)
    assert {line["custom_id"]: line["response"]["status_code"] for line in refused} == {"cyanide": 400, "empty": 400}
    assert all(line["error"] is None and line["response"]["body"]["error"]["param"] == "input" for line in refused)
    assert {line["custom_id"] for line in _lines(client, batch.output_file_id)} == {"good", "also good"}
    assert (emulator.stats()["batch_lines_paid"], emulator.stats()["inputs_paid"]) == (2, 2)


def test_where_every_line_is_refused_there_is_no_output_file(client: OpenAI) -> None:
    batch = _until(client, _begin(client, [_row("r1", model="none"), _row("r2", model="none")]), *ENDED)
    assert (batch.status, batch.output_file_id, _counts(batch)) == ("completed", None, (2, 0, 2))
    assert {line["response"]["status_code"] for line in _lines(client, batch.error_file_id)} == {404}


def test_a_file_that_is_wrong_fails_the_batch_before_a_line_is_sent(client: OpenAI, emulator: Emulator) -> None:
    batch = _until(client, _begin(client, [_row("twice"), _row("once"), _row("twice")]), *ENDED)
    assert (batch.status, batch.output_file_id, batch.error_file_id) == ("failed", None, None)
    assert batch.failed_at
    assert batch.errors
    assert batch.errors.data
    assert [(error.code, error.line) for error in batch.errors.data] == [("duplicate_custom_id", 3)]
    assert emulator.stats()["inputs_paid"] == 0


def test_a_batch_fails_on_request(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(batch_fails=True)
    batch = _until(client, _begin(client, [_row("r1")]), *ENDED)
    assert batch.status == "failed"
    assert batch.errors
    assert batch.errors.data
    assert batch.errors.data[0].code == "token_limit_exceeded"
    emulator.faults(batch_fails=False)
    assert _until(client, _begin(client, [_row("r1")]), *ENDED).status == "completed"


@pytest.mark.parametrize(("share", "done"), [(0.0, 0), (0.45, 4), (1.0, 10)])
def test_an_expired_batch_keeps_what_it_has_done(client: OpenAI, emulator: Emulator, share: float, done: int) -> None:
    emulator.faults(batch_expires_after=share)
    names = {f"lamp {number}" for number in range(10)}
    batch = _until(client, _begin(client, [_row(name) for name in sorted(names)]), *ENDED)
    assert (batch.status, _counts(batch)) == ("expired", (10, done, 0))
    assert batch.expired_at
    answered = {line["custom_id"] for line in _lines(client, batch.output_file_id)}
    unsent = _lines(client, batch.error_file_id)
    assert len(answered) == done
    assert answered | {line["custom_id"] for line in unsent} == names
    assert len(unsent) == 10 - done
    assert all((line["response"], line["error"]["code"]) == (None, "batch_expired") for line in unsent)
    assert emulator.stats()["inputs_paid"] == done


def test_a_cancelled_batch_keeps_what_it_has_done(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(batch_seconds=300)
    batch = _begin(client, [_row(f"lamp {number}") for number in range(3_000)])
    while not _counts(batch)[1]:
        batch = client.batches.retrieve(batch.id)
    assert batch.status == "in_progress"
    emulator.faults(batch_seconds=3600)  # nothing more is done until it is cancelled

    assert client.batches.cancel(batch.id).status in ("cancelling", "cancelled")
    batch = _until(client, batch, *ENDED)

    assert batch.status == "cancelled"
    assert batch.cancelling_at
    assert batch.cancelled_at
    total, completed, failed = _counts(batch)
    assert (total, failed) == (3_000, 0)
    assert 0 < completed < 3_000
    answered, unsent = _lines(client, batch.output_file_id), _lines(client, batch.error_file_id)
    assert (len(answered), len(unsent)) == (completed, 3_000 - completed)
    assert {line["error"]["code"] for line in unsent} == {"batch_cancelled"}
    assert emulator.stats()["inputs_paid"] == completed
    with pytest.raises(openai.ConflictError, match="status 'cancelled'"):
        client.batches.cancel(batch.id)


def test_a_batch_is_held_and_let_go(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(batch_seconds=3600)
    batch = _until(client, _begin(client, [_row("r1"), _row("r2")]), "in_progress")
    assert _counts(batch) == (2, 0, 0)
    assert emulator.stats()["inputs_paid"] == 0
    client.files.delete(batch.input_file_id)  # it has been read
    emulator.faults(batch_seconds=0)
    assert _counts(_until(client, batch, "completed")) == (2, 2, 0)


def test_nothing_is_paid_for_after_a_reset(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(batch_seconds=3600)
    _until(client, _begin(client, [_row("r1")]), "in_progress")
    emulator.reset()
    assert _until(client, _begin(client, [_row("r2")]), *ENDED).status == "completed"
    assert emulator.stats()["batch_lines_paid"] == 1
