"""Vectors carry meaning, have unit length, and are the same for the same text."""

import numpy as np
import pytest

from catalog_embeddings.emulator.vectors import (
    LOCAL_MODEL,
    MODEL_DIMS,
    embed,
    hashed,
    local_model_installed,
    served_models,
)

LAPTOP = 'HP ProBook 450 G5 Notebook Silver 39.6 cm (15.6") Intel Core i5 8 GB DDR4-SDRAM 256 GB SSD'
OTHER_LAPTOP = 'Lenovo ThinkPad L480 Notebook Black 35.6 cm (14") Intel Core i7 16 GB DDR4-SDRAM 512 GB SSD'
TONER = "Xerox 006R90321 toner cartridge Original Black 6 pc(s)"
OTHER_TONER = "Xerox 106R01217 toner cartridge Original Yellow 1 pc(s)"


def test_similar_products_are_nearer_than_others() -> None:
    vectors = hashed([LAPTOP, OTHER_LAPTOP, TONER, OTHER_TONER], 1536)
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > 0.3 > likeness[0, 2]
    assert likeness[2, 3] > 0.5 > likeness[1, 3]


@pytest.mark.parametrize("dims", [1, 2, 384, 1536, 3072, 4096])
def test_every_text_has_a_unit_vector(dims: int) -> None:
    texts = [LAPTOP, "a", "   ", "\n", "\0", "ab ba", "日本語", "🎒", "x" * 30_000]
    vectors = hashed(texts, dims)
    assert vectors.shape == (len(texts), dims)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_the_vector_depends_on_the_text_alone() -> None:
    together = hashed([LAPTOP, TONER, " "], 384)
    for row, text in enumerate([LAPTOP, TONER, " "]):
        np.testing.assert_array_equal(hashed([text], 384)[0], together[row])


def test_capitals_do_not_matter() -> None:
    np.testing.assert_array_equal(hashed(["XEROX Toner"], 384), hashed(["xerox toner"], 384))


def test_served_models_are_those_that_can_be_asked() -> None:
    assert set(served_models()) | {LOCAL_MODEL} == set(MODEL_DIMS)
    assert (LOCAL_MODEL in served_models()) == local_model_installed()


@pytest.mark.skipif(not local_model_installed(), reason="the extra [local] is not installed")
def test_the_local_model_knows_synonyms() -> None:
    vectors = embed(LOCAL_MODEL, ["notebook computer", "laptop", "hiking boots"], 384)
    assert vectors.shape == (3, 384)
    assert vectors[0] @ vectors[1] > 2 * (vectors[0] @ vectors[2])
