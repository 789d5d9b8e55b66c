"""A whole evaluation: two versions of one catalog, one of which has its vectors mixed up, against counting by hand."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from catalog_embeddings.bootstrap import Platform, open_platform
from catalog_embeddings.domain.evaluation import EvaluationReport, QueryCost
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.emulator.vectors import hashed
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.evaluate import Evaluation, evaluate
from catalog_embeddings.pipeline.judgments import JudgedText, Judgment
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.postgres.evaluation import Scope
from catalog_embeddings.transform.metrics import measure
from catalog_embeddings.transform.search import unit_vectors
from tests.pipeline.conftest import KEY

DIMS = 256
KINDS = ("reading lamp", "standing desk", "rocking chair", "camping stove")
COLOURS = ("red", "green", "blue", "grey", "white", "black", "oak", "brass")
ITEMS = {f"{kind}-{colour}": f"{colour} {kind}" for kind in KINDS for colour in COLOURS}
# The good answers of a query are of its kind; the grey ones nobody has looked at. Two judgments are of no item.
JUDGED = [
    JudgedText(
        kind,
        kind,
        (
            *(Judgment(f"{kind}-{colour}", 3 if n < 3 else 1) for n, colour in enumerate(COLOURS) if colour != "grey"),
            Judgment(f"{KINDS[number - 1]}-red", 0),
            Judgment("gone", 3),
        ),
    )
    for number, kind in enumerate(KINDS)
] + [JudgedText("nothing", "nothing there", (Judgment("gone", 3), Judgment("reading lamp-red", 0)))]


@pytest.fixture
def platform(database_url: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A catalog in v1, which finds what is asked, and in v2, where half of the items have each other's vectors."""
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with open_platform() as opened:
        for item, title in ITEMS.items():
            opened.connection.execute(
                "insert into analytics.catalog_features_raw (org_id, item_id, title, category) values (%s, %s, %s, %s)",
                [UUID(int=1), item, title, item.split("-")[0]],
            )
        vectors = hashed(list(ITEMS.values()), DIMS)
        mixed = vectors.copy()
        mixed[::2] = vectors[::2][::-1]
        for version, template, held in (("v1", "product.v1", vectors), ("v2", "product.v2", mixed)):
            spec = text_spec("emulator", "text-embedding-3-small", DIMS, template)
            registered = register_version(opened.connection, version, spec)
            _load(opened.connection, version, registered.fingerprint, held)
        yield opened


def _load(connection: Connection, version: str, fingerprint: str, vectors: np.ndarray) -> None:
    with connection.transaction():
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, true)", [fingerprint])
        for item, vector in zip(ITEMS, vectors.tolist(), strict=True):
            connection.execute(
                "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash,"
                " content_hash) values (%s, %s, %s, 'text', %s, %s, 'r', 'c')",
                [UUID(int=1), item, version, len(vector), str(vector)],
            )


def _evaluation(platform: Platform, **parts: Any) -> Evaluation:
    v1, v2 = (find_version(platform.connection, name) for name in ("v1", "v2"))
    return replace(Evaluation(version=v2, against=v1, k=5, judged=JUDGED), **parts)


def _evaluate(platform: Platform, **parts: Any) -> EvaluationReport:
    return evaluate(platform.connection, _evaluation(platform, **parts), platform.api, batch_size=128)


def _by_hand(platform: Platform, version: str, k: int) -> list[dict[str, float]]:
    """The measures of each query by the SQL function that readers use."""
    rows = []
    for judged in JUDGED[:4]:
        ratings = {judgment.item_id: judgment.rating for judgment in judged.judgments if judgment.item_id in ITEMS}
        hits = platform.retriever().nearest(hashed([judged.query], DIMS)[0], len(ITEMS), version=version)
        gains = np.array([ratings.get(hit.item_id, np.nan) for hit in hits])
        rows.append(measure(gains[:k], gains[~np.isnan(gains)], k, 1))
    return rows


def test_every_measure_is_what_the_readers_function_would_give(platform: Platform) -> None:
    judged = _evaluate(platform).judged
    assert judged is not None
    for name, figure in judged.strata[0].measures.items():
        for version, found in (("v2", figure.version), ("v1", figure.against)):
            expected = np.mean([row[name] for row in _by_hand(platform, version, 5)])
            assert found == pytest.approx(expected, abs=1e-9), (name, version)
    ndcg = judged.strata[0].measures["ndcg@5"]
    assert ndcg.against is not None
    assert ndcg.difference == pytest.approx(ndcg.version - ndcg.against)
    assert ndcg.high < 0
    assert [row.query for row in judged.queries] == list(KINDS)
    assert [row.version for row in judged.queries] == pytest.approx([r["ndcg@5"] for r in _by_hand(platform, "v2", 5)])


def test_what_is_left_out_is_counted(platform: Platform) -> None:
    judged = _evaluate(platform, min_rating=2).judged
    assert judged is not None
    assert (judged.judgments, judged.judgments_left_out, judged.queries_left_out) == (32, 5, 1)
    assert [row.relevant for row in judged.queries] == [3, 3, 3, 3]
    assert judged.strata_by == "richness"


def test_head_and_tail_are_told_apart_by_popularity_where_it_is_known(platform: Platform) -> None:
    popularity = {f"{kind}-red": 10.0 * number for number, kind in enumerate(KINDS)}
    judged = _evaluate(platform, popularity=popularity).judged
    assert judged is not None
    assert judged.strata_by == "popularity"
    assert [(part.stratum, part.queries) for part in judged.strata] == [("all", 4), ("head", 2), ("tail", 2)]
    # Seven items of each kind are relevant, and the red one alone was ever chosen.
    assert [row.weight for row in judged.queries] == pytest.approx([0, 10 / 7, 20 / 7, 30 / 7])
    head = judged.strata[1].measures["ndcg@5"].version
    assert head == pytest.approx(np.mean([row["ndcg@5"] for row in _by_hand(platform, "v2", 5)[2:]]))
    everywhere_alike = _evaluate(platform, popularity={}).judged
    assert everywhere_alike is not None
    assert [part.stratum for part in everywhere_alike.strata] == ["all"]


def test_the_price_is_told_before_the_first_request(platform: Platform, emulator: Emulator) -> None:
    told: list[tuple[list[QueryCost], object]] = []
    report = evaluate(
        platform.connection,
        _evaluation(platform),
        platform.api,
        batch_size=128,
        on_cost=lambda costs: told.append((costs, emulator.stats()["embedding_requests"])),
    )
    ((costs, requests_before),) = told
    assert [(cost.version, cost.texts) for cost in costs] == [("v2", 4), ("v1", 0)]
    assert requests_before == 0
    assert emulator.stats()["embedding_requests"] == 1
    assert [cost.tokens_billed > 0 for cost in report.cost] == [True, False]
    assert next(iter(report.as_json())) == "cost"


def test_without_judgments_the_vectors_are_looked_at_and_no_api_is_asked(
    platform: Platform, emulator: Emulator
) -> None:
    report = _evaluate(platform, judged=())
    assert report.judged is None
    assert emulator.stats()["embedding_requests"] == 0
    for checks in report.checks:
        assert (checks.catalog_items, checks.held, checks.coverage, checks.stale) == (32, 32, 1, 0)
        assert (checks.checks.vectors, checks.checks.zero) == (32, 0)
        assert checks.checks.norm_max == pytest.approx(1, abs=1e-3)
        assert checks.checks.anisotropy is not None
    near = report.neighbours
    assert near.sample == 32
    assert near.overlap is not None
    assert near.overlaps is not None
    assert 0 < near.overlap.version < 1
    assert sum(near.overlaps) == 32
    assert near.overlap.version == pytest.approx(np.dot(near.overlaps, range(6)) / (5 * 32))
    # In v1 nearly all neighbours are of the same kind, in v2 about half: the others have changed places.
    assert near.purity is not None
    assert near.purity.against is not None
    assert near.purity.against > 0.9 > near.purity.version
    assert near.purity_by_chance == pytest.approx(7 / 31)


def test_neighbourhoods_are_those_of_counting_by_hand(platform: Platform) -> None:
    near = _evaluate(platform, judged=()).neighbours
    found = {version: _neighbours_by_hand(platform, version, 5) for version in ("v1", "v2")}
    shared = [len(set(own) & set(found["v1"][item])) / 5 for item, own in found["v2"].items()]
    pure = [sum(other.split("-")[0] == item.split("-")[0] for other in own) / 5 for item, own in found["v2"].items()]
    assert near.overlap is not None
    assert near.purity is not None
    assert near.overlap.version == pytest.approx(np.mean(shared))
    assert near.purity.version == pytest.approx(np.mean(pure))


def _neighbours_by_hand(platform: Platform, version: str, k: int) -> dict[str, list[str]]:
    """The k nearest of every item but itself; equally near ones in the order of their ids, as Postgres sorts them."""
    rows = platform.connection.execute(
        "select item_id, vector::text from item_embeddings where version = %s order by item_id", [version]
    ).fetchall()
    items = [item for item, _ in rows]
    units = unit_vectors(np.array([json.loads(text) for _, text in rows]))
    order = np.argsort(-np.round(units @ units.T, 6), axis=1, kind="stable").tolist()
    return {
        item: [items[other] for other in nearest if items[other] != item][:k]
        for item, nearest in zip(items, order, strict=True)
    }


def test_a_version_with_the_same_vectors_is_no_better_and_no_worse(platform: Platform) -> None:
    v1 = find_version(platform.connection, "v1")
    spec = replace(v1.spec, model_revision="another")
    twin = register_version(platform.connection, "twin", spec)
    _load(platform.connection, "twin", twin.fingerprint, hashed(list(ITEMS.values()), DIMS))
    report = _evaluate(platform, version=twin, against=v1)
    assert report.judged is not None
    assert {figure.difference for figure in report.judged.strata[0].measures.values()} == {0}
    assert report.neighbours.overlaps == [0, 0, 0, 0, 0, 32]


def test_only_what_both_versions_hold_is_compared(platform: Platform) -> None:
    platform.connection.execute("delete from item_embeddings where version = 'v2' and item_id like 'reading lamp%'")
    platform.connection.execute("delete from analytics.catalog_features_raw where item_id = 'standing desk-red'")
    report = _evaluate(platform)
    assert report.candidates == 23
    assert [(checks.held, checks.stale) for checks in report.checks] == [(23, 1), (31, 1)]
    assert report.judged is not None
    assert [row.query for row in report.judged.queries] == list(KINDS[1:])


def test_a_version_alone_has_intervals_and_nothing_to_compare(platform: Platform) -> None:
    report = _evaluate(platform, against=None)
    assert (report.against, len(report.checks), report.neighbours.overlap) == (None, 1, None)
    assert report.judged is not None
    figure = report.judged.strata[0].measures["ndcg@5"]
    assert (figure.against, figure.difference) == (None, None)
    assert figure.low <= figure.version <= figure.high


def test_clicks_are_shown_where_there_are_any(platform: Platform) -> None:
    assert _evaluate(platform, judged=()).clicks is None
    insert = "insert into analytics.recommendation_events (version, impressions, clicks) values (%s, %s, %s)"
    platform.connection.execute(insert, ["v1", 3_000, 300])
    alone = _evaluate(platform, judged=()).clicks
    assert alone is not None
    assert ([arm.version for arm in alone.arms], alone.test) == (["v1"], None)
    platform.connection.execute(insert, ["v2", 1_000, 120])
    clicks = _evaluate(platform, judged=()).clicks
    assert clicks is not None
    assert clicks.test is not None
    assert [(arm.version, arm.ctr) for arm in clicks.arms] == [("v2", 0.12), ("v1", 0.1)]
    assert clicks.test.difference == pytest.approx(0.02)
    assert clicks.test.p_value == pytest.approx(0.073984, abs=1e-6)
    platform.connection.execute(insert, ["v2", 0, 5_000])
    assert _evaluate(platform, judged=()).clicks is None


def test_what_cannot_be_compared_is_refused_before_anything_is_paid(platform: Platform, emulator: Emulator) -> None:
    strangers = [JudgedText("lamp", "lamp", (Judgment("elsewhere", 3), Judgment("reading lamp-red", 0)))]
    with pytest.raises(InputError, match=r"no item that is judged relevant \(a rating of 1 or more\)"):
        _evaluate(platform, judged=strangers)
    with pytest.raises(InputError, match="no item that v2 and v1 hold a vector of"):
        _evaluate(platform, scope=Scope(namespace="shoes"))
    assert emulator.stats()["embedding_requests"] == 0
