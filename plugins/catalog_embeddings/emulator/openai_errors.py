"""Errors in OpenAI's shape. Knows how a refusal looks on the wire; leaves when to refuse to the others."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


class ApiError(Exception):
    """A request is answered with an error status.

    ``kind`` is what OpenAI calls ``type``; ``param`` names the field of the request that is at fault.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        kind: str = "invalid_request_error",
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.kind = kind
        self.param = param
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        """The answer's JSON object."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}

    def response(self) -> JSONResponse:
        """The answer as it goes over the wire."""
        return JSONResponse(self.body(), self.status, self.headers)


def bad_request(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """400: the request itself is wrong; sending it again cannot help."""
    return ApiError(400, message, param=param, code=code)


def unknown_model(model: str, advice: str = "GET /v1/models lists those there are.") -> ApiError:
    """404: there is no such model here."""
    message = f"The model `{model}` does not exist or you do not have access to it. {advice}"
    return ApiError(404, message, param="model", code="model_not_found")


def rate_limited(message: str, headers: Mapping[str, str]) -> ApiError:
    """429 of the kind that passes by itself."""
    return ApiError(429, message, code="rate_limit_exceeded", kind="requests", headers=headers)


def insufficient_quota() -> ApiError:
    """429 of the kind that does not: somebody must pay first."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return ApiError(429, message, code="insufficient_quota", kind="insufficient_quota")


def server_error() -> ApiError:
    """500: the server's own fault."""
    message = "The server had an error while processing your request. Sorry about that!"
    return ApiError(500, message, kind="server_error")
