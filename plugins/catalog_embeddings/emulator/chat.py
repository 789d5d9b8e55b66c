"""POST /v1/chat/completions: what may be asked and how the answer is written.

The answer's content is made by ``drafts`` where a message holds a catalog record, and else by ``script``, from the
words of the user's last message and nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog_embeddings.emulator.drafts import record_in, write_draft
from catalog_embeddings.emulator.faults import DraftKind
from catalog_embeddings.emulator.limits import estimated_tokens
from catalog_embeddings.emulator.openai_errors import bad_request, unknown_model
from catalog_embeddings.emulator.script import UnsupportedSchema, scripted_text, scripted_value

LISTED_MODELS = ("gpt-4.1-mini", "gpt-4o-mini", "gpt-5-mini")
# What json_object asks for: some object.
_ANY_OBJECT = {"type": "object", "properties": {"text": {"type": "string"}}}


@dataclass(frozen=True)
class ChatRequest:
    """A request that can be answered. ``schema`` is None where plain text is wanted.

    ``record`` is the catalog record that the user's messages hold, and ``tries`` how many of them there are: who asks
    once more repeats the first and adds a reminder.
    """

    model: str
    messages: list[str]
    question: str
    schema: Mapping[str, object] | None
    max_tokens: int | None
    prompt_tokens: int
    record: Mapping[str, Any] | None
    tries: int


@dataclass(frozen=True)
class Completion:
    """An answer's content, or what is said instead, and what it costs."""

    content: str | None
    finish_reason: str
    tokens: int
    refusal: str | None = None


def parse(body: Mapping[str, object]) -> ChatRequest:
    """Read a request's JSON object; raises ApiError: 404 for the model, 400 for everything else."""
    model = body.get("model")
    if not isinstance(model, str):
        raise bad_request("you must provide a model parameter", param="model")
    if not model.startswith("gpt-"):
        raise unknown_model(model)
    if body.get("stream"):
        raise bad_request("This emulator does not stream.", param="stream")
    turns = body.get("messages")
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        raise bad_request("'messages' must be a list of at least one message.", param="messages")
    messages = [_text(turn.get("content")) for turn in turns]
    asked = [text for turn, text in zip(turns, messages, strict=True) if turn.get("role") == "user"]
    return ChatRequest(
        model=model,
        messages=messages,
        question=asked[-1] if asked else "",
        schema=_schema(body.get("response_format")),
        max_tokens=_max_tokens(body.get("max_completion_tokens", body.get("max_tokens"))),
        prompt_tokens=sum(estimated_tokens(text) for text in messages),
        record=record_in(asked),
        tries=len(asked),
    )


def _text(content: object) -> str:
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise bad_request("A message's 'content' must be a string or a list of parts.", param="messages")
    text = "\n".join(str(part.get("text", "")) for part in parts if part.get("type") == "text")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise bad_request("A message holds a lone surrogate.", param="messages")
    return text


def _schema(response_format: object) -> Mapping[str, object] | None:
    match response_format:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return _ANY_OBJECT
        case {"type": "json_schema", "json_schema": {"name": str(), "schema": dict() as schema}}:
            return schema
    message = "'response_format' must be text, json_object, or json_schema with a name and a schema."
    raise bad_request(message, param="response_format")


def _max_tokens(value: object) -> int | None:
    if value is None or (isinstance(value, int) and value > 0):
        return value
    raise bad_request("'max_completion_tokens' must be a whole number above 0.", param="max_completion_tokens")


def complete(asked: ChatRequest, kind: DraftKind = "faithful") -> Completion:
    """Write the answer; cut short at ``max_tokens`` as a real model is, with finish_reason ``length``.

    ``kind`` says how a record is written about.
    """
    content, finish_reason, refusal = _written(asked, kind)
    tokens = estimated_tokens(content or refusal or "")
    if content is None or asked.max_tokens is None or tokens <= asked.max_tokens:
        return Completion(content, finish_reason, tokens, refusal)
    return Completion(content.encode()[: 4 * asked.max_tokens].decode(errors="ignore"), "length", asked.max_tokens)


def _written(asked: ChatRequest, kind: DraftKind) -> tuple[str | None, str, str | None]:
    if asked.schema is None:
        return scripted_text(asked.question), "stop", None
    fields = asked.schema.get("properties")
    if asked.record is not None and isinstance(fields, Mapping) and "description" in fields:
        draft = write_draft(asked.record, list(fields), kind)
        return draft.content, draft.finish_reason, draft.refusal
    try:
        return json.dumps(scripted_value(asked.schema, asked.question), ensure_ascii=False), "stop", None
    except UnsupportedSchema as error:
        message = f"This emulator cannot answer that schema: {error}."
        raise bad_request(message, param="response_format", code="unsupported_schema") from None


def answer(asked: ChatRequest, completion: Completion) -> dict[str, object]:
    """The answer's JSON object."""
    message = {"role": "assistant", "content": completion.content, "refusal": completion.refusal}
    return {
        "id": "chatcmpl-emulator",
        "object": "chat.completion",
        "created": 0,
        "model": asked.model,
        "choices": [{"index": 0, "message": message, "finish_reason": completion.finish_reason, "logprobs": None}],
        "usage": {
            "prompt_tokens": asked.prompt_tokens,
            "completion_tokens": completion.tokens,
            "total_tokens": asked.prompt_tokens + completion.tokens,
        },
    }
