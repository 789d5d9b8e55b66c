"""Planned texts: in their order over any number of files, shard by shard, and never a damaged one."""

import random
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.lake.layout import texts_prefix
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.lake.texts import read_texts, store_texts
from catalog_embeddings.transform.batching import Text

FLIPS = 300


def text(*chunks: str) -> Text:
    return Text(sha256("".join(chunks).encode()).digest(), chunks)


def test_texts_keep_their_order_over_many_files(lake: Lake) -> None:
    files = [[text(f"{number} of {file}") for number in range(3)] for file in range(12)]
    # Written in any order: it is the number that counts.
    for number in random.Random(7).sample(range(12), 12):
        store_texts(lake, "p1", 0, number, files[number])
    assert list(read_texts(lake, "p1", 0)) == [each for file in files for each in file]


def test_a_shard_and_a_plan_read_only_their_own(folder_lake: Lake) -> None:
    for plan, shard in (("p1", 0), ("p1", 1), ("p1", 10), ("p10", 0)):
        store_texts(folder_lake, plan, shard, 0, [text(f"{plan} {shard}")])
    assert list(read_texts(folder_lake, "p1", 1)) == [text("p1 1")]
    assert list(read_texts(folder_lake, "p1", 0)) == [text("p1 0")]
    assert list(read_texts(folder_lake, "p1", 2)) == []


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4), min_size=1, max_size=20))
def test_any_text_comes_back_chunk_by_chunk(tmp_path_factory: pytest.TempPathFactory, chunks: list[list[str]]) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake").as_uri())
    texts = [text(*each) for each in chunks]
    store_texts(lake, "p1", 0, 0, texts)
    assert list(read_texts(lake, "p1", 0)) == texts


def test_the_same_file_may_be_stored_again(folder_lake: Lake) -> None:
    for _ in range(2):
        store_texts(folder_lake, "p1", 0, 0, [text("a chair")])
    assert list(read_texts(folder_lake, "p1", 0)) == [text("a chair")]


def test_no_flipped_bit_is_believed(folder: Path, folder_lake: Lake) -> None:
    store_texts(folder_lake, "p1", 0, 0, [text(f"chair {number}", "and a desk") for number in range(20)])
    [key] = folder_lake.keys(texts_prefix("p1", 0))
    stored, dice = (folder / key).read_bytes(), random.Random(7)
    for _ in range(FLIPS):
        damaged = bytearray(stored)
        damaged[dice.randrange(len(stored))] ^= 1 << dice.randrange(8)
        (folder / key).write_bytes(damaged)
        with pytest.raises(UntrustedAnswer):
            list(read_texts(folder_lake, "p1", 0))


def test_one_file_is_read_at_a_time(folder: Path, folder_lake: Lake) -> None:
    store_texts(folder_lake, "p1", 0, 0, [text("a chair"), text("a desk")])
    store_texts(folder_lake, "p1", 0, 1, [text("a lamp")])
    reading = read_texts(folder_lake, "p1", 0)
    assert next(reading) == text("a chair")
    last = folder / folder_lake.keys(texts_prefix("p1", 0))[-1]
    last.write_bytes(b"damaged after the first file was read")
    assert next(reading) == text("a desk")
    with pytest.raises(UntrustedAnswer, match=last.name):
        next(reading)
