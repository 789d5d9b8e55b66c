"""The vectors of judged queries: priced first, asked in packed requests, and paid once for a recipe."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from catalog_embeddings.bootstrap import Platform, open_platform
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.emulator.vectors import hashed
from catalog_embeddings.pipeline.query_vectors import embed_queries, query_costs
from catalog_embeddings.pipeline.register import text_spec
from tests.pipeline.conftest import KEY

TEXTS = ["reading lamp", "standing desk", "Café chair"]


def _version(name: str, dims: int = 64, **parts: Any) -> EmbeddingVersion:
    return EmbeddingVersion(name, text_spec("emulator", "text-embedding-3-small", dims, **parts), name, "building")


V1, V2, WIDE = _version("v1", template="product.v1"), _version("v2", template="product.v2"), _version("wide", dims=128)


@pytest.fixture
def platform(database_url: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with open_platform() as opened:
        yield opened


def _paid(emulator: Emulator) -> tuple[int, int]:
    stats: dict[str, Any] = emulator.stats()
    return stats["embedding_requests"], stats["inputs_paid"]


def test_the_cost_is_known_before_the_first_request(emulator: Emulator) -> None:
    costs = query_costs([V1, V2, WIDE], TEXTS, 2)
    assert [(cost.version, cost.texts, cost.requests) for cost in costs] == [("v1", 3, 2), ("v2", 0, 0), ("wide", 3, 2)]
    assert costs[0].tokens > 0 == costs[1].tokens
    assert costs[0].price_usd.low is not None
    assert costs[0].price_usd.expected is not None
    assert 0 < costs[0].price_usd.low < costs[0].price_usd.expected
    assert costs[0].tokens_billed == 0
    assert _paid(emulator) == (0, 0)


def test_an_unknown_price_stays_unknown() -> None:
    unpriced = EmbeddingVersion("v3", replace(V1.spec, model="of-ones-own"), "v3", "building")
    assert query_costs([unpriced], TEXTS, 2)[0].price_usd.expected is None


def test_versions_of_one_recipe_are_paid_once(platform: Platform, emulator: Emulator) -> None:
    versions = [V1, V2, WIDE]
    vectors, costs = embed_queries(versions, TEXTS, query_costs(versions, TEXTS, 2), platform.api, 2)
    assert _paid(emulator) == (4, 6)
    assert [cost.tokens_billed > 0 for cost in costs] == [True, False, True]
    assert vectors[0] is vectors[1]
    for found, dims in ((vectors[0], 64), (vectors[2], 128)):
        assert np.allclose(found, hashed(TEXTS, dims), atol=1e-6)


def test_without_texts_no_api_is_asked(platform: Platform, emulator: Emulator) -> None:
    vectors, costs = embed_queries([V1, WIDE], [], query_costs([V1, WIDE], [], 2), platform.api, 2)
    assert [found.shape for found in vectors] == [(0, 64), (0, 128)]
    assert [cost.requests for cost in costs] == [0, 0]
    assert _paid(emulator) == (0, 0)
