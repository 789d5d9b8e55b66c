"""One client for every OpenAI-compatible embeddings API.

The SDK brings the connection pool and the protocol; its own retries are off, because two retry policies
multiply. What an answer or an error means is told by ``responses``.
"""

import threading
from collections.abc import Sequence

import httpx2
import openai

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import RateLimited, RequestRefused, RunPaused, ServerFailed, Transient
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.responses import EmbeddingAnswer, error_of, parse_embeddings, parse_owners
from catalog_embeddings.inference.retry import ATTEMPTS, retrying

EMULATOR = "catalog-embeddings-emulator"

# An input that every embeddings model takes: it tells a poisoned item from a broken system.
CANARY = "A plain wooden chair."

# Only some models can be asked for fewer dims; the others refuse the parameter itself.
_MODELS_WITH_DIMS = ("text-embedding-3-",)


class EmbeddingsApi:
    """Texts in, checked vectors out. Safe to call from many threads; it counts what it spends."""

    def __init__(self, spec: VersionSpec, *, api_key: str | None, base_url: str | None, parallelism: int) -> None:
        """A client for the model of ``spec``. No request is made yet."""
        self._spec = spec
        self._client = openai.OpenAI(
            api_key=api_key or "none",
            base_url=base_url,
            max_retries=0,
            timeout=httpx2.Timeout(60.0, connect=5.0),
            http_client=openai.DefaultHttpxClient(limits=httpx2.Limits(max_connections=parallelism)),
        )
        self._gate = Gate()
        self._lock = threading.Lock()
        self._spent = Spent()

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return self._spent

    def embed(self, inputs: Sequence[str]) -> EmbeddingAnswer:
        """The vectors of up to 2,048 inputs, in one request, tried again while that may help.

        Raises:
            RequestRefused: the API refuses these inputs.
            RunPaused: quota, auth, a missing model, or an outage that outlasts every retry.
        """
        try:
            for attempt in retrying():
                with attempt:
                    self._count(requests=1, retries=int(attempt.retry_state.attempt_number > 1))
                    answer = self._request(list(inputs))
        except Transient as error:
            raise RunPaused(
                f"the API failed {ATTEMPTS} times in a row, last: {error}; run again once it is up"
            ) from error
        self._count(tokens=answer.tokens)
        return answer

    def check_canary(self) -> None:
        """Ask for a vector that any working API gives.

        Raises:
            RunPaused: even that is refused, so the system is at fault and no item is.
        """
        try:
            self.embed([CANARY])
        except RunPaused:
            raise
        except Exception as error:
            raise RunPaused(f"the API refuses even a plain sentence: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _request(self, inputs: list[str]) -> EmbeddingAnswer:
        self._gate.wait()
        dims = self._spec.dims if self._spec.model.startswith(_MODELS_WITH_DIMS) else openai.omit
        try:
            response = self._client.embeddings.with_raw_response.create(
                model=self._spec.model, input=inputs, dimensions=dims, encoding_format="base64"
            )
        except openai.APIStatusError as refused:
            error = error_of(refused.response.status_code, refused.response.headers, refused.response.content)
            if isinstance(error, RateLimited) and error.retry_after is not None:
                self._gate.pause(error.retry_after)
            # From None: the SDK's own error repeats the body, which may quote the input.
            raise error from None
        except openai.APIError as error:
            # Time-outs, refused or broken connections. From None: below may stand the header that holds the key.
            cause = type(error.__cause__ or error).__name__
            raise ServerFailed(f"no answer from the API ({cause})") from None
        return parse_embeddings(response.content, len(inputs), self._spec.dims)

    def _count(self, *, requests: int = 0, retries: int = 0, tokens: int = 0) -> None:
        with self._lock:
            now = self._spent
            self._spent = Spent(now.requests + requests, now.retries + retries, now.tokens + tokens)


def identify_provider(api_key: str | None, base_url: str | None) -> str:
    """Who answers at an address: ``openai``, ``emulator``, or ``openai-compatible`` for any other server.

    The emulator says so itself in its list of models; a server that has no such list is simply another one.

    Raises:
        RunPaused: the server is down, or does not tell this key who it is.
    """
    if base_url is None or httpx2.URL(base_url).host == "api.openai.com":
        return "openai"
    try:
        answer = httpx2.get(
            f"{base_url.rstrip('/')}/models",
            headers={"authorization": f"Bearer {api_key or 'none'}"},
            timeout=10,
        )
    except httpx2.HTTPError as error:
        raise RunPaused(f"no answer from {base_url} ({type(error).__name__}): is the server up?") from error
    if answer.status_code != 404 and answer.is_error:
        refusal = error_of(answer.status_code, answer.headers, answer.content)
        if not isinstance(refusal, RequestRefused):
            raise RunPaused(f"{base_url} does not say who answers there: {refusal}")
    return "emulator" if EMULATOR in parse_owners(answer.content) else "openai-compatible"
