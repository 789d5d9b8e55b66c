"""Packing: the API's limits hold, nothing is lost or split, and a plan counts what a run will send."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_embeddings.transform.batching import (
    MAX_INPUTS,
    MAX_SHARDS,
    MAX_TOKENS,
    SHARD_SECONDS,
    RequestCounter,
    Text,
    pack,
    shard_size,
)


def text(*sizes: int) -> Text:
    return Text(b"", tuple("x" * size for size in sizes))


def counted(texts: Iterable[Text], batch_size: int) -> int:
    counter = RequestCounter(batch_size)
    for each in texts:
        counter.add(each)
    return counter.requests


def cost(batch: list[Text]) -> tuple[int, int, int]:
    """Texts, inputs, and bytes, which are never fewer than tokens."""
    return len(batch), sum(len(each.chunks) for each in batch), sum(sum(each.sizes) for each in batch)


# Short ones, ones of many chunks, and ones near what a guard lets pass.
TEXTS = st.lists(
    st.builds(text, st.integers(1, 200_000))
    | st.builds(lambda chunks: text(*[1] * chunks), st.integers(1, 1_500))
    | st.just(text(1)),
    max_size=30,
)


def test_the_size_of_a_chunk_is_counted_in_bytes() -> None:
    assert Text(b"", ("chair", "椅子", "🪑")).sizes == (5, 6, 4)


@given(TEXTS, st.integers(1, 12))
def test_pack_keeps_every_text_in_its_order_and_every_limit(texts: list[Text], batch_size: int) -> None:
    batches = list(pack(texts, batch_size))
    assert [each for batch in batches for each in batch] == texts
    limits = (batch_size, MAX_INPUTS, MAX_TOKENS)
    for batch in batches:
        assert batch
        assert all(used <= limit for used, limit in zip(cost(batch), limits, strict=True))
    for batch, following in pairwise(batches):
        # No request is sent before it is full: the next text would not have fitted.
        assert any(used > limit for used, limit in zip(cost([*batch, following[0]]), limits, strict=True))


@given(TEXTS, st.integers(1, 12))
def test_a_plan_counts_the_requests_that_pack_makes(texts: list[Text], batch_size: int) -> None:
    assert counted(texts, batch_size) == len(list(pack(texts, batch_size)))


@given(TEXTS, st.integers(1, 12))
def test_a_plan_adds_up_what_pack_sends(texts: list[Text], batch_size: int) -> None:
    counter = RequestCounter(batch_size)
    for each in texts:
        counter.add(each)
    costs = [cost(batch) for batch in pack(texts, batch_size)]
    assert counter.chunks == sum(inputs for _, inputs, _ in costs)
    assert counter.bytes == sum(size for _, _, size in costs)
    assert counter.largest == max((size for _, _, size in costs), default=0)


@given(st.lists(TEXTS, max_size=3), st.integers(1, 12))
def test_no_request_spans_two_shards(shards: list[list[Text]], batch_size: int) -> None:
    counter = RequestCounter(batch_size)
    for shard in shards:
        for each in shard:
            counter.add(each)
        counter.close_shard()
    assert counter.requests == sum(len(list(pack(shard, batch_size))) for shard in shards)


@pytest.mark.parametrize(
    ("texts", "requests"),
    [
        ([], 0),
        ([text(1)] * MAX_INPUTS, 1),
        ([text(1)] * (MAX_INPUTS + 1), 2),
        ([text(*[1] * (MAX_INPUTS // 2))] * 2, 1),
        ([text(*[1] * (MAX_INPUTS // 2)), text(*[1] * (MAX_INPUTS // 2 + 1))], 2),
        ([text(MAX_TOKENS // 2)] * 2, 1),
        ([text(MAX_TOKENS // 2), text(MAX_TOKENS // 2 + 1)], 2),
    ],
)
def test_the_limits_of_a_request_include_themselves(texts: list[Text], requests: int) -> None:
    assert len(list(pack(texts, batch_size=10_000))) == counted(texts, 10_000) == requests


def test_a_text_is_never_split_over_two_requests() -> None:
    wide = text(*[1] * (MAX_INPUTS + 1))
    assert list(pack([text(1), wide, text(1)], 10)) == [[text(1)], [wide], [text(1)]]


def test_pack_reads_no_further_than_it_must() -> None:
    read = []

    def texts() -> Iterator[Text]:
        for number in range(1, 1_000):
            read.append(number)
            yield text(number)

    assert len(next(pack(texts(), batch_size=5))) == 5
    assert len(read) == 6


@given(st.integers(0, 10_000_000), st.integers(1, 2_048), st.integers(1, 10), st.floats(0.001, 1_000))
def test_a_shard_is_whole_requests_and_there_are_not_too_many(
    texts: int, batch_size: int, parallelism: int, seconds: float
) -> None:
    size = shard_size(texts, batch_size, parallelism, seconds)
    assert size >= batch_size
    assert size % batch_size == 0
    assert -(-texts // size) <= MAX_SHARDS


def test_a_shard_takes_about_its_time() -> None:
    size = shard_size(texts=100_000, batch_size=128, parallelism=10, seconds_per_request=0.5)
    assert size / 128 * 0.5 / 10 == SHARD_SECONDS
