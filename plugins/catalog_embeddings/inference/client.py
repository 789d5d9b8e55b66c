"""The client of every OpenAI-compatible embeddings API, and who it is that answers.

What every client does (gate, retry, errors) is ``endpoint``'s; what an answer means is told by ``responses``.
"""

from collections.abc import Sequence

import httpx2

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import RequestRefused, RunPaused
from catalog_embeddings.inference.deadline import trusted
from catalog_embeddings.inference.endpoint import CANARY, Endpoint, Question
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.responses import EmbeddingAnswer, error_of, parse_embeddings, parse_owners

EMULATOR = "catalog-embeddings-emulator"

# Only some models can be asked for fewer dims; the others refuse the parameter itself.
MODELS_WITH_DIMS = ("text-embedding-3-",)


class EmbeddingsApi:
    """Texts in, checked vectors out. Safe to call from many threads; it counts what it spends."""

    def __init__(self, spec: VersionSpec, *, api_key: str | None, base_url: str | None, gate: Gate) -> None:
        """A client for the model of ``spec``, all of whose requests pass ``gate``. None is made yet."""
        self._spec = spec
        self._endpoint = Endpoint(self._question([CANARY]), api_key=api_key, base_url=base_url, gate=gate)

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return self._endpoint.spent

    @property
    def gate(self) -> Gate:
        """What every request passes; who shares the API with other processes sizes it."""
        return self._endpoint.gate

    def embed(self, inputs: Sequence[str]) -> EmbeddingAnswer:
        """The vectors of up to 2,048 inputs, in one request, tried again while that may help.

        Outages shorter than ``Pace.patience`` are sat out: in one, only a canary is sent now and then.

        Raises:
            RequestRefused: the API refuses these inputs, or fails on them each time while it answers others.
            RunPaused: quota, auth, a missing model, a longer outage. Every other call raises it too from then on.
        """
        return self._endpoint.ask(self._question(list(inputs)))

    def check_canary(self) -> None:
        """Ask for a vector that any working API gives.

        Raises:
            RunPaused: even that is refused, so the system is at fault and no item is.
        """
        self._endpoint.check_canary()

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()

    def _question(self, inputs: list[str]) -> Question[EmbeddingAnswer]:
        import openai

        spec = self._spec
        dims = spec.dims if spec.model.startswith(MODELS_WITH_DIMS) else openai.omit
        return Question(
            text_bytes=sum(len(text.encode(errors="replace")) for text in inputs),
            send=lambda client: client.embeddings.with_raw_response.create(
                model=spec.model, input=inputs, dimensions=dims, encoding_format="base64"
            ),
            read=lambda body: parse_embeddings(body, len(inputs), spec.dims),
        )


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
            verify=trusted(),
        )
    except httpx2.HTTPError as error:
        raise RunPaused(f"no answer from {base_url} ({type(error).__name__}): is the server up?") from error
    if answer.status_code != 404 and answer.is_error:
        refusal = error_of(answer.status_code, answer.headers, answer.content)
        if not isinstance(refusal, RequestRefused):
            raise RunPaused(f"{base_url} does not say who answers there: {refusal}")
    return "emulator" if EMULATOR in parse_owners(answer.content) else "openai-compatible"
