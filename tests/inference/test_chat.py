"""The chat client: what it sends, what it hands back, and whom it blames when there is no answer."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.errors import RequestRefused, RunPaused
from catalog_embeddings.inference.chat import ChatApi
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import CHAT_PACE, Pace
from catalog_embeddings.inference.responses import ChatAnswer

SECRET = "the madagascar chair"  # in a record, never in an error
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": f'<record>\n{{"title": "{SECRET}"}}\n</record>'},
]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "description": {"type": "string", "minLength": 1, "maxLength": 2000},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 80}, "minItems": 1, "maxItems": 5},
    },
    "required": ["description", "tags"],
    "additionalProperties": False,
}

#: Who has no patience pauses at the second failure.
IMPATIENT = Pace(first_backoff=0.001, patience=0.0)

OpenChat = Callable[..., ChatApi]


def complete(api: ChatApi, schema: dict[str, Any] = SCHEMA) -> ChatAnswer:
    return api.complete(MESSAGES, schema, temperature=0.2, max_tokens=300)


@dataclass
class Recorder:
    """A server that keeps what it is asked."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    body = json.dumps({"choices": [{"message": {"content": "{}"}, "finish_reason": "stop"}]}).encode()

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Keep) as listener:
        kept = Recorder(f"http://127.0.0.1:{listener.server_port}/v1")
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield kept
        listener.shutdown()
        thread.join()


def test_an_answer_is_handed_back_as_it_was_received(chat: ChatApi, emulator: Emulator) -> None:
    answer = complete(chat)
    body = json.loads(answer.raw)
    assert answer.content == body["choices"][0]["message"]["content"]
    assert json.loads(answer.content)["description"].startswith("the madagascar chair.")
    assert (answer.finish_reason, answer.refusal) == ("stop", None)
    stats = emulator.stats()
    assert (answer.prompt_tokens, answer.completion_tokens) == (stats["prompt_tokens"], stats["completion_tokens"])
    assert chat.spent == Spent(requests=1, retries=0, tokens=answer.prompt_tokens + answer.completion_tokens)


def test_what_is_asked_for_is_the_shape_of_the_schema_without_its_bounds(
    open_chat: OpenChat, recorder: Recorder
) -> None:
    complete(open_chat(base_url=recorder.url))
    assert recorder.asked == [
        {
            "model": "gpt-4o-mini",
            "messages": MESSAGES,
            "temperature": 0.2,
            "max_completion_tokens": 300,
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": "answer",
                    "strict": True,
                    "schema": {
                        "type": "object",
                        "properties": {
                            "description": {"type": "string"},
                            "tags": {"type": "array", "items": {"type": "string"}},
                        },
                        "required": ["description", "tags"],
                        "additionalProperties": False,
                    },
                },
            },
        }
    ]


def test_a_field_may_be_called_as_a_bound_is(open_chat: OpenChat, recorder: Recorder) -> None:
    schema = {"type": "object", "properties": {"format": {"type": "string", "format": "date"}}}
    complete(open_chat(base_url=recorder.url), schema)
    sent = recorder.asked[0]["response_format"]["json_schema"]["schema"]
    assert sent["properties"] == {"format": {"type": "string"}}


@pytest.mark.parametrize(("model", "has_one"), [("gpt-4.1-mini", True), ("gpt-5-mini", False), ("o3", False)])
def test_models_that_reason_are_sent_no_temperature(
    open_chat: OpenChat, recorder: Recorder, model: str, has_one: bool
) -> None:
    complete(open_chat(model, base_url=recorder.url))
    assert ("temperature" in recorder.asked[0]) == has_one


def test_a_server_that_bills_nothing_is_believed(open_chat: OpenChat, recorder: Recorder) -> None:
    answer = complete(open_chat(base_url=recorder.url))
    assert (answer.content, answer.tokens) == ("{}", 0)


@pytest.mark.parametrize("kind", ["html_200", "truncated", "drop_connection"])
def test_an_answer_that_is_none_is_asked_for_again(chat: ChatApi, emulator: Emulator, kind: str) -> None:
    honest = complete(chat)
    emulator.faults(fail_next=[{"kind": kind}])
    assert complete(chat).content == honest.content
    assert (chat.spent.requests, chat.spent.retries) == (3, 1)


@pytest.mark.parametrize(
    ("draft", "expected"),
    [("refusal", ("stop", True)), ("length", ("length", False)), ("content_filter", ("content_filter", False))],
)
def test_what_the_model_makes_of_it_is_not_judged_here(
    chat: ChatApi, emulator: Emulator, draft: str, expected: tuple[str, bool]
) -> None:
    emulator.faults(draft=draft)
    answer = complete(chat)
    assert (answer.finish_reason, answer.refusal is not None) == expected
    assert chat.spent.requests == 1


@pytest.mark.parametrize(("status", "code"), [(400, "content_policy_violation"), (413, "too_large")])
def test_a_refused_request_is_not_repeated(chat: ChatApi, emulator: Emulator, status: int, code: str) -> None:
    emulator.faults(fail_next=[{"status": status, "code": code, "message": SECRET}])
    with pytest.raises(RequestRefused) as refused:
        complete(chat)
    assert refused.value.code == code
    assert SECRET not in str(refused.value)
    assert chat.spent.requests == 1


@pytest.mark.parametrize("fault", [{"kind": "insufficient_quota"}, {"status": 401}, {"status": 404}], ids=str)
def test_quota_key_and_model_pause_the_run_at_once(chat: ChatApi, emulator: Emulator, fault: dict[str, Any]) -> None:
    emulator.faults(fail_next=[fault])
    with pytest.raises(RunPaused):
        complete(chat)
    assert emulator.stats()["chat_requests"] == 1
    with pytest.raises(RunPaused):
        complete(chat)
    assert emulator.stats()["chat_requests"] == 1


def test_an_outage_pauses_the_run(open_chat: OpenChat, emulator: Emulator) -> None:
    emulator.faults(rate_of_500=1.0)
    with pytest.raises(RunPaused):
        complete(open_chat(gate=Gate(4, pace=IMPATIENT)))


def test_an_outage_is_sat_out_with_a_canary(chat: ChatApi, emulator: Emulator) -> None:
    emulator.faults(fail_next=[{"status": 503}] * 6)
    assert complete(chat).content
    assert emulator.stats()["chat_requests"] == 8  # five failures, a probe that fails, one that passes, and the request


def test_the_canary_tells_a_broken_system_from_a_poisoned_item(chat: ChatApi, emulator: Emulator) -> None:
    emulator.faults(poison=[SECRET])
    with pytest.raises(RequestRefused):
        complete(chat)
    chat.check_canary()
    emulator.faults(poison=["wooden"])
    with pytest.raises(RunPaused, match="even a plain sentence"):
        chat.check_canary()


def test_a_model_may_think_for_two_minutes() -> None:
    assert (CHAT_PACE.read, Pace().read) == (120.0, 60.0)
    assert CHAT_PACE.request > CHAT_PACE.read
