"""Errors look as OpenAI's do on the wire."""

import json

from catalog_embeddings.emulator.openai_errors import (
    bad_request,
    insufficient_quota,
    rate_limited,
    server_error,
    unknown_model,
)


def test_the_body_has_the_four_fields() -> None:
    response = bad_request("No.", param="input", code="too_much").response()
    assert response.status_code == 400
    assert json.loads(bytes(response.body)) == {
        "error": {"message": "No.", "type": "invalid_request_error", "param": "input", "code": "too_much"}
    }


def test_headers_travel_along() -> None:
    assert rate_limited("Wait.", {"retry-after": "3"}).response().headers["retry-after"] == "3"


def test_the_two_meanings_of_429_differ_by_their_code() -> None:
    passing, lasting = rate_limited("Wait.", {}), insufficient_quota()
    assert passing.status == lasting.status == 429
    assert (passing.code, lasting.code) == ("rate_limit_exceeded", "insufficient_quota")


def test_statuses() -> None:
    assert unknown_model("x").status == 404
    assert server_error().status == 500
