"""Candidates: how tags and similarity become one score."""

import pytest

from catalog_embeddings.domain.candidate import BlendWeights, CandidateData


def test_the_score_is_the_weighted_mean_and_only_the_proportion_counts() -> None:
    assert BlendWeights(tags=1, similarity=3).score(0.2, 0.6) == pytest.approx(0.5)
    assert BlendWeights(tags=10, similarity=30).score(0.2, 0.6) == pytest.approx(0.5)
    assert BlendWeights(tags=0, similarity=1).score(1.0, -0.5) == -0.5


def test_an_item_without_a_vector_is_like_nothing() -> None:
    assert BlendWeights(tags=1, similarity=1).score(0.5, None) == 0.25


def test_weights_that_weigh_nothing_are_refused() -> None:
    for tags, similarity in ((0, 0), (-1, 2), (2, -1)):
        with pytest.raises(ValueError, match="0 or more, and not all of them 0"):
            BlendWeights(tags=tags, similarity=similarity)


def test_a_candidate_is_spelled_as_its_fields() -> None:
    candidate = CandidateData("lamp", "home", "Lamp", "tags", 0.5, None, 0.25, "v1")
    assert candidate.as_json() == {
        "item_id": "lamp",
        "namespace": "home",
        "title": "Lamp",
        "source": "tags",
        "tag_overlap": 0.5,
        "similarity": None,
        "score": 0.25,
        "version": "v1",
    }
