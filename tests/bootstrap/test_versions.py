"""Versions as a door calls them: moved, compared, listed with their places."""

from uuid import UUID

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.domain.promotion import EVERYWHERE, Place
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.register import register_version, text_spec
from tests.bootstrap.conftest import Surroundings

ORG = UUID(int=1)


@pytest.fixture(autouse=True)
def second(around: Surroundings, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version v2 that was never run, and a lake of this test's own: dropping removes from it."""
    monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", tmp_path_factory.mktemp("lake").as_uri())
    register_version(around.connection, "v2", text_spec("emulator", "text-embedding-3-small", dims=8))


def test_pointers_of_orgs_and_namespaces_move_and_are_listed(around: Surroundings) -> None:
    bootstrap.promote("v2", "shoes", ORG, force=True, reason="a test")
    assert [(found.version, places) for found, places in bootstrap.list_versions()] == [
        ("v1", [EVERYWHERE]),
        ("v2", [Place(ORG, "shoes")]),
    ]
    move, behind = bootstrap.rollback("shoes", ORG)
    assert (move.version, behind.came, behind.rewritten) == ("v1", 0, 0)
    assert bootstrap.list_versions()[1][1] == []


def test_how_much_worse_a_version_may_rank_is_a_setting(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    around.connection.execute(
        "insert into embedding_evaluations (version, against, k, ndcg, ndcg_against, report)"
        " values ('v2', 'v1', 10, 0.55, 0.6, '{}')"
    )
    with pytest.raises(InputError, match=r"0\.600: more than 0\.01 worse"):
        bootstrap.promote("v2", force=False, reason=None)
    monkeypatch.setenv("CATALOG_EMBEDDINGS_MAX_NDCG_DROP", "0.05")
    with pytest.raises(InputError, match="never been run") as refused:
        bootstrap.promote("v2", force=False, reason=None)
    assert "worse" not in str(refused.value)


def test_a_scheduler_promotes_in_plain_names(around: Surroundings) -> None:
    with pytest.raises(InputError, match="never been run"):
        bootstrap.promote_by_names(version="v2", force=None)
    with pytest.raises(InputError, match="'acme' is no org_id: it is a UUID"):
        bootstrap.promote_by_names(version="v2", org_id="acme")
    moved = bootstrap.promote_by_names(version="v2", namespace="shoes", org_id=str(ORG), force=True, reason="a drill")
    assert (moved["version"], moved["namespace"], moved["org_id"]) == ("v2", "shoes", str(ORG))


def test_a_versions_last_figures_stand_beside_anothers(around: Surroundings) -> None:
    found = bootstrap.compare_versions("v2", sample=0)
    assert (found.version.held, found.against.version, found.against.held) == (0, "v1", 4)
    assert found.neighbours is None
