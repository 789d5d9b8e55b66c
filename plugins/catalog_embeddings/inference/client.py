"""One client for every OpenAI-compatible embeddings API.

The SDK brings the protocol; its own retries are off, because two retry policies multiply. When a request may be
sent is the gate's business, whether it is sent again that of ``retry``; what an answer or an error means is told
by ``responses``.
"""

import threading
from collections.abc import Sequence
from contextlib import suppress

import httpx2
import openai

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import RequestRefused, RunPaused, ServerFailed, Transient
from catalog_embeddings.inference.deadline import DeadlineTransport, proxy_for
from catalog_embeddings.inference.limits import Gate, Passage
from catalog_embeddings.inference.responses import (
    EmbeddingAnswer,
    allowances,
    error_of,
    parse_embeddings,
    parse_owners,
    pause_asked,
)
from catalog_embeddings.inference.retry import retrying

EMULATOR = "catalog-embeddings-emulator"

# An input that every embeddings model takes: it tells a poisoned item from a broken system, and an outage that is
# over from one that is not, without paying for a batch each time.
CANARY = "A plain wooden chair."

_OPENAI = "https://api.openai.com/v1"

# Only some models can be asked for fewer dims; the others refuse the parameter itself.
_MODELS_WITH_DIMS = ("text-embedding-3-",)


class EmbeddingsApi:
    """Texts in, checked vectors out. Safe to call from many threads; it counts what it spends."""

    def __init__(self, spec: VersionSpec, *, api_key: str | None, base_url: str | None, gate: Gate) -> None:
        """A client for the model of ``spec``, all of whose requests pass ``gate``. None is made yet."""
        self._spec = spec
        transport = DeadlineTransport(
            gate.pace.request,
            httpx2.Limits(max_connections=gate.parallelism),
            proxy_for(httpx2.URL(base_url or _OPENAI)),
        )
        self._client = openai.OpenAI(
            api_key=api_key or "none",
            base_url=base_url,
            max_retries=0,
            timeout=httpx2.Timeout(gate.pace.read, connect=gate.pace.connect),
            http_client=openai.DefaultHttpxClient(transport=transport),
        )
        self._gate = gate
        self._lock = threading.Lock()
        self._spent = Spent()

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return self._spent

    @property
    def gate(self) -> Gate:
        """What every request passes; who shares the API with other processes sizes it."""
        return self._gate

    def embed(self, inputs: Sequence[str]) -> EmbeddingAnswer:
        """The vectors of up to 2,048 inputs, in one request, tried again while that may help.

        Outages shorter than ``Pace.patience`` are sat out: in one, only a canary is sent now and then.

        Raises:
            RequestRefused: the API refuses these inputs, or fails on them each time while it answers others.
            RunPaused: quota, auth, a missing model, a longer outage. Every other call raises it too from then on.
        """
        for attempt in retrying(self._gate):
            with attempt:
                answer = self._attempt(list(inputs), is_retry=attempt.retry_state.attempt_number > 1)
        return answer

    def check_canary(self) -> None:
        """Ask for a vector that any working API gives.

        Raises:
            RunPaused: even that is refused, so the system is at fault and no item is.
        """
        try:
            self.embed([CANARY])
        except RequestRefused as refused:
            paused = RunPaused(f"the API refuses even a plain sentence: {refused}")
            self._gate.stop(paused)
            raise paused from refused

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _attempt(self, inputs: list[str], *, is_retry: bool) -> EmbeddingAnswer:
        """Wait for the gate and send the request once; on the way the gate may ask whether an outage is over."""
        text_bytes = sum(len(text.encode(errors="replace")) for text in inputs)
        while (passage := self._gate.enter(text_bytes)).is_probe:
            # What comes of it the gate learns by itself.
            with suppress(Transient, RequestRefused), passage:
                self._request([CANARY], passage, is_retry=True)
        with passage:
            return self._request(inputs, passage, is_retry=is_retry)

    def _request(self, inputs: list[str], passage: Passage, *, is_retry: bool) -> EmbeddingAnswer:
        self._count(requests=1, retries=int(is_retry))
        dims = self._spec.dims if self._spec.model.startswith(_MODELS_WITH_DIMS) else openai.omit
        try:
            response = self._client.embeddings.with_raw_response.create(
                model=self._spec.model, input=inputs, dimensions=dims, encoding_format="base64"
            )
        except openai.APIStatusError as refused:
            status, headers = refused.response.status_code, refused.response.headers
            passage.learn(allowances(headers))
            if (seconds := pause_asked(status, headers)) is not None:
                self._gate.pause(seconds)
            # From None: the SDK's own error repeats the body, which may quote the input.
            raise error_of(status, headers, refused.response.content) from None
        except openai.APIError as error:
            # Time-outs, refused or broken connections. From None: below may stand the header that holds the key.
            cause = type(error.__cause__ or error).__name__
            raise ServerFailed(f"no answer from the API ({cause})") from None
        passage.learn(allowances(response.headers))
        answer = parse_embeddings(response.content, len(inputs), self._spec.dims)
        passage.billed = answer.tokens
        self._count(tokens=answer.tokens)
        return answer

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
