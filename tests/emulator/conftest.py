"""Clients of the emulator, over real HTTP."""

from collections.abc import Iterator

import httpx2
import pytest
from openai import OpenAI

from catalog_embeddings.emulator.serve import Emulator


@pytest.fixture
def client(emulator: Emulator) -> Iterator[OpenAI]:
    """The SDK that people use, without its own retries."""
    with OpenAI(api_key="any", base_url=emulator.url, max_retries=0, timeout=20) as client:
        yield client


@pytest.fixture
def http(emulator: Emulator) -> Iterator[httpx2.Client]:
    """Plain HTTP, for what the SDK does not send."""
    with httpx2.Client(base_url=emulator.url.removesuffix("/v1"), timeout=20) as client:
        yield client
