"""POST /v1/chat/completions through the SDK: structured output, plain text, usage and refusals."""

import json
from enum import StrEnum
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from catalog_embeddings.emulator.chat import complete, parse
from catalog_embeddings.emulator.serve import Emulator

MODEL = "gpt-4o-mini"
USER = {"role": "user", "content": "Brand: Xerox\nColour: black\nA toner cartridge for 23000 pages"}


class Colour(StrEnum):
    """What enrichment might ask for."""

    BLACK = "black"
    RED = "red"


class Part(BaseModel):
    name: str
    count: int


class Product(BaseModel):
    brand: str
    colour: Colour
    pages: int
    parts: list[Part]
    note: str | None


def test_the_sdk_parses_structured_output(client: OpenAI) -> None:
    answer = client.chat.completions.parse(model=MODEL, messages=[USER], response_format=Product)  # type: ignore[list-item]
    product = answer.choices[0].message.parsed
    assert product
    assert (product.brand, product.colour, product.pages) == ("Xerox", Colour.BLACK, 23000)
    assert answer.usage
    content = answer.choices[0].message.content or ""
    assert answer.usage.completion_tokens == -(-len(content.encode()) // 4)
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_the_same_question_has_the_same_plain_answer(client: OpenAI) -> None:
    answers = {
        client.chat.completions.create(model=MODEL, messages=[USER]).choices[0].message.content  # type: ignore[list-item]
        for _ in range(2)
    }
    assert answers == {"Brand Xerox Colour black A toner cartridge for 23000 pages"}


def test_only_the_users_last_message_is_quoted() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Say hello"},
        {"role": "assistant", "content": None},
        {"role": "user", "content": [{"type": "text", "text": "Say goodbye"}, {"type": "image_url"}]},
    ]
    asked = parse({"model": MODEL, "messages": turns})
    assert complete(asked).content == "Say goodbye"
    assert asked.prompt_tokens == 3 + 3 + 1 + 3


def test_a_json_object_is_one() -> None:
    asked = parse({"model": MODEL, "messages": [USER], "response_format": {"type": "json_object"}})
    assert isinstance(json.loads(complete(asked).content or ""), dict)


def test_an_answer_above_max_tokens_is_cut() -> None:
    asked = parse({"model": MODEL, "messages": [USER], "max_completion_tokens": 2})
    completion = complete(asked)
    assert (completion.content, completion.finish_reason, completion.tokens) == ("Brand Xe", "length", 2)


def test_chat_is_counted(client: OpenAI, emulator: Emulator) -> None:
    usage = client.chat.completions.create(model=MODEL, messages=[USER]).usage  # type: ignore[list-item]
    assert usage
    stats = emulator.stats()
    assert (stats["chat_requests"], stats["embedding_requests"], stats["ok"]) == (1, 0, 1)
    assert stats["prompt_tokens"] == usage.prompt_tokens
    assert stats["completion_tokens"] == usage.completion_tokens


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="text-embedding-3-small", messages=[USER])  # type: ignore[list-item]
    assert caught.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"model": 5}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": ["hello"]}, "messages"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages"),
        ({"messages": [{"role": "user", "content": "\udc00"}]}, "messages"),
        ({"stream": True}, "stream"),
        ({"max_tokens": 0}, "max_completion_tokens"),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, "response_format"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"not": {}}}}},
            "response_format",
        ),
    ],
)
def test_a_wrong_request_is_refused(http: httpx2.Client, body: dict[str, Any], param: str) -> None:
    request = json.dumps({"model": MODEL, "messages": [USER], **body})
    answer = http.post("/v1/chat/completions", content=request)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
