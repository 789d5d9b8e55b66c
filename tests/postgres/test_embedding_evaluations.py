"""Evaluations on record: the last one that compares two versions by judgments, and covers a place."""

from dataclasses import replace
from uuid import UUID

import pytest

from catalog_embeddings.domain.promotion import EVERYWHERE, Place
from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.postgres import embedding_versions
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.embedding_evaluations import latest_comparison, record
from tests.transform.evaluation_reports import judged, report

ORG = UUID(int=1)


@pytest.fixture(autouse=True)
def versions(connection: Connection, spec: VersionSpec, version: EmbeddingVersion) -> None:
    for name in ("v7", "v8"):
        embedding_versions.register(connection, name, spec, f"fingerprint of {name}")


def test_a_comparison_is_kept_with_its_interval_and_the_whole_report(connection: Connection) -> None:
    made = report(judged(0.1))
    record(connection, made)
    found = latest_comparison(connection, "v8", "v7", EVERYWHERE)
    assert found is not None
    assert (found.version, found.against, found.k, found.ndcg, found.ndcg_against) == ("v8", "v7", 10, 0.6, 0.5)
    row = connection.execute("select low, high, report, evaluated_by = current_user from embedding_evaluations")
    low, high, kept, by_us = row.fetchone() or (None,) * 4
    assert (low, high, by_us) == (pytest.approx(0.08), pytest.approx(0.12), True)
    assert kept["candidates"] == 90
    assert kept["judged"]["strata"][0]["measures"]["ndcg@10"]["version"] == 0.6


def test_what_compares_nothing_by_judgments_is_kept_and_decides_nothing(connection: Connection) -> None:
    record(connection, report())
    record(connection, report(judged(0.1), against=None))
    rows = connection.execute("select against, ndcg, ndcg_against from embedding_evaluations order by evaluation_id")
    assert rows.fetchall() == [("v7", None, None), (None, 0.6, None)]
    assert latest_comparison(connection, "v8", "v7", EVERYWHERE) is None


def test_the_last_one_that_covers_the_place_counts(connection: Connection) -> None:
    record(connection, report(judged(0.1)))
    record(connection, report(judged(0.2)), namespace="shoes")
    record(connection, report(judged(0.3)), org_id=ORG)
    record(connection, replace(report(judged(0.4)), version="v7", against="v8"))
    for place, ndcg in (
        (EVERYWHERE, 0.6),
        (Place(namespace="books"), 0.6),
        (Place(namespace="shoes"), 0.7),
        (Place(ORG, "shoes"), 0.8),
        (Place(UUID(int=2), "shoes"), 0.7),
    ):
        found = latest_comparison(connection, "v8", "v7", place)
        assert found is not None
        assert found.ndcg == pytest.approx(ndcg), place
