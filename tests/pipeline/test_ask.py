"""Asking for a batch: what is answered is stored, a refusal costs few calls, and only the culprit is refused."""

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import Chunking
from catalog_embeddings.emulator.vectors import hashed
from catalog_embeddings.errors import RunPaused
from catalog_embeddings.lake.parts import read_part
from catalog_embeddings.pipeline.ask import Answered, Asker, Shard
from catalog_embeddings.transform.batching import Text
from tests.pipeline.conftest import Steps

TEXTS = [Text(bytes([number]) * 32, (f"An ordinary thing called {number:03}",)) for number in range(128)]


@contextmanager
def _asker(steps: Steps, chunking: Chunking | None = None) -> Iterator[Asker]:
    version = steps.version
    if chunking is not None:
        version = replace(version, spec=replace(version.spec, chunking=chunking))
    api = steps.api()
    try:
        yield Asker(api, steps.lake, Shard(Lease("v1", "run-1", 1), version, "plan-1", 0))
    finally:
        api.close()


def _stored(answered: Answered) -> dict[bytes, list[float]]:
    return {
        content_hash: np.frombuffer(vector, dtype=">f2", offset=4).tolist()
        for _, texts in answered.parts
        for content_hash, vector in zip(texts.content_hashes, texts.vectors, strict=True)
    }


def test_an_answer_is_one_part_in_the_lake(steps: Steps) -> None:
    with _asker(steps) as asker:
        answered = asker.ask(TEXTS[:5])
    assert answered.refused == ()
    [(stored, _)] = answered.parts
    assert [path.relative_to(steps.lake_folder).as_posix() for path in steps.parts()] == [stored.key]
    wanted = hashed([text.chunks[0] for text in TEXTS[:5]], 16)
    assert _stored(answered) == {
        text.content_hash: vector.astype(np.float16).tolist() for text, vector in zip(TEXTS, wanted, strict=False)
    }


@pytest.mark.parametrize("culprits", [1, 2, 3, 5, 8, 16, 64, 128])
@pytest.mark.parametrize("size", [128, 100])
def test_culprits_are_found_in_few_calls_and_nobody_else_is_refused(
    steps: Steps, size: int, culprits: int, record_property: Callable[[str, object], None]
) -> None:
    batch = TEXTS[:size]
    poisoned = random.Random(culprits).sample(batch, min(culprits, size))
    steps.emulator.faults(poison=[text.chunks[0] for text in poisoned])
    with _asker(steps) as asker:
        answered = asker.ask(batch)
        asker.confirm_refusals()
    k = len(poisoned)
    assert {refusal.content_hash for refusal in answered.refused} == {text.content_hash for text in poisoned}
    assert set(_stored(answered)) == {text.content_hash for text in batch} - {text.content_hash for text in poisoned}
    # Every three refusals in a row a plain sentence is asked for, to tell the items from the system.
    asked = int(str(steps.emulator.stats()["embedding_requests"]))
    assert asked <= 2 * k * math.log2(size) + k, asked
    assert int(str(steps.emulator.stats()["inputs_paid_twice"])) <= k // 3  # that sentence, never an item
    record_property("fault", f"{k} of the {size} texts of a request are refused")
    record_property("expected", f"they alone are dead, for at most {2 * k * math.log2(size) + k:.0f} calls")
    record_property("seen", f"{asked} calls")


def test_an_item_that_always_fails_by_itself_is_refused_alone(steps: Steps) -> None:
    with _asker(steps) as asker:
        steps.emulator.faults(fail_next=[{"status": 400, "code": "odd_input"}] * 2)
        answered = asker.ask(TEXTS[:2])
    [refusal] = answered.refused
    assert (refusal.content_hash, refusal.reason, refusal.detail) == (
        TEXTS[0].content_hash,
        "refused_by_api",
        "odd_input",
    )


def test_a_text_that_is_too_long_after_all_is_cut_smaller_once(steps: Steps) -> None:
    # The ratio promises eight bytes a token; the model counts four, and refuses more than 8,192 tokens.
    optimistic = Chunking(max_tokens=8_000, bytes_per_token=8.0)
    novel = Text(b"n" * 32, ("Call me a long text. " * 2_500,))
    with _asker(steps, optimistic) as asker:
        answered = asker.ask([TEXTS[0], novel, TEXTS[1]])
    assert answered.refused == ()
    assert set(_stored(answered)) == {novel.content_hash, TEXTS[0].content_hash, TEXTS[1].content_hash}
    [key] = [stored.key for stored, texts in answered.parts if texts.content_hashes == [novel.content_hash]]
    part = read_part(steps.lake, key)
    assert len(part.vectors) > 1
    assert part.weights.max() <= 8_000
    assert np.linalg.norm(_stored(answered)[novel.content_hash]) == pytest.approx(1, abs=1e-3)


def test_a_text_that_no_cut_makes_short_enough_is_dead(steps: Steps) -> None:
    # What is cut to 40,000 tokens is too long however it is counted.
    with _asker(steps, Chunking(max_tokens=40_000, bytes_per_token=8.0)) as asker:
        answered = asker.ask([Text(b"n" * 32, ("Call me a long text. " * 5_000,)), TEXTS[0]])
    [refusal] = answered.refused
    assert (refusal.reason, refusal.detail) == ("context_too_long", "context_length_exceeded")
    assert set(_stored(answered)) == {TEXTS[0].content_hash}


def test_refusals_of_a_broken_system_blame_nobody(steps: Steps) -> None:
    steps.emulator.faults(poison=[" "])
    with _asker(steps) as asker, pytest.raises(RunPaused, match="even a plain sentence"):
        asker.ask(TEXTS[:8])
