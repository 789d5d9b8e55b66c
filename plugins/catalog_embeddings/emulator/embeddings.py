"""POST /v1/embeddings: what may be asked, within OpenAI's limits, and how the answer is written.

Leaves the vectors to ``vectors`` and the spoiling of answers to ``faults``.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from catalog_embeddings.emulator.limits import estimated_tokens
from catalog_embeddings.emulator.openai_errors import bad_request, unknown_model
from catalog_embeddings.emulator.vectors import LOCAL_MODEL, MODEL_DIMS, Vectors, local_model_installed

MAX_INPUTS = 2048
MAX_TOKENS_PER_INPUT = 8192
MAX_TOKENS_PER_REQUEST = 300_000
MAX_DIMS = 4096


@dataclass(frozen=True)
class EmbeddingRequest:
    """A request that OpenAI would accept."""

    model: str
    texts: list[str]
    dims: int
    encoding_format: str
    tokens: int


def parse(body: Mapping[str, object]) -> EmbeddingRequest:
    """Read a request's JSON object; raises ApiError (400, or 404 for the model) where OpenAI would refuse."""
    model = _model(body.get("model"))
    encoding_format = body.get("encoding_format", "float")
    if encoding_format not in ("float", "base64"):
        raise bad_request("'encoding_format' must be float or base64.", param="encoding_format")
    texts = _texts(body.get("input"))
    return EmbeddingRequest(model, texts, _dims(body.get("dimensions"), model), str(encoding_format), _tokens(texts))


def _model(model: object) -> str:
    if not isinstance(model, str):
        raise bad_request("you must provide a model parameter", param="model")
    if model not in MODEL_DIMS:
        raise unknown_model(model)
    if model == LOCAL_MODEL and not local_model_installed():
        raise unknown_model(model, "Install the extra first: pip install 'catalog-embeddings[local]'.")
    return model


def _dims(dims: object, model: str) -> int:
    if dims is None:
        return MODEL_DIMS[model]
    if not isinstance(dims, int) or isinstance(dims, bool) or not 1 <= dims <= MAX_DIMS:
        raise bad_request(f"'dimensions' must be a whole number from 1 to {MAX_DIMS}.", param="dimensions")
    if model == LOCAL_MODEL and dims != MODEL_DIMS[model]:
        raise bad_request(f"{model} makes vectors of {MODEL_DIMS[model]} dimensions only.", param="dimensions")
    return dims


def _texts(value: object) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        message = "'input' must be a string or a list of strings; token arrays are not served here."
        raise bad_request(message, param="input")
    if not 1 <= len(texts) <= MAX_INPUTS:
        message = f"'input' must hold 1 to {MAX_INPUTS} strings; {len(texts)} were sent."
        raise bad_request(message, param="input")
    for position, text in enumerate(texts):
        if not text:
            raise bad_request(f"'input[{position}]' cannot be an empty string.", param="input")
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise bad_request(f"'input[{position}]' holds a lone surrogate.", param="input")
    return texts


def _tokens(texts: list[str]) -> int:
    weights = [estimated_tokens(text) for text in texts]
    if (heaviest := max(weights)) > MAX_TOKENS_PER_INPUT:
        position = weights.index(heaviest)
        message = (
            f"This model's maximum context length is {MAX_TOKENS_PER_INPUT} tokens, however "
            f"'input[{position}]' has {heaviest}. Please reduce the length of the input."
        )
        raise bad_request(message, param="input", code="context_length_exceeded")
    if (total := sum(weights)) > MAX_TOKENS_PER_REQUEST:
        message = f"Requested {total} tokens, max {MAX_TOKENS_PER_REQUEST} tokens per request."
        raise bad_request(message, param="input", code="max_tokens_per_request")
    return total


def entries(vectors: Vectors, encoding_format: str) -> list[dict[str, object]]:
    """The entries of an answer's ``data``; base64 holds the same float32 values, little-endian."""
    if encoding_format == "base64":
        rows = [base64.b64encode(row.tobytes()).decode() for row in vectors.astype("<f4", copy=False)]
    else:
        rows = vectors.tolist()
    return [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]


def answer(asked: EmbeddingRequest, data: list[dict[str, object]]) -> dict[str, object]:
    """The answer's JSON object."""
    usage = {"prompt_tokens": asked.tokens, "total_tokens": asked.tokens}
    return {"object": "list", "data": data, "model": asked.model, "usage": usage}
