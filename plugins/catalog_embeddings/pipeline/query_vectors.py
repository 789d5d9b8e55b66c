"""The vectors of judged queries, asked of each version's own API: what they will cost, then the asking.

Versions of the same recipe turn a query into the same vector, so it is paid for once. Nothing is kept: a few hundred
queries cost less than a cent.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np

from catalog_embeddings.domain.evaluation import QueryCost
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.transform.batching import Text, pack
from catalog_embeddings.transform.hashing import vector_recipe
from catalog_embeddings.transform.pricing import price_of, tokens_expected
from catalog_embeddings.transform.search import Vectors

OpenApi = Callable[[EmbeddingVersion], AbstractContextManager[EmbeddingsApi]]


def query_costs(versions: Sequence[EmbeddingVersion], texts: Sequence[str], batch_size: int) -> list[QueryCost]:
    """What it will cost to embed these texts by each version; nothing where an earlier one has the same recipe."""
    costs: list[QueryCost] = []
    paid: set[bytes] = set()
    for version in versions:
        recipe = vector_recipe(version.spec)
        asked = [] if recipe in paid else texts
        paid.add(recipe)
        size = sum(len(text.encode()) for text in asked)
        costs.append(
            QueryCost(
                version=version.version,
                texts=len(asked),
                requests=len(_requests(asked, batch_size)),
                tokens=tokens_expected(size),
                price_usd=price_of(size, version.spec),
            )
        )
    return costs


def embed_queries(
    versions: Sequence[EmbeddingVersion],
    texts: Sequence[str],
    costs: Sequence[QueryCost],
    open_api: OpenApi,
    batch: int,
) -> tuple[list[Vectors], list[QueryCost]]:
    """The vectors (texts, dims) of each version, and the costs with what was billed.

    Raises:
        RunPaused: quota, auth or an outage.
        RequestRefused: the API refuses a text.
    """
    by_recipe: dict[bytes, Vectors] = {}
    billed = []
    for version, cost in zip(versions, costs, strict=True):
        recipe = vector_recipe(version.spec)
        tokens = 0
        if recipe not in by_recipe:
            by_recipe[recipe], tokens = _ask(version, _requests(texts, batch), open_api)
        billed.append(replace(cost, tokens_billed=tokens))
    return [by_recipe[vector_recipe(version.spec)] for version in versions], billed


def _ask(version: EmbeddingVersion, requests: list[list[str]], open_api: OpenApi) -> tuple[Vectors, int]:
    if not requests:
        return np.zeros((0, version.spec.dims), dtype=np.float32), 0
    with open_api(version) as api:
        answers = [api.embed(request) for request in requests]
    return np.concatenate([answer.vectors for answer in answers]), sum(answer.tokens for answer in answers)


def _requests(texts: Sequence[str], batch_size: int) -> list[list[str]]:
    packed = pack((Text(b"", (text,)) for text in texts), batch_size)
    return [[text.chunks[0] for text in batch] for batch in packed]
