"""POST /v1/embeddings over HTTP: formats, widths, usage, and each refusal in OpenAI's shape."""

import base64
import json
from typing import Any

import httpx2
import numpy as np
import openai
import pytest
from openai import OpenAI

from catalog_embeddings.emulator.embeddings import entries, parse
from catalog_embeddings.emulator.openai_errors import ApiError
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.emulator.vectors import LOCAL_MODEL, hashed, local_model_installed

MODEL = "text-embedding-3-small"


def _post(http: httpx2.Client, **body: object) -> httpx2.Response:
    # The standard library's JSON: it can write what must be refused, such as lone surrogates.
    return http.post("/v1/embeddings", content=json.dumps({"model": MODEL, "input": "a lamp", **body}))


def test_base64_and_float_hold_the_same_values(http: httpx2.Client) -> None:
    as_float = _post(http, input=["a lamp", "a desk"]).json()["data"]
    as_base64 = _post(http, input=["a lamp", "a desk"], encoding_format="base64").json()["data"]
    for number, text in zip(as_float, as_base64, strict=True):
        decoded = np.frombuffer(base64.b64decode(text["embedding"]), "<f4")
        np.testing.assert_array_equal(np.asarray(number["embedding"], np.float32), decoded)


def test_the_sdk_reads_the_answer(client: OpenAI) -> None:
    texts = [f"lamp number {number}" for number in range(128)]
    answer = client.embeddings.create(model=MODEL, input=texts)
    assert [entry.index for entry in answer.data] == list(range(128))
    assert answer.model == MODEL
    received = np.asarray([entry.embedding for entry in answer.data], np.float32)
    np.testing.assert_array_equal(received, hashed(texts, 1536))


@pytest.mark.parametrize(
    ("model", "dims"),
    [("text-embedding-3-large", 3072), ("text-embedding-3-small", 1536), ("text-embedding-ada-002", 1536)],
)
def test_the_width_is_the_models_unless_asked_for(client: OpenAI, model: str, dims: int) -> None:
    assert len(client.embeddings.create(model=model, input="a lamp").data[0].embedding) == dims
    for asked in (1, 512, 4096):
        answer = client.embeddings.create(model=model, input="a lamp", dimensions=asked)
        assert len(answer.data[0].embedding) == asked


def test_usage_is_four_bytes_a_token(client: OpenAI) -> None:
    usage = client.embeddings.create(model=MODEL, input=["abcd", "abcde", "日本"]).usage
    assert usage.prompt_tokens == usage.total_tokens == 1 + 2 + 2


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.embeddings.create(model="text-embedding-9", input="a lamp")
    assert caught.value.code == "model_not_found"
    assert caught.value.param == "model"


@pytest.mark.skipif(local_model_installed(), reason="the extra [local] is installed")
def test_the_local_model_says_what_to_install(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match=r"catalog-embeddings\[local\]"):
        client.embeddings.create(model=LOCAL_MODEL, input="a lamp")


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"input": ""}, "input", None),
        ({"input": []}, "input", None),
        ({"input": ["a lamp", ""]}, "input", None),
        ({"input": [1, 2, 3]}, "input", None),
        ({"input": [[1, 2], [3]]}, "input", None),
        ({"input": None}, "input", None),
        ({"input": ["a"] * 2049}, "input", None),
        ({"input": "a\ud800"}, "input", None),
        ({"input": "a" * (4 * 8192 + 1)}, "input", "context_length_exceeded"),
        ({"input": ["a" * 4 * 8000] * 38}, "input", "max_tokens_per_request"),
        ({"encoding_format": "hex"}, "encoding_format", None),
        ({"encoding_format": ["float"]}, "encoding_format", None),
        ({"dimensions": 0}, "dimensions", None),
        ({"dimensions": 4097}, "dimensions", None),
        ({"dimensions": True}, "dimensions", None),
        ({"dimensions": 1.5}, "dimensions", None),
        ({"model": None}, "model", None),
    ],
)
def test_a_wrong_request_is_refused(
    http: httpx2.Client, emulator: Emulator, body: dict[str, Any], param: str, code: str | None
) -> None:
    answer = _post(http, **body)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (400, param, code)
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    assert emulator.stats()["inputs_paid"] == 0


def test_the_limits_themselves_are_allowed(client: OpenAI) -> None:
    assert len(client.embeddings.create(model=MODEL, input=["a"] * 2048, dimensions=2).data) == 2048
    assert client.embeddings.create(model=MODEL, input="a" * 4 * 8192).usage.prompt_tokens == 8192


def test_no_refusal_repeats_the_text() -> None:
    for body in ({"input": ["secret lamp", ""]}, {"input": "secret " * 9000}, {"input": "secret \ud800"}):
        with pytest.raises(ApiError) as caught:
            parse({"model": MODEL, **body})
        assert "secret" not in caught.value.message


def test_entries_are_numbered_in_order() -> None:
    assert [entry["index"] for entry in entries(hashed(["a", "b"], 4), "float")] == [0, 1]
