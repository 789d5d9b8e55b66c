"""Identities: what must change them, what must not, and the values that paid work is already filed under."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_embeddings.domain.version import Chunking, VersionSpec
from catalog_embeddings.transform.hashing import content_hash, enrichment_recipe, spec_fingerprint, vector_recipe

SPEC = VersionSpec(
    provider="openai",
    model="text-embedding-3-large",
    dims=3072,
    template="product.v2",
    template_hash="0" * 64,
    record_fields=("title", "brand"),
)
OTHER: dict[str, Any] = {
    "provider": "emulator",
    "model": "text-embedding-3-small",
    "dims": 1024,
    "template": "product.v1",
    "template_hash": "1" * 64,
    "record_fields": ("title",),
    "modality": "image",
    "model_revision": "2026-01",
    "enrichment": "profile.v1",
    "enrichment_model": "gpt-4.1-mini",
    "enrichment_hash": "2" * 64,
    "chunking": Chunking(max_tokens=500),
}
OTHER_CHUNKING: dict[str, Any] = {"max_tokens": 500, "bytes_per_token": 3.0, "max_text_bytes": 1_000}
DECIDES_AN_ANSWER = {"provider", "enrichment", "enrichment_model", "enrichment_hash"}
DECIDES_THE_VECTOR_OF_A_TEXT = {"provider", "model", "dims", "modality", "model_revision", "chunking"}


def test_every_field_is_tried() -> None:
    assert OTHER.keys() == {field.name for field in fields(VersionSpec)}
    assert OTHER_CHUNKING.keys() == {field.name for field in fields(Chunking)}


@pytest.mark.parametrize("field", OTHER)
def test_the_fingerprint_changes_with_each_field(field: str) -> None:
    assert spec_fingerprint(replace(SPEC, **{field: OTHER[field]})) != spec_fingerprint(SPEC)


@pytest.mark.parametrize("field", OTHER_CHUNKING)
def test_fingerprint_and_recipe_change_with_each_part_of_the_chunking(field: str) -> None:
    other = replace(SPEC, chunking=replace(SPEC.chunking, **{field: OTHER_CHUNKING[field]}))
    assert spec_fingerprint(other) != spec_fingerprint(SPEC)
    assert vector_recipe(other) != vector_recipe(SPEC)


def test_answers_are_told_apart_by_what_decides_them_and_by_nothing_else() -> None:
    changing = {
        field
        for field, value in OTHER.items()
        if enrichment_recipe(replace(SPEC, **{field: value})) != enrichment_recipe(SPEC)
    }
    assert changing == DECIDES_AN_ANSWER


def test_the_recipe_changes_with_what_turns_text_into_a_vector_and_with_nothing_else() -> None:
    changing = {
        field for field, value in OTHER.items() if vector_recipe(replace(SPEC, **{field: value})) != vector_recipe(SPEC)
    }
    assert changing == DECIDES_THE_VECTOR_OF_A_TEXT


def test_the_same_text_from_two_templates_is_paid_for_once() -> None:
    one, two = vector_recipe(SPEC), vector_recipe(replace(SPEC, template="product.v1", template_hash="1" * 64))
    assert content_hash("A chair", one) == content_hash("A chair", two)


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_two_texts_share_a_content_hash_only_when_they_are_one(first: str, second: str) -> None:
    recipe = vector_recipe(SPEC)
    assert len(content_hash(first, recipe)) == 32
    assert (content_hash(first, recipe) == content_hash(second, recipe)) == (first == second)


def test_the_spelling_of_the_hashes_is_frozen() -> None:
    # Another spelling disowns every registered version, and pays again for every text that is stored.
    assert spec_fingerprint(SPEC) == "7a2b0f17301977c6202ae11cbcd3e9af751942db479d817fde5f18405e839cdd"
    assert (
        content_hash("A chair", vector_recipe(SPEC)).hex()
        == "ec2411bfd696ebeac3d3e3f7f88896bb52f9b275a03b7117701e8c73ecf44bc5"
    )
