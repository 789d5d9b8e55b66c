"""Chunking: nothing lost, no limit broken, cuts where a reader would cut, and averages that can be checked by hand."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog_embeddings.domain.version import Chunking
from catalog_embeddings.transform.chunking import average_chunks, split_text

# What product text is made of, in an order that no writer would choose.
ATOMS = st.sampled_from(
    [*"abz .!?…\n\t,", "。", "！", "？", "।", "椅", "é", "🪑", "3.5", "Dr. ", " \n ", "wooden chair "]
)
TEXTS = st.lists(ATOMS, max_size=80).map("".join) | st.text(st.characters(codec="utf-8"), max_size=80)
LIMITS = st.integers(4, 60)


def split(text: str, limit: int) -> list[str]:
    """Split into chunks of at most ``limit`` bytes."""
    return split_text(text, Chunking(max_tokens=limit, bytes_per_token=1.0))


def without_space(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, LIMITS)
def test_nothing_is_lost_but_white_space(text: str, limit: int) -> None:
    assert without_space("".join(split(text, limit))) == without_space(text)


@given(TEXTS, LIMITS)
def test_no_chunk_is_empty_or_over_the_limit(text: str, limit: int) -> None:
    if text.strip():
        assert all(chunk.strip() and len(chunk.encode()) <= limit for chunk in split(text, limit))


@given(TEXTS, LIMITS)
def test_what_fits_is_left_as_it_is(text: str, limit: int) -> None:
    if len(text.encode()) <= limit:
        assert split(text, limit) == [text]


@given(st.lists(st.text("abc.", min_size=1, max_size=9), min_size=1, max_size=60), st.integers(10, 60))
def test_no_word_is_cut_that_fits_and_chunks_are_filled(words: list[str], limit: int) -> None:
    chunks = split(" ".join(words), limit)
    assert " ".join(chunks).split() == words
    # A space may be lost at either end of a cut; two neighbours that fit into one chunk would be paid for twice.
    assert all(len(one) + len(two) + 2 > limit for one, two in pairwise(chunks))


@pytest.mark.parametrize(
    ("text", "chunks"),
    [
        (
            "One chair. Two chairs! Three chairs? Four…  Five.",
            ["One chair.", "Two chairs!", "Three chairs?", "Four…  Five."],
        ),
        ("First line\nsecond line\nthird line", ["First line", "second line", "third line"]),
        ("Weighs 3.5 kg. Is 12.25 m", ["Weighs 3.5 kg.", "Is 12.25 m"]),
        ("木椅子。木桌！床吗？好", ["木椅子。", "木桌！", "床吗？好"]),
        ("कुर्सी। मेज़।", ["कुर्सी।", "मेज़।"]),
    ],
)
def test_cuts_fall_on_sentence_ends(text: str, chunks: list[str]) -> None:
    # One byte more than the longest: the white space at a cut is counted before it is dropped.
    assert split(text, max(len(chunk.encode()) for chunk in chunks) + 1) == chunks


def test_a_sentence_without_an_end_is_cut_at_spaces() -> None:
    assert split("plain wooden kitchen chair", 13) == ["plain wooden", "kitchen chair"]


@pytest.mark.parametrize("character", ["x", "é", "椅", "🪑"])
def test_text_without_any_space_is_cut_between_characters(character: str) -> None:
    chunks = split(character * 1_000, 100)
    assert "".join(chunks) == character * 1_000
    assert all(50 < len(chunk.encode()) <= 100 for chunk in chunks[:-1])


def test_the_limit_is_the_tokens_at_the_ratio_given() -> None:
    text = "word " * 10
    assert split_text(text, Chunking(max_tokens=20, bytes_per_token=2.5)) == [text]
    assert len(split_text(text, Chunking(max_tokens=20, bytes_per_token=2.4))) == 2


def test_ordinary_product_text_is_one_chunk_and_the_longest_fits_an_api() -> None:
    assert split_text("A plain wooden chair. " * 100, Chunking()) == ["A plain wooden chair. " * 100]
    longest = "Solid oak, oiled by hand. " * (Chunking().max_text_bytes // 26)
    chunks = split_text(longest, Chunking())
    assert re.sub(r"\s", "", "".join(chunks)) == re.sub(r"\s", "", longest)
    # At the worst ratio of one token for two bytes.
    assert all(len(chunk.encode()) / 2 <= 8_000 for chunk in chunks)


def reference(vectors: list[list[float]], owners: list[int], weights: list[int]) -> list[list[float]]:
    """The same average in plain Python, text by text."""
    averages = []
    for owner in sorted(set(owners)):
        mine = [(vector, weight) for vector, of, weight in zip(vectors, owners, weights, strict=True) if of == owner]
        if len(mine) == 1:
            averages.append(mine[0][0])
            continue
        sums = [math.fsum(vector[dim] * weight for vector, weight in mine) for dim in range(len(vectors[0]))]
        norm = math.sqrt(math.fsum(value * value for value in sums))
        averages.append([value / norm for value in sums])
    return averages


def averaged(vectors: NDArray[np.float32], owners: list[int], weights: list[int]) -> NDArray[np.float32]:
    return average_chunks(vectors, np.array(owners, dtype=np.int64), np.array(weights, dtype=np.int64))


def test_a_longer_chunk_counts_for_more() -> None:
    vectors = np.array([[1, 0], [0, 1]], dtype=np.float32)
    assert averaged(vectors, [0, 0], [3, 4]).tolist() == [pytest.approx([0.6, 0.8])]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_averages_are_those_of_plain_python(chunks: list[int], dims: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(chunks)), chunks)
    # All on one side, so that none cancel each other out.
    vectors = dice.uniform(0.1, 2, (len(owners), dims)).astype(np.float32)
    weights = dice.integers(1, 20_000, len(owners))
    result = average_chunks(vectors, owners, weights)
    assert result.dtype == np.float32
    assert result.shape == (len(chunks), dims)
    expected = reference(vectors.tolist(), owners.tolist(), weights.tolist())
    np.testing.assert_allclose(result, np.array(expected), rtol=1e-6)
    several = np.array(chunks) > 1
    np.testing.assert_allclose(np.linalg.norm(result[several], axis=1), 1, rtol=1e-6)


@given(st.lists(st.integers(1, 3), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_the_vector_of_a_single_chunk_is_untouched_bit_for_bit(chunks: list[int], seed: int) -> None:
    dice = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(chunks)), chunks)
    # Not of unit norm, with values that arithmetic would round.
    vectors = (dice.standard_normal((len(owners), 3)) * 10.0 ** dice.integers(-6, 6, (len(owners), 1))).astype("f4")
    result = average_chunks(vectors, owners, np.ones(len(owners), dtype=np.int64))
    single = [owner for owner, count in enumerate(chunks) if count == 1]
    assert result[single].tobytes() == vectors[np.isin(owners, single)].tobytes()
