"""Clients of the emulator, over real HTTP."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.inference.client import EmbeddingsApi


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
            parallelism: int = 4,
        ) -> EmbeddingsApi:
            spec = VersionSpec("emulator", model, dims, "product.v2", "0" * 64, ("title",))
            api = EmbeddingsApi(spec, api_key=api_key, base_url=base_url, parallelism=parallelism)
            return stack.enter_context(closing(api))

        yield opened


@pytest.fixture
def api(open_api: Callable[..., EmbeddingsApi]) -> EmbeddingsApi:
    """A client of the emulator, for vectors of 8 dims."""
    return open_api()
