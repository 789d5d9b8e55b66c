"""The doctor: a healthy installation is fit, and of a sick one each part says what to do."""

from pathlib import Path

import pytest

from catalog_embeddings.bootstrap.doctor import Tried, examine
from tests.bootstrap.conftest import Surroundings


def _requests(around: Surroundings) -> int:
    return int(str(around.emulator.stats()["embedding_requests"]))


def _by_part(found: list[Tried]) -> dict[str, Tried]:
    return {each.part: each for each in found}


def test_a_healthy_installation_is_fit_and_left_as_it_was(around: Surroundings) -> None:
    lake_before = sorted(path for path in around.lake.rglob("*") if path.is_file())
    requests = _requests(around)
    found = _by_part(examine(ask_api=False))
    assert list(found) == ["settings", "database", "pgvector", "migrations", "lake", "api"]
    assert [each for each in found.values() if not each.is_fit] == []
    assert "emulator is configured; --ask-api" in found["api"].told
    assert sorted(path for path in around.lake.rglob("*") if path.is_file()) == lake_before
    assert _requests(around) == requests


def test_the_api_is_asked_for_a_vector_of_the_active_version(around: Surroundings) -> None:
    requests = _requests(around)
    found = _by_part(examine(ask_api=True))["api"]
    assert found == Tried("api", True, "text-embedding-3-small of emulator has embedded a sentence")
    assert _requests(around) == requests + 1


def test_an_api_that_refuses_the_key_or_is_not_the_versions_is_not_fit(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.emulator.faults(fail_next=[{"status": 401}])
    found = _by_part(examine(ask_api=True))["api"]
    assert not found.is_fit
    assert "401" in found.told
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    found = _by_part(examine(ask_api=False))["api"]
    assert not found.is_fit
    assert "emulator" in found.told
    monkeypatch.delenv("OPENAI_API_KEY")
    assert "set OPENAI_API_KEY" in _by_part(examine(ask_api=False))["api"].told


def test_a_wrong_setting_is_all_that_can_be_said(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_PARALLELISM", "11")
    [found] = examine(ask_api=False)
    assert (found.part, found.is_fit) == ("settings", False)
    assert "CATALOG_EMBEDDINGS_PARALLELISM is wrong" in found.told


def test_a_database_that_was_never_migrated_is_not_fit_and_stays_empty(
    around: Surroundings, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", empty_database_url)
    for _ in range(2):
        found = _by_part(examine(ask_api=False))
        assert {part for part, each in found.items() if not each.is_fit} == {"migrations"}
        assert "0001_create_extension_and_schemas first: run `catalog-embeddings migrate`" in found["migrations"].told


def test_what_rests_on_a_database_that_is_down_is_left_out(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")
    found = _by_part(examine(ask_api=False))
    assert list(found) == ["settings", "database", "lake", "api"]
    assert "cannot connect to Postgres" in found["database"].told
    assert "secret" not in str(found)


def test_a_lake_that_cannot_be_written_is_not_fit(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", "file:///proc/no/lake")
    assert not _by_part(examine(ask_api=False))["lake"].is_fit
