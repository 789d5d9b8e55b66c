"""A dropped version frees its disk at once, and the lake is rid of what is due."""

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.bootstrap.dropping import remove_due_files
from catalog_embeddings.pipeline.register import register_version, text_spec
from tests.bootstrap.conftest import Surroundings


@pytest.fixture(autouse=True)
def second(around: Surroundings, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version v2 that was never run, and a lake of this test's own: dropping removes from it."""
    monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", tmp_path_factory.mktemp("lake").as_uri())
    register_version(around.connection, "v2", text_spec("emulator", "text-embedding-3-small", dims=8))


def test_a_drop_says_what_it_freed_and_what_left_the_lake(around: Surroundings) -> None:
    kept = bootstrap.drop_version("v2").as_json()
    assert kept["version"] == "v2"
    assert kept["bytes_freed"] > 0
    assert (kept["lake_removed_at"], kept["removed"]) == (None, [])
    gone = bootstrap.drop_version("v2", lake_after_days=0).as_json()
    assert (gone["dropped_at"], gone["bytes_freed"]) == (kept["dropped_at"], 0)
    assert gone["lake_removed_at"] is not None
    assert gone["removed"] == [{"version": "v2", "files": 0, "parts_kept_for": ()}]


def test_a_lake_that_fails_stops_no_run(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bootstrap.drop_version("v2")
    around.connection.execute("update embedding_versions set lake_due_at = now() where version = 'v2'")
    with bootstrap.open_platform() as platform:
        monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", "file:///proc/no/lake")
        with bootstrap.open_platform() as elsewhere:
            remove_due_files(elsewhere)
        assert "the lake keeps files of dropped versions for now" in caplog.text
        assert around.ask("select lake_removed_at from embedding_versions where version = 'v2'") == [(None,)]
        remove_due_files(platform)
    assert around.ask("select lake_removed_at is not null from embedding_versions where version = 'v2'") == [(True,)]
