"""Answers with status 200 that must not be believed. Knows one way to spoil an answer for each kind of fault.

Each is something real servers and the proxies before them have done. Which request it happens to is decided
in ``faults``.
"""

import json
from collections.abc import Mapping

import numpy as np
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from catalog_embeddings.emulator.faults import Kind
from catalog_embeddings.emulator.vectors import Vectors


def spoilt_vectors(kind: Kind | None, vectors: Vectors) -> Vectors:
    """The vectors as a broken model would make them; shape (n, dims), for wrong_dims (n, dims - 1)."""
    if kind == "wrong_dims":
        return vectors[:, :-1]
    if kind in ("nan", "zero"):
        vectors = vectors.copy()
        vectors[-1] = np.nan if kind == "nan" else 0.0
    return vectors


def spoilt_data(kind: Kind | None, data: list[dict[str, object]]) -> list[dict[str, object]]:
    """The entries of an embeddings answer, out of order, with an index twice, or one short."""
    if kind == "shuffled_index":
        # Each entry keeps its true index: who trusts the order gives every text its neighbour's vector.
        return data[1:] + data[:1]
    if kind == "duplicate_index":
        return [*data[:-1], data[-1] | {"index": max(0, len(data) - 2)}]
    return data[:-1] if kind == "too_few" else data


def json_response(payload: Mapping[str, object], kind: Kind | None = None) -> Response:
    """The payload on its way to the client, spoilt where ``kind`` says so."""
    # Not JSONResponse: it refuses NaN, which servers written in Python do send.
    body = json.dumps(payload).encode()
    if kind == "truncated":
        return Response(body[: len(body) // 2], media_type="application/json")
    if kind == "drop_connection":
        return DroppedResponse(body, media_type="application/json")
    return Response(body, media_type="application/json")


def proxy_page() -> HTMLResponse:
    """What a captive portal answers instead of the API, with status 200."""
    return HTMLResponse("<html><body><h1>Welcome to the guest network</h1></body></html>")


class DroppedResponse(Response):
    """Promises a body, never sends it; the server then closes the connection (and logs that it had to)."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the headers only."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
