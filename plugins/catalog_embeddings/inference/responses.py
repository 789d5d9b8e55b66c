"""What comes back from the API: the only place that knows its JSON keys and its error shapes.

An answer is believed only when it is exactly what was asked for: indexes 0..n-1 each once, the right dims,
finite, not zero. The SDK itself accepts one vector for two inputs, and an HTML page with status 200.
"""

import binascii
import json
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog_embeddings.errors import (
    CatalogEmbeddingsError,
    RateLimited,
    RequestRefused,
    RunPaused,
    ServerFailed,
    UntrustedAnswer,
)
from catalog_embeddings.inference.buckets import Allowance, Allowances

_PAUSE = {
    401: "the API refuses the key: check OPENAI_API_KEY",
    402: "the API asks for payment: check the account's billing",
    403: "the API forbids this: check what the key may do",
    404: "the API knows no such model or address: check OPENAI_BASE_URL and the version's model",
}


# Longer than this no run waits: seconds. A limit a day may ask for hours.
_LONGEST_PAUSE = 600.0

# Nor does a limit a minute take longer than this to come back; what claims to is a date or a mistake: seconds.
_LONGEST_RESET = 86_400.0

# Statuses whose Retry-After is meant for everybody.
_BUSY = {429, 503}

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}

# What a JSON value of the wrong kind, size or depth makes the lines that read it raise.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True)
class EmbeddingAnswer:
    """A checked answer: vectors (inputs, dims) float32 in the order of the inputs, and the tokens billed."""

    vectors: NDArray[np.float32]
    tokens: int


@dataclass(frozen=True)
class ChatAnswer:
    """A completion as it was received, and what it says of itself; whether that is of use, it does not know.

    ``content`` is None where there is none, ``refusal`` what the model says instead.
    """

    raw: bytes
    content: str | None
    finish_reason: str | None
    refusal: str | None
    prompt_tokens: int
    completion_tokens: int

    @property
    def tokens(self) -> int:
        """All that was billed."""
        return self.prompt_tokens + self.completion_tokens


def parse_embeddings(body: bytes, inputs: int, dims: int) -> EmbeddingAnswer:
    """The vectors of an embeddings answer.

    Raises:
        UntrustedAnswer: the body is not exactly ``inputs`` usable vectors of ``dims``.
    """
    try:
        answer = json.loads(body)
        rows = answer["data"]
        order = np.array([operator.index(row["index"]) for row in rows])
        # Some servers bill nothing and say so by leaving the usage out.
        tokens = int((answer.get("usage") or {}).get("prompt_tokens", 0))
    except _UNREADABLE as error:
        raise UntrustedAnswer(f"the answer is not an embeddings object ({type(error).__name__})") from error
    if not np.array_equal(np.sort(order), np.arange(inputs)):
        raise UntrustedAnswer(f"asked for {inputs} vectors, the answer's indexes are not 0..{inputs - 1} each once")
    vectors = np.empty((inputs, dims), dtype=np.float32)
    # Row by row: the answer's text is large enough without a second copy of every vector.
    for index, row in zip(order, rows, strict=True):
        vector = _floats(row)
        if vector.shape != (dims,):
            raise UntrustedAnswer(f"asked for {dims} dims, got {vector.size}")
        vectors[index] = vector
    norms = np.einsum("ij,ij->i", vectors, vectors)
    if not np.isfinite(norms).all() or not norms.all():
        raise UntrustedAnswer("the answer holds a vector that is zero or not finite")
    return EmbeddingAnswer(vectors=vectors, tokens=tokens)


def parse_chat(body: bytes) -> ChatAnswer:
    """The first choice of a chat completion, with the body that it stands in.

    Raises:
        UntrustedAnswer: the body is not a chat completion.
    """
    try:
        answer = json.loads(body)
        choice = answer["choices"][0]
        message = choice["message"]
        usage = answer.get("usage") or {}
        parsed = ChatAnswer(
            raw=body,
            content=message.get("content"),
            finish_reason=choice.get("finish_reason"),
            refusal=message.get("refusal"),
            prompt_tokens=int(usage.get("prompt_tokens", 0)),
            completion_tokens=int(usage.get("completion_tokens", 0)),
        )
    except _UNREADABLE as error:
        raise UntrustedAnswer(f"the answer is not a chat completion ({type(error).__name__})") from error
    if not all(isinstance(text, str | None) for text in (parsed.content, parsed.finish_reason, parsed.refusal)):
        raise UntrustedAnswer("the answer is a chat completion whose content is not text")
    return parsed


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> CatalogEmbeddingsError:
    """The error that a refused request stands for. No message repeats the body: it may quote the input."""
    code = _error_code(body)
    if status == 429 and code in {"insufficient_quota", "billing_hard_limit_reached"}:
        return RunPaused("the API's quota is used up: raise it or wait for the next period, then run again")
    pause = pause_asked(status, headers)
    if pause is not None and pause > _LONGEST_PAUSE:
        return RunPaused(f"the API asks for a pause of {pause:.0f} s: run again after that")
    if status == 429:
        return RateLimited("the API asks for a pause (429)", pause)
    if status in _PAUSE:
        return RunPaused(f"{_PAUSE[status]} (HTTP {status})")
    if status in {408, 409, 425} or status >= 500:
        return ServerFailed(f"the API failed (HTTP {status})")
    return RequestRefused(f"the API refuses the request (HTTP {status}, {code})", code)


def pause_asked(status: int, headers: Mapping[str, str]) -> float | None:
    """The seconds for which a refusal asks everybody to wait, None where it does not."""
    return retry_after(headers) if status in _BUSY else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The wait the server asks for in seconds: ``retry-after-ms``, or ``retry-after`` as seconds or a date."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    given = headers.get("retry-after")
    if given is None or (seconds := _number(given)) is not None:
        return seconds if given is not None else None
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - time())
    except ValueError:
        return None


def allowances(headers: Mapping[str, str]) -> Allowances:
    """The limits that the ``x-ratelimit-*`` headers tell of; what makes no sense is as if it were not there."""
    return Allowances(_allowance(headers, "requests"), _allowance(headers, "tokens"))


def _allowance(headers: Mapping[str, str], kind: str) -> Allowance | None:
    limit = _number(headers.get(f"x-ratelimit-limit-{kind}"))
    if limit is None or not 1 <= limit <= 1e12:
        return None
    remaining = _number(headers.get(f"x-ratelimit-remaining-{kind}"))
    reset = duration(headers.get(f"x-ratelimit-reset-{kind}"))
    return Allowance(
        limit,
        remaining if remaining is not None and remaining <= limit else None,
        reset if reset is not None and reset <= _LONGEST_RESET else None,
    )


def duration(text: str | None) -> float | None:
    """Seconds from ``6ms``, ``1s``, ``1m30s``, ``2h3m`` or plain seconds; None for anything else."""
    if text is None or (seconds := _number(text)) is not None:
        return seconds if text is not None else None
    parts = re.findall(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhd])", text[:80], re.ASCII)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def parse_owners(body: bytes) -> set[str]:
    """Who owns the models a server lists; empty when it lists none that can be read."""
    try:
        return {str(model["owned_by"]) for model in json.loads(body)["data"]}
    except _UNREADABLE:
        return set()


def _floats(row: dict[str, Any]) -> NDArray[np.float32]:
    """Base64 as asked for; a server that only knows lists of numbers is believed too."""
    try:
        embedding = row["embedding"]
        if isinstance(embedding, str):
            return np.frombuffer(binascii.a2b_base64(embedding, strict_mode=True), dtype="<f4")
        return np.asarray(embedding, dtype="<f4")
    except _UNREADABLE as error:
        raise UntrustedAnswer(f"the answer holds a vector that cannot be read ({type(error).__name__})") from error


def _error_code(body: bytes) -> str:
    try:
        error: Any = json.loads(body)["error"]
        code = str(error.get("code") or error.get("type") or "")
    except _UNREADABLE:
        return "unknown"
    # A code is one word; a sentence may quote the input.
    return code if re.fullmatch(r"[\w.-]{1,80}", code) else "unknown"


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < float("inf") else None
