"""The evaluation by hand, as the scheduler sees it; its one step is tested in tests/bootstrap/test_evaluating.py."""

from typing import Any

import pytest

from catalog_embeddings.cli.airflow_home import POOLS


@pytest.fixture
def evaluation(parsed: dict[str, Any]) -> dict[str, Any]:
    return dict(parsed["dags"]["evaluate_embedding_version"])


def test_nobody_but_a_person_starts_it(evaluation: dict[str, Any]) -> None:
    assert (evaluation["schedule"], evaluation["catchup"]) == (None, False)
    assert evaluation["downstream"] == {"evaluate": []}
    assert evaluation["retries"] == {"evaluate": [3, True]}


def test_it_asks_the_api_for_no_more_than_a_shard_may(evaluation: dict[str, Any]) -> None:
    assert evaluation["pools"] == {"evaluate": ["embedding_api", POOLS["embedding_api"]["slots"]]}


def test_its_form_has_a_title_and_a_sentence_for_every_field(evaluation: dict[str, Any]) -> None:
    assert evaluation["untitled"] == []
    assert evaluation["left_open"] == ["version"]
    assert {name: param["default"] for name, param in evaluation["params"].items() if name in {"k", "min_rating"}} == {
        "k": 10,
        "min_rating": 1,
    }
