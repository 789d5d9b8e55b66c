"""The routes: OpenAI's under /v1, the control plane under /emulator.

Knows the order in which a request is counted, refused, delayed, answered and spoilt; every step itself is in
the module of its name.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from catalog_embeddings.emulator import chat, embeddings, vectors
from catalog_embeddings.emulator.batches import Batches
from catalog_embeddings.emulator.counters import Counters, EndpointName
from catalog_embeddings.emulator.faults import Behaviour, Faults, Kind, refusal
from catalog_embeddings.emulator.files import Files, uploaded
from catalog_embeddings.emulator.listing import page
from catalog_embeddings.emulator.openai_errors import ApiError, bad_request, unknown_model
from catalog_embeddings.emulator.spoiling import (
    DroppedResponse,
    json_response,
    proxy_page,
    spoilt_data,
    spoilt_vectors,
)

OWNER = "catalog-embeddings-emulator"
Endpoint = Callable[[Request], Awaitable[Response]]


class Emulation:
    """One emulator: its behaviour, its counters and its routes."""

    def __init__(self, behaviour: Behaviour, api_key: str | None = None) -> None:
        self._at_start = behaviour
        self._api_key = api_key
        self._request_number = 0
        self.faults = Faults(behaviour)
        self.counters = Counters()
        self.files = Files()
        self.batches = Batches(self.files, self.faults, self.counters)

    def set_faults(self, settings: Mapping[str, object]) -> Behaviour:
        """Change the settings that are named; the others stay. Raises ValueError with a sentence."""
        self.faults.set(self.faults.behaviour.changed(settings))
        return self.faults.behaviour

    def reset(self, settings: Mapping[str, object]) -> Behaviour:
        """Zero the counters, drop files and batches, behave as at the start but for ``settings``. Raises ValueError."""
        behaviour = self._at_start.changed(settings)
        self.batches.clear()  # first, or a batch that was held would be let go
        self.files.clear()
        self.faults.set(behaviour)
        self.counters.zero()
        return self.faults.behaviour

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/v1/embeddings", self._route("embeddings", self._embed), methods=["POST"]),
                Route("/v1/chat/completions", self._route("chat", self._chat), methods=["POST"]),
                Route("/v1/models", self._route("models", self._models), methods=["GET"]),
                Route("/v1/models/{model:path}", self._route("models", self._models), methods=["GET"]),
                Route("/v1/files", self._bulk("files", self._upload), methods=["POST"]),
                Route("/v1/files", self._bulk("files", self._list_files), methods=["GET"]),
                Route("/v1/files/{id}", self._bulk("files", self._file), methods=["GET"]),
                Route("/v1/files/{id}", self._bulk("files", self._delete_file), methods=["DELETE"]),
                Route("/v1/files/{id}/content", self._bulk("files", self._content), methods=["GET"]),
                Route("/v1/batches", self._bulk("batches", self._create_batch), methods=["POST"]),
                Route("/v1/batches", self._bulk("batches", self._list_batches), methods=["GET"]),
                Route("/v1/batches/{id}", self._bulk("batches", self._batch), methods=["GET"]),
                Route("/v1/batches/{id}/cancel", self._bulk("batches", self._cancel_batch), methods=["POST"]),
                Route("/emulator/stats", self._stats, methods=["GET"]),
                Route("/emulator/reset", self._control(self.reset), methods=["POST"]),
                Route("/emulator/faults", self._control(self.set_faults), methods=["POST"]),
            ],
            exception_handlers={HTTPException: _no_such_route},
        )

    def _route(self, name: EndpointName, answer: Endpoint) -> Endpoint:
        async def respond(request: Request) -> Response:
            with self.counters.request(name):
                try:
                    self._authorise(request)
                    response = await answer(request)
                except ApiError as error:
                    response = error.response()
                except ClientDisconnect:
                    response = Response(status_code=499)  # nobody is there to read it
            self.counters.answered("dropped" if isinstance(response, DroppedResponse) else response.status_code)
            self._request_number += 1
            response.headers["x-request-id"] = f"req_emulator_{self._request_number:08}"
            response.headers.update(self.faults.headers())
            return response

        return respond

    def _bulk(self, name: EndpointName, answer: Endpoint) -> Endpoint:
        """A route beside those that answer: it knows chance and delay, but none of their limits."""

        async def respond(request: Request) -> Response:
            self.faults.roll()
            await asyncio.sleep(self.faults.latency(0))
            return await answer(request)

        return self._route(name, respond)

    def _authorise(self, request: Request) -> None:
        if self._api_key and request.headers.get("authorization") != f"Bearer {self._api_key}":
            raise ApiError(401, "Incorrect API key provided.", code="invalid_api_key")

    async def _embed(self, request: Request) -> Response:
        asked = embeddings.parse(await _json_object(request))
        spoilt = await self._admit("embeddings", asked.texts, asked.tokens)
        if spoilt == "html_200":
            return proxy_page()
        # In a thread: that costs no throughput, and a large batch does not hold up the other requests.
        response = await asyncio.to_thread(_embedded, asked, spoilt)
        self.counters.embedded(asked.model, asked.dims, asked.texts, asked.tokens)
        return response

    async def _chat(self, request: Request) -> Response:
        asked = chat.parse(await _json_object(request))
        completion = chat.complete(asked, self.faults.draft_kind(asked.messages, asked.tries))
        spoilt = await self._admit("chat", asked.messages, asked.prompt_tokens)
        if spoilt == "html_200":
            return proxy_page()
        self.counters.completed(asked.prompt_tokens, completion.tokens)
        return json_response(chat.answer(asked, completion), spoilt)

    async def _admit(self, endpoint: EndpointName, texts: Sequence[str], tokens: int) -> Kind | None:
        """Refuse the request, or wait as long as its answer takes and say how that is to be spoilt."""
        self.faults.admit(texts, tokens, self.counters.in_flight)
        spoilt = await self._meet_fault(endpoint)
        await asyncio.sleep(self.faults.latency(len(texts)))
        return spoilt

    async def _meet_fault(self, endpoint: EndpointName) -> Kind | None:
        """Do as the script says of such a request: stall, refuse it, or say how its answer is to be spoilt."""
        fault = self.faults.next_fault(endpoint)
        if fault is None:
            return None
        await asyncio.sleep(fault.stall_s)
        if error := refusal(fault):
            raise error
        return fault.kind

    async def _upload(self, request: Request) -> Response:
        file = await uploaded(request)
        spoilt = await self._meet_fault("files")
        return proxy_page() if spoilt == "html_200" else json_response(self.files.add(file).as_json(), spoilt)

    async def _list_files(self, request: Request) -> Response:
        return JSONResponse(page(self.files, request.query_params))

    async def _file(self, request: Request) -> Response:
        return JSONResponse(self.files.get(request.path_params["id"]).as_json())

    async def _delete_file(self, request: Request) -> Response:
        return JSONResponse(self.files.delete(request.path_params["id"]))

    async def _content(self, request: Request) -> Response:
        content = self.files.get(request.path_params["id"]).content
        return Response(content, media_type="application/octet-stream")

    async def _create_batch(self, request: Request) -> Response:
        body = await _json_object(request)
        spoilt = await self._meet_fault("batches")
        return proxy_page() if spoilt == "html_200" else json_response(self.batches.create(body).as_json(), spoilt)

    async def _list_batches(self, request: Request) -> Response:
        return JSONResponse(page(self.batches, request.query_params))

    async def _batch(self, request: Request) -> Response:
        return JSONResponse(self.batches.get(request.path_params["id"]).as_json())

    async def _cancel_batch(self, request: Request) -> Response:
        return JSONResponse(self.batches.cancel(request.path_params["id"]).as_json())

    async def _models(self, request: Request) -> Response:
        models = [*vectors.served_models(), *chat.LISTED_MODELS]
        cards = {m: {"id": m, "object": "model", "created": 0, "owned_by": OWNER} for m in models}
        if (wanted := request.path_params.get("model")) is None:
            return JSONResponse({"object": "list", "data": list(cards.values())})
        if wanted not in cards:
            raise unknown_model(wanted)
        return JSONResponse(cards[wanted])

    async def _stats(self, _: Request) -> Response:
        return JSONResponse(self.counters.snapshot())

    @staticmethod
    def _control(change: Callable[[Mapping[str, object]], Behaviour]) -> Endpoint:
        async def respond(request: Request) -> Response:
            try:
                behaviour = change(await _json_object(request) if await request.body() else {})
            except ApiError as error:
                return error.response()
            except ValueError as error:
                return bad_request(str(error)).response()
            return JSONResponse(behaviour.model_dump(mode="json"))

        return respond


def _embedded(asked: embeddings.EmbeddingRequest, spoilt: Kind | None) -> Response:
    made = spoilt_vectors(spoilt, vectors.embed(asked.model, asked.texts, asked.dims))
    data = spoilt_data(spoilt, embeddings.entries(made, asked.encoding_format))
    return json_response(embeddings.answer(asked, data), spoilt)


async def _json_object(request: Request) -> Mapping[str, object]:
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise bad_request("We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict):
        raise bad_request("The body of the request must be a JSON object.")
    return body


async def _no_such_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return ApiError(status, f"Invalid URL ({request.method} {request.url.path})").response()
