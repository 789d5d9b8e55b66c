"""The wiring of a run: settings become lakes and clients."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.errors import ConfigurationError, InputError, RunPaused
from catalog_embeddings.pipeline.register import register_version, text_spec
from tests.bootstrap.conftest import Surroundings


def test_without_a_database_there_is_an_embedded_one_up_to_date(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CATALOG_EMBEDDINGS_DATABASE_URL", raising=False)
    monkeypatch.delenv("CATALOG_EMBEDDINGS_LAKE_URL", raising=False)
    monkeypatch.setenv("CATALOG_EMBEDDINGS_STATE_DIRECTORY", str(tmp_path))
    with bootstrap.open_platform() as platform:
        assert platform.connection.execute("select count(*) from pipeline.runs").fetchone() == (0,)
        platform.lake.create("a/key", b"bytes")
    assert (tmp_path / "lake" / "a" / "key").read_bytes() == b"bytes"
    assert (tmp_path / "postgres" / "PG_VERSION").exists()
    assert bootstrap.migrate_database().applied == []


@pytest.fixture
def configured(
    database_url: str, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """An environment that names a database, a lake and an API; a test may change it."""
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", (tmp_path / "lake").as_uri())
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.url)
    monkeypatch.delenv("BLEND_EMBEDDING_VERSION", raising=False)
    return monkeypatch


def test_a_platform_is_what_the_settings_say(configured: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configured.setenv("CATALOG_EMBEDDINGS_PARALLELISM", "3")
    configured.setenv("CATALOG_EMBEDDINGS_BATCH_SIZE", "7")
    with bootstrap.open_platform() as platform:
        limits = platform.limits(0.5)
        assert (limits.batch_size, limits.parallelism, limits.max_cost_usd) == (7, 3, 0.5)
        assert platform.lake.address == (tmp_path / "lake").as_uri()
        assert platform.identify_provider() == "emulator"


def test_a_client_is_given_only_for_a_version_it_fits(configured: pytest.MonkeyPatch) -> None:
    with bootstrap.open_platform() as platform:
        ours = register_version(platform.connection, "v1", text_spec("emulator", dims=16))
        other = register_version(platform.connection, "v2", text_spec("openai-compatible", dims=8))
        with platform.api(ours) as api:
            assert api.embed(["a chair"]).vectors.shape == (1, 16)
        with pytest.raises(ConfigurationError, match="do not mix"), platform.api(other):
            pass


def test_a_client_keeps_to_the_limits_of_the_settings(configured: pytest.MonkeyPatch, emulator: Emulator) -> None:
    configured.setenv("CATALOG_EMBEDDINGS_PARALLELISM", "3")
    configured.setenv("CATALOG_EMBEDDINGS_REQUESTS_PER_MINUTE", "120")
    configured.setenv("CATALOG_EMBEDDINGS_TOKENS_PER_MINUTE", "100000000")
    with bootstrap.open_platform() as platform, ThreadPoolExecutor(5) as pool:
        version = register_version(platform.connection, "v1", text_spec("emulator", dims=16))
        emulator.faults(latency_s=0.1)
        with platform.api(version) as api:
            began = time.monotonic()
            list(pool.map(lambda number: api.embed([f"chair {number}"]), range(14)))
            # Six seconds' worth at once, and then two a second.
            assert time.monotonic() - began >= 0.9
        assert emulator.stats()["max_in_flight"] == 3


def test_a_cautious_client_begins_with_one_request(configured: pytest.MonkeyPatch, emulator: Emulator) -> None:
    with bootstrap.open_platform() as platform, ThreadPoolExecutor(5) as pool:
        version = register_version(platform.connection, "v1", text_spec("emulator", dims=16))
        emulator.faults(fail_next=[{"kind": "insufficient_quota"}] * 5)
        with platform.api(version, cautious=True) as api:
            pending = [pool.submit(api.embed, ["a chair"]) for _ in range(5)]
            assert all(isinstance(each.exception(), RunPaused) for each in pending)
        assert emulator.stats()["embedding_requests"] == 1


def test_an_address_where_nobody_answers_pauses(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with bootstrap.open_platform() as platform, pytest.raises(RunPaused, match="no answer from"):
        platform.identify_provider()
    configured.delenv("OPENAI_BASE_URL")
    with bootstrap.open_platform() as platform, pytest.raises(ConfigurationError, match="no embeddings API"):
        platform.identify_provider()


def test_readers_follow_the_setting(configured: pytest.MonkeyPatch) -> None:
    with bootstrap.open_platform() as platform, pytest.raises(InputError, match="no embedding version is active"):
        platform.retriever().version_for(None)
    configured.setenv("BLEND_EMBEDDING_VERSION", "shoes=v7,*=v5")
    with bootstrap.open_platform() as platform:
        assert platform.retriever().version_for("shoes") == "v7"
        assert platform.retriever().version_for(None) == "v5"


def test_candidates_are_blended_by_the_weights_of_the_settings(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.connection.execute("update analytics.catalog_features_raw set tags = '{wood}' where item_id <> 'lamp'")
    with bootstrap.open_platform() as platform:
        (even,) = platform.candidates("chair", 1)
        assert (even.tag_overlap, even.version) == (1.0, "v1")
        assert even.similarity is not None
        assert even.score == pytest.approx((1 + even.similarity) / 2)
    monkeypatch.setenv("CATALOG_EMBEDDINGS_TAGS_WEIGHT", "0")
    with bootstrap.open_platform() as platform:
        assert [each.score for each in platform.candidates("chair", 1)] == [even.similarity]
    monkeypatch.setenv("BLEND_EMBEDDING_VERSION", "v9")
    with bootstrap.open_platform() as platform, pytest.raises(InputError, match="no embedding version 'v9'"):
        platform.candidates("chair")
