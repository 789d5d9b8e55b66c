"""Chat completions with structured output: messages in, the answer out, as it was received.

What every client does (gate, retry, errors) is ``endpoint``'s; what an answer's JSON means is told by ``responses``;
whether its content is of use is left to whoever asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.inference.endpoint import CANARY, Endpoint, Question
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.responses import ChatAnswer, parse_chat

# Models that reason refuse any temperature but their own.
_MODELS_WITHOUT_TEMPERATURE = ("gpt-5", "o1", "o3", "o4")

# What strict servers refuse of a schema, or only some of them take: the answer is held against all of it later anyway.
_BOUNDS = frozenset(("minLength", "maxLength", "minItems", "maxItems", "pattern", "format", "uniqueItems"))

# Enough for a word, with room for a model that thinks first: an answer cut short is an answer too.
_CANARY_TOKENS = 16


class ChatApi:
    """One model to put messages to. Safe to call from many threads; it counts what it spends."""

    def __init__(self, model: str, *, api_key: str | None, base_url: str | None, gate: Gate) -> None:
        """A client for a model, all of whose requests pass ``gate`` (of ``pace.CHAT_PACE``). None is made yet."""
        self._model = model
        canary = _question(_request(model, [{"role": "user", "content": CANARY}], _CANARY_TOKENS))
        self._endpoint = Endpoint(canary, api_key=api_key, base_url=base_url, gate=gate)

    @property
    def spent(self) -> Spent:
        """What was spent so far; tokens are those of prompts and completions."""
        return self._endpoint.spent

    @property
    def gate(self) -> Gate:
        """What every request passes; who shares the API with other processes sizes it."""
        return self._endpoint.gate

    def complete(
        self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], *, temperature: float, max_tokens: int
    ) -> ChatAnswer:
        """The model's answer, in one request, tried again while that may help.

        It is held to the shape of ``schema``, not to its bounds, by servers that can do so; nobody else has looked at
        its content yet.

        Raises:
            RequestRefused: the API refuses these messages, or fails on them each time while it answers others.
            RunPaused: quota, auth, a missing model, a longer outage. Every other call raises it too from then on.
        """
        asked = completion_request(self._model, messages, schema, temperature=temperature, max_tokens=max_tokens)
        return self._endpoint.ask(_question(asked))

    def check_canary(self) -> None:
        """Ask for a completion that any working API gives.

        Raises:
            RunPaused: even that is refused, so the system is at fault and no item is.
        """
        self._endpoint.check_canary()

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()


def completion_request(
    model: str,
    messages: Sequence[Mapping[str, str]],
    schema: Mapping[str, Any],
    *,
    temperature: float,
    max_tokens: int,
) -> dict[str, Any]:
    """The JSON that asks for an answer of the shape of ``schema``, whichever way it is sent."""
    asked = _request(model, messages, max_tokens)
    if not model.startswith(_MODELS_WITHOUT_TEMPERATURE):
        asked["temperature"] = temperature
    shape = {"name": "answer", "strict": True, "schema": _without_bounds(schema)}
    return asked | {"response_format": {"type": "json_schema", "json_schema": shape}}


def _request(model: str, messages: Sequence[Mapping[str, str]], max_tokens: int) -> dict[str, Any]:
    return {"model": model, "messages": [dict(each) for each in messages], "max_completion_tokens": max_tokens}


def _question(asked: dict[str, Any]) -> Question[ChatAnswer]:
    return Question(
        text_bytes=sum(len(message["content"].encode(errors="replace")) for message in asked["messages"]),
        send=lambda client: client.chat.completions.with_raw_response.create(**asked),
        read=parse_chat,
    )


def _without_bounds(schema: Any) -> Any:
    """A schema's shape: its objects, fields and types. A field may well be called ``format``."""
    if not isinstance(schema, Mapping):
        return schema
    shape = {key: part for key, part in schema.items() if key not in _BOUNDS}
    if "properties" in shape:
        shape["properties"] = {name: _without_bounds(part) for name, part in shape["properties"].items()}
    if "items" in shape:
        shape["items"] = _without_bounds(shape["items"])
    return shape
