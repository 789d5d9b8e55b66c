"""Answers of language models: durable, found by the record they are about, and never believed when they are damaged."""

import random
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.lake.answers import Answer, Asking, find_answers, read_answer, store_answer
from catalog_embeddings.lake.store import Lake

ASKING = Asking("review.v1", sha256(b"gpt-4.1-mini").hexdigest())
LAMP = Answer(
    record_hash=sha256(b"lamp").digest(),
    attempt=1,
    record={"title": "Reading lamp", "attributes": {"watts": 5}},
    raw=b'{"choices": []}',
    content="{}",
    finish_reason="stop",
    refusal=None,
    prompt_tokens=700,
    completion_tokens=90,
)
FLIPS = 300


def test_answers_are_found_by_their_record_in_the_order_of_the_attempts(lake: Lake) -> None:
    second = replace(LAMP, attempt=2, content="second")
    keys = [store_answer(lake, ASKING, answer) for answer in (second, LAMP)]
    store_answer(lake, ASKING, replace(LAMP, record_hash=sha256(b"desk").digest()))
    assert find_answers(lake, ASKING, LAMP.record_hash) == [(keys[1], LAMP), (keys[0], second)]
    assert find_answers(lake, ASKING, sha256(b"sofa").digest()) == []


def test_another_way_of_asking_has_answers_of_its_own(folder_lake: Lake) -> None:
    store_answer(folder_lake, ASKING, LAMP)
    assert find_answers(folder_lake, replace(ASKING, recipe=sha256(b"gpt-5").hexdigest()), LAMP.record_hash) == []
    assert find_answers(folder_lake, replace(ASKING, prompt_version="review.v2"), LAMP.record_hash) == []


@settings(deadline=None, max_examples=40)
@given(
    content=st.none() | st.text(st.characters(exclude_categories=[])),
    raw=st.binary(),
    record=st.dictionaries(st.text(), st.text() | st.integers(-(2**60), 2**60), max_size=4),
)
def test_anything_a_model_says_comes_back(
    tmp_path_factory: pytest.TempPathFactory, content: str | None, raw: bytes, record: dict[str, object]
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake").as_uri())
    answer = replace(LAMP, content=content, refusal=content, raw=raw, record=record)
    assert read_answer(lake, store_answer(lake, ASKING, answer)) == answer


def test_storing_the_same_answer_again_is_no_error(folder_lake: Lake) -> None:
    assert store_answer(folder_lake, ASKING, LAMP) == store_answer(folder_lake, ASKING, LAMP)
    assert len(find_answers(folder_lake, ASKING, LAMP.record_hash)) == 1


def test_of_two_answers_to_one_attempt_one_counts(folder_lake: Lake) -> None:
    for content in ("one", "two"):
        store_answer(folder_lake, ASKING, replace(LAMP, content=content))
    [(_, answer)] = find_answers(folder_lake, ASKING, LAMP.record_hash)
    assert answer.content in {"one", "two"}


def test_no_flipped_bit_is_believed(folder: Path, folder_lake: Lake) -> None:
    key = store_answer(folder_lake, ASKING, LAMP)
    stored, dice = (folder / key).read_bytes(), random.Random(7)
    for _ in range(FLIPS):
        damaged = bytearray(stored)
        damaged[dice.randrange(len(stored))] ^= 1 << dice.randrange(8)
        (folder / key).write_bytes(damaged)
        with pytest.raises(UntrustedAnswer):
            read_answer(folder_lake, key)


def test_what_follows_a_damaged_answer_does_not_count(folder: Path, folder_lake: Lake) -> None:
    first = store_answer(folder_lake, ASKING, LAMP)
    store_answer(folder_lake, ASKING, replace(LAMP, attempt=2))
    (folder / first).write_bytes(b"damaged")
    assert find_answers(folder_lake, ASKING, LAMP.record_hash) == []


def test_no_key_holds_catalog_text(folder_lake: Lake) -> None:
    key = store_answer(folder_lake, ASKING, replace(LAMP, record={"title": "Zephyrine"}))
    assert "Zephyrine" not in key
