"""Parts: every bit of every vector comes back, in the text it belongs to, or nothing does."""

import hashlib
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.lake.layout import part_key
from catalog_embeddings.lake.parts import Part, only, read_part, store_part
from catalog_embeddings.lake.store import Lake, ObjectMissing

FLIPS = 300


def part_of(chunks: list[int], dims: int, seed: int = 7) -> Part:
    """A part of a text for each of ``chunks``, which says how many chunks it has."""
    dice = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(chunks)), chunks)
    return Part(
        content_hashes=[dice.bytes(32) for _ in chunks],
        owners=owners,
        weights=dice.integers(1, 200_000, len(owners)),
        vectors=dice.standard_normal((len(owners), dims)).astype(np.float32),
    )


def assert_same(part: Part, other: Part) -> None:
    assert part.content_hashes == other.content_hashes
    assert part.owners.tolist() == other.owners.tolist()
    assert part.weights.tolist() == other.weights.tolist()
    assert part.vectors.dtype == other.vectors.dtype == np.float32
    assert part.vectors.shape == other.vectors.shape
    assert part.vectors.tobytes() == other.vectors.tobytes()


@pytest.mark.parametrize("chunks", [[1], [1, 1, 1], [3], [1, 3, 1, 2], [2, 1]], ids=str)
@pytest.mark.parametrize("dims", [1, 2, 384, 3072])
def test_a_part_is_read_as_it_was_stored(folder_lake: Lake, chunks: list[int], dims: int) -> None:
    part = part_of(chunks, dims)
    assert_same(read_part(folder_lake, store_part(folder_lake, "r1", 0, part).key), part)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_any_mix_of_chunked_texts_comes_back(folder_lake: Lake, chunks: list[int], dims: int, seed: int) -> None:
    part = part_of(chunks, dims, seed)
    assert_same(read_part(folder_lake, store_part(folder_lake, "r1", 0, part).key), part)


def test_a_part_goes_through_s3_as_well(lake: Lake) -> None:
    part = part_of([1, 2], 3072)
    assert_same(read_part(lake, store_part(lake, "r1", 0, part).key), part)


def test_odd_numbers_and_odd_hashes_keep_their_bits(folder_lake: Lake) -> None:
    tiny, huge = np.finfo(np.float32).smallest_subnormal, np.finfo(np.float32).max
    part = Part(
        content_hashes=[b"\0" * 32, b"x" + b"\0" * 31, b"\0" * 31 + b"x"],
        owners=np.array([0, 1, 1, 2]),
        weights=np.array([1, 200_000, 1, 1]),
        vectors=np.array([[-0.0, 0.0], [tiny, -tiny], [huge, -huge], [1 / 3, np.pi]], dtype=np.float32),
    )
    assert_same(read_part(folder_lake, store_part(folder_lake, "r1", 0, part).key), part)


def test_vectors_that_are_a_view_of_others_are_stored_as_they_read(folder_lake: Lake) -> None:
    part = part_of([1, 1, 1], 4)
    view = Part(part.content_hashes, part.owners, part.weights, np.asfortranarray(part.vectors[::-1]))
    read = read_part(folder_lake, store_part(folder_lake, "r1", 0, view).key)
    assert read.vectors.tolist() == part.vectors[::-1].tolist()


def test_what_is_said_of_a_stored_part_is_true(folder: Path, folder_lake: Lake) -> None:
    part = part_of([1, 2], 8)
    stored = store_part(folder_lake, "r1", 3, part)
    data = (folder / stored.key).read_bytes()
    assert stored.size == len(data)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert stored.key == part_key("r1", 3, stored.sha256)
    assert stored.content_hashes == part.content_hashes


def test_the_same_part_stored_twice_is_one_object(folder_lake: Lake) -> None:
    first, second = (store_part(folder_lake, "r1", 0, part_of([1, 2], 8)) for _ in range(2))
    assert first == second
    assert folder_lake.keys("vectors/") == [first.key]


def test_only_some_texts_of_a_part_keep_their_own_chunks() -> None:
    part = part_of([1, 3, 2], 8)
    first, _, third = part.content_hashes
    kept = only(part, {first, third})
    assert kept.content_hashes == [first, third]
    assert kept.owners.tolist() == [0, 1, 1]
    assert kept.weights.tolist() == [*part.weights[:1], *part.weights[4:]]
    assert np.array_equal(kept.vectors, part.vectors[[0, 4, 5]])
    assert only(part, set(part.content_hashes)) is part


def test_no_flipped_bit_is_believed(folder: Path, folder_lake: Lake) -> None:
    path = folder / store_part(folder_lake, "r1", 0, part_of([1, 2, 1], 8)).key
    stored, dice = path.read_bytes(), random.Random(7)
    for _ in range(FLIPS):
        damaged = bytearray(stored)
        damaged[dice.randrange(len(stored))] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(UntrustedAnswer):
            read_part(folder_lake, path.relative_to(folder).as_posix())


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_a_part_cut_short_is_not_believed(folder: Path, folder_lake: Lake, keep: int) -> None:
    stored = store_part(folder_lake, "r1", 0, part_of([1], 64))
    (folder / stored.key).write_bytes((folder / stored.key).read_bytes()[:keep])
    with pytest.raises(UntrustedAnswer, match=stored.key):
        read_part(folder_lake, stored.key)


def test_a_part_in_the_place_of_another_is_not_believed(folder: Path, folder_lake: Lake) -> None:
    one, other = (store_part(folder_lake, "r1", 0, part_of([1], 4, seed)) for seed in (1, 2))
    (folder / one.key).write_bytes((folder / other.key).read_bytes())
    with pytest.raises(UntrustedAnswer):
        read_part(folder_lake, one.key)


def test_a_part_that_is_gone_is_said_to_be_missing(folder: Path, folder_lake: Lake) -> None:
    stored = store_part(folder_lake, "r1", 0, part_of([1], 4))
    (folder / stored.key).unlink()
    with pytest.raises(ObjectMissing):
        read_part(folder_lake, stored.key)
