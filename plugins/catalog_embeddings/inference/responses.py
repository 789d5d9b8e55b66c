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

_PAUSE = {
    401: "the API refuses the key: check OPENAI_API_KEY",
    402: "the API asks for payment: check the account's billing",
    403: "the API forbids this: check what the key may do",
    404: "the API knows no such model or address: check OPENAI_BASE_URL and the version's model",
}


# Longer than this no run waits: seconds. A limit a day may ask for hours.
_LONGEST_PAUSE = 600.0

# What a JSON value of the wrong kind, size or depth makes the lines that read it raise.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True)
class EmbeddingAnswer:
    """A checked answer: vectors (inputs, dims) float32 in the order of the inputs, and the tokens billed."""

    vectors: NDArray[np.float32]
    tokens: int


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


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> CatalogEmbeddingsError:
    """The error that a refused request stands for. No message repeats the body: it may quote the input."""
    code = _error_code(body)
    if status == 429 and code in {"insufficient_quota", "billing_hard_limit_reached"}:
        return RunPaused("the API's quota is used up: raise it or wait for the next period, then run again")
    if status == 429:
        pause = retry_after(headers)
        if pause is not None and pause > _LONGEST_PAUSE:
            return RunPaused(f"the API asks for a pause of {pause:.0f} s: run again after that")
        return RateLimited("the API asks for a pause (429)", pause)
    if status in _PAUSE:
        return RunPaused(f"{_PAUSE[status]} (HTTP {status})")
    if status in {408, 409, 425} or status >= 500:
        return ServerFailed(f"the API failed (HTTP {status})")
    return RequestRefused(f"the API refuses the request (HTTP {status}, {code})", code)


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
