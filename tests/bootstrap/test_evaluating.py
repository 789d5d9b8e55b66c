"""Evaluating by names and paths, on the database that a whole run went through."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.register import register_version, text_spec
from tests.bootstrap.conftest import Surroundings

ORG = UUID(int=1)


def _copy_into_v2(around: Surroundings) -> None:
    version = register_version(
        around.connection, "v2", text_spec("emulator", "text-embedding-3-small", 16, "product.v1")
    )
    with around.connection.transaction():
        around.connection.execute(
            "select set_config('catalog_embeddings.fingerprint', %s, true)", [version.fingerprint]
        )
        around.connection.execute(
            "insert into item_embeddings (org_id, item_id, namespace, version, modality, dims, vector, record_hash,"
            " content_hash) select org_id, item_id, namespace, 'v2', modality, dims, vector, record_hash, content_hash"
            " from item_embeddings where version = 'v1'"
        )


@pytest.fixture
def judgments(tmp_path: Path) -> Path:
    path = tmp_path / "judgments.csv"
    path.write_text("query,item_id,rating\nrocking chair,chair,3\nreading lamp,lamp,3\nreading lamp,desk,0\n")
    return path


def test_the_active_version_is_what_another_is_compared_with(around: Surroundings, judgments: Path) -> None:
    _copy_into_v2(around)
    report = bootstrap.evaluate("v2", judgments=judgments)
    assert (report.version, report.against) == ("v2", "v1")
    assert report.judged is not None
    assert report.judged.strata[0].measures["ndcg@10"].difference == 0
    assert around.requests() == 1


def test_the_active_version_itself_stands_alone(around: Surroundings) -> None:
    report = bootstrap.evaluate("v1")
    assert (report.against, report.candidates) == (None, 4)
    assert around.requests() == 0
    assert bootstrap.evaluate("v1", "v1").against is None


def test_files_give_queries_and_popularity(around: Surroundings, tmp_path: Path) -> None:
    _copy_into_v2(around)
    for name, text in {
        "qrels.txt": "1 0 chair 2\n2 0 lamp 3\n",
        "queries.tsv": "1\trocking chair\n2\treading lamp\n",
        "clicks.csv": "item_id,count\nlamp,9\n",
    }.items():
        (tmp_path / name).write_text(text)
    report = bootstrap.evaluate(
        "v2",
        "v1",
        judgments=tmp_path / "qrels.txt",
        queries=tmp_path / "queries.tsv",
        interactions=tmp_path / "clicks.csv",
        k=2,
        min_rating=2,
    )
    assert report.judged is not None
    assert [(row.query_id, row.query, row.weight) for row in report.judged.queries] == [
        ("1", "rocking chair", 0),
        ("2", "reading lamp", 9),
    ]
    assert [part.stratum for part in report.judged.strata] == ["all", "head", "tail"]


def test_what_is_not_there_is_refused_before_anything_is_paid(around: Surroundings, judgments: Path) -> None:
    nowhere = judgments.with_name("nowhere.csv")
    refusals: list[tuple[str, dict[str, Any]]] = [
        ("v9", {}),
        ("v1", {"against": "v9"}),
        ("v1", {"judgments": nowhere}),
        ("v1", {"namespace": "shoes"}),
    ]
    for version, arguments in refusals:
        with pytest.raises(InputError):
            bootstrap.evaluate(version, **({"judgments": judgments} | arguments))
    assert around.requests() == 0


def test_a_scheduler_asks_in_plain_names_and_gets_the_verdict(around: Surroundings, judgments: Path) -> None:
    _copy_into_v2(around)
    page = judgments.with_name("report.html")
    found = bootstrap.evaluate_by_names(version="v2", judgments=str(judgments), html=str(page), k=2, org_id=str(ORG))
    assert (found["version"], found["against"], found["candidates"]) == ("v2", "v1", 4)
    assert found["gate"]["state"] == "passed"
    assert found["measures"]["ndcg@2"]["difference"] == 0
    json.dumps(found)
    assert "NDCG@2" in page.read_text(encoding="utf-8")
    assert around.ask("select org_id, k from embedding_evaluations") == [(ORG, 2)]
    plain = bootstrap.evaluate_by_names(version="v2")
    assert (plain["gate"]["state"], plain["measures"]) == ("unknown", {})


def test_a_form_that_cannot_be_is_refused_before_anything_is_paid(around: Surroundings, judgments: Path) -> None:
    refusals: tuple[tuple[dict[str, Any], str], ...] = (
        ({"org_id": "acme"}, "'acme' is no org_id"),
        ({"html": str(judgments.parent / "no" / "report.html")}, "there is no folder"),
    )
    for wrong, sentence in refusals:
        with pytest.raises(InputError, match=sentence):
            bootstrap.evaluate_by_names(version="v1", judgments=str(judgments), **wrong)
    assert around.requests() == 0
