"""Buckets: frozen, even, and drawn anew by another salt. That SQL finds the same is tested in tests/sql."""

import hashlib
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_embeddings.domain.slice import BUCKETS
from catalog_embeddings.transform.slicing import slice_bucket

ORG = UUID("0000000A-0000-0000-0000-00000000000B")
TEXT = st.text(st.characters(codec="utf-8"))


def test_the_spelling_is_frozen() -> None:
    # Another spelling draws other items into every slice, and each of them is paid for.
    spelled = "36:0000000a-0000-0000-0000-00000000000b6:café!5:pilot"
    assert slice_bucket(ORG, "café!", "pilot") == int(hashlib.sha256(spelled.encode()).hexdigest()[:8], 16) % 10_000
    assert slice_bucket(ORG, "café!", "pilot") == 4555


@given(st.uuids(), TEXT, TEXT)
def test_every_item_has_a_bucket(org_id: UUID, item_id: str, salt: str) -> None:
    assert 0 <= slice_bucket(org_id, item_id, salt) < BUCKETS


@pytest.mark.parametrize("salt", ["", "pilot", "пилот"])
def test_buckets_are_even(salt: str) -> None:
    buckets = [slice_bucket(ORG, f"item {number}", salt) for number in range(20_000)]
    tenths = Counter(bucket // 1_000 for bucket in buckets)
    assert all(1_800 < tenths[tenth] < 2_200 for tenth in range(10))
    assert len(set(buckets)) > 8_000  # all 10,000 are in use: 8,647 are expected


def test_another_salt_draws_other_items() -> None:
    first, second = (
        {n for n in range(20_000) if slice_bucket(ORG, f"item {n}", salt) < 500} for salt in ("one", "two")
    )
    assert len(first & second) < 100  # 50 are expected; 1,000 where the salt did nothing


def test_id_and_salt_do_not_run_into_each_other() -> None:
    assert slice_bucket(ORG, "item1", "0") != slice_bucket(ORG, "item", "10")
