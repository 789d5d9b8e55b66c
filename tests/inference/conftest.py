"""Clients of the emulator, over real HTTP."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.inference.chat import ChatApi
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.pace import Pace

#: A hundred times as fast as real life where it waits: an outage of five minutes is one of three seconds.
QUICK = Pace(
    first_backoff=0.01, longest_backoff=0.1, first_probe=0.01, longest_probe=0.3, patience=6.0, read=1.5, request=2.0
)


@pytest.fixture
def open_api(emulator: Emulator) -> Iterator[Callable[..., EmbeddingsApi]]:
    """Opens clients, of the emulator unless told otherwise, and closes them after the test."""
    with ExitStack() as stack:

        def opened(
            model: str = "text-embedding-3-small",
            dims: int = 8,
            *,
            base_url: str = emulator.url,
            api_key: str | None = "sk-zanzibar",
            gate: Gate | None = None,
        ) -> EmbeddingsApi:
            spec = VersionSpec("emulator", model, dims, "product.v2", "0" * 64, ("title",))
            api = EmbeddingsApi(spec, api_key=api_key, base_url=base_url, gate=gate or Gate(4, pace=QUICK))
            return stack.enter_context(closing(api))

        yield opened


@pytest.fixture
def api(open_api: Callable[..., EmbeddingsApi]) -> EmbeddingsApi:
    """A client of the emulator, for vectors of 8 dims."""
    return open_api()


@pytest.fixture
def open_chat(emulator: Emulator) -> Iterator[Callable[..., ChatApi]]:
    """Opens chat clients, of the emulator unless told otherwise, and closes them after the test."""
    with ExitStack() as stack:

        def opened(
            model: str = "gpt-4o-mini",
            *,
            base_url: str = emulator.url,
            api_key: str | None = "sk-zanzibar",
            gate: Gate | None = None,
        ) -> ChatApi:
            api = ChatApi(model, api_key=api_key, base_url=base_url, gate=gate or Gate(4, pace=QUICK))
            return stack.enter_context(closing(api))

        yield opened


@pytest.fixture
def chat(open_chat: Callable[..., ChatApi]) -> ChatApi:
    """A chat client of the emulator."""
    return open_chat()
