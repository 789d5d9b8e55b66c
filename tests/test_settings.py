"""Settings: their names, defaults and bounds, and that no secret is ever printed."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.settings import Settings

OURS = ("CATALOG_EMBEDDINGS_", "OPENAI_", "BLEND_")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without any of our settings."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)


def test_everything_has_a_default() -> None:
    settings = Settings()
    assert settings.database_url is None
    assert settings.lake_url is None
    assert (settings.parallelism, settings.batch_size, settings.failure_threshold) == (10, 128, 0.05)
    assert (settings.requests_per_minute, settings.tokens_per_minute) == (None, None)
    assert settings.state_directory == Path(".catalog-embeddings")
    assert settings.max_ndcg_drop == 0.01
    assert (settings.tags_weight, settings.similarity_weight) == (0.5, 0.5)
    assert settings.alert_url is None
    assert settings.openai_api_key is None
    assert settings.openai_base_url is None
    assert settings.blend_embedding_version is None


def test_every_setting_is_read_under_the_name_that_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "CATALOG_EMBEDDINGS_DATABASE_URL": "postgresql://me@db/catalog",
        "CATALOG_EMBEDDINGS_LAKE_URL": "s3://lake/here",
        "CATALOG_EMBEDDINGS_PARALLELISM": "3",
        "CATALOG_EMBEDDINGS_REQUESTS_PER_MINUTE": "3000",
        "CATALOG_EMBEDDINGS_TOKENS_PER_MINUTE": "1000000",
        "CATALOG_EMBEDDINGS_BATCH_SIZE": "64",
        "CATALOG_EMBEDDINGS_FAILURE_THRESHOLD": "0.5",
        "CATALOG_EMBEDDINGS_MAX_NDCG_DROP": "0.02",
        "CATALOG_EMBEDDINGS_TAGS_WEIGHT": "0",
        "CATALOG_EMBEDDINGS_SIMILARITY_WEIGHT": "3",
        "CATALOG_EMBEDDINGS_STATE_DIRECTORY": "/srv/state",
        "CATALOG_EMBEDDINGS_ALERT_URL": "https://hooks.example.com/zanzibar",
        "OPENAI_API_KEY": "sk-zanzibar",
        "OPENAI_BASE_URL": "http://127.0.0.1:8088/v1",
        "BLEND_EMBEDDING_VERSION": "shoes=v7,books=v5",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://me@db/catalog"
    assert settings.lake_address == "s3://lake/here"
    assert (settings.parallelism, settings.batch_size, settings.failure_threshold) == (3, 64, 0.5)
    assert (settings.requests_per_minute, settings.tokens_per_minute) == (3_000, 1_000_000)
    assert (settings.max_ndcg_drop, settings.tags_weight, settings.similarity_weight) == (0.02, 0, 3)
    assert settings.state_directory == Path("/srv/state")
    assert settings.alert_url is not None
    assert settings.alert_url.get_secret_value() == "https://hooks.example.com/zanzibar"
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-zanzibar"
    assert settings.openai_base_url == "http://127.0.0.1:8088/v1"
    assert settings.blend_embedding_version == "shoes=v7,books=v5"


@pytest.mark.parametrize("field", ["DATABASE_URL", "LAKE_URL", "PARALLELISM", "STATE_DIRECTORY"])
def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    monkeypatch.setenv(f"CATALOG_EMBEDDINGS_{field}", "")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert Settings() == Settings.model_construct()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("PARALLELISM", "0"),
        ("PARALLELISM", "11"),
        ("PARALLELISM", "many"),
        ("REQUESTS_PER_MINUTE", "0"),
        ("TOKENS_PER_MINUTE", "-1"),
        ("TOKENS_PER_MINUTE", "1e6"),
        ("BATCH_SIZE", "0"),
        ("BATCH_SIZE", "2049"),
        ("FAILURE_THRESHOLD", "-0.1"),
        ("FAILURE_THRESHOLD", "1.1"),
        ("FAILURE_THRESHOLD", "nan"),
        ("MAX_NDCG_DROP", "-0.01"),
        ("MAX_NDCG_DROP", "1.1"),
        ("TAGS_WEIGHT", "-1"),
        ("SIMILARITY_WEIGHT", "0"),
    ],
)
def test_a_value_out_of_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, field: str, value: str) -> None:
    monkeypatch.setenv(f"CATALOG_EMBEDDINGS_{field}", value)
    with pytest.raises(ValidationError, match=field.lower()):
        Settings()


def test_secrets_print_as_stars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-zanzibar")
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", "postgresql://me:zanzibar@db/catalog")
    monkeypatch.setenv("CATALOG_EMBEDDINGS_ALERT_URL", "https://hooks.example.com/zanzibar")
    settings = Settings()
    for printed in (str(settings), repr(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "zanzibar" not in printed
        assert "**" in printed


@pytest.mark.parametrize("key", ["sk-zanzibar\n", "\tsk-zanzibar ", "sk-zanzibar\r\n"])
def test_white_space_around_a_key_is_not_part_of_it(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    settings = Settings()
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-zanzibar"


@pytest.mark.parametrize("key", [" ", "sk-zanzibar…", "sk-zanzibär", "sk-zanzi\nbar", "sk-zanzibar\x7f"])
def test_a_key_that_fits_no_header_is_refused_without_being_told(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ValidationError, match="OPENAI_API_KEY") as refused:
        Settings()
    assert "sk-zan" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8088/v1", "localhost", "ftp://host/v1", "http:///v1", "http://[::1", "http://host:99999/v1", "host/v1"],
)
def test_an_api_address_that_leads_nowhere_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(ValidationError, match="OPENAI_BASE_URL"):
        Settings()


@pytest.mark.parametrize("address", ["https://api.openai.com/v1", "http://[::1]:8088/v1", "http://ollama:11434/v1/"])
def test_an_api_address_is_kept_as_it_was_given(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    assert Settings().openai_base_url == address


@pytest.mark.parametrize(
    "address",
    [
        "hooks/zanzibar",
        "ftp://host/zanzibar",
        "https:///zanzibar",
        "https://host/zan zibar",
        "https://höst/zanzibar",
        "https://h/zan\nzibar",
    ],
)
def test_an_alert_address_that_leads_nowhere_is_refused_without_being_told(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_ALERT_URL", address)
    with pytest.raises(ValidationError, match="alert_url") as refused:
        Settings()
    assert "zibar" not in str(refused.value)


def test_an_alert_address_comes_without_its_line_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_ALERT_URL", " https://hooks.example.com/zanzibar\r\n")
    settings = Settings()
    assert settings.alert_url is not None
    assert settings.alert_url.get_secret_value() == "https://hooks.example.com/zanzibar"


def test_without_a_lake_there_is_a_folder_beside_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CATALOG_EMBEDDINGS_STATE_DIRECTORY", "state of Ærø #1")
    Lake(Settings().lake_address).create("a/b", b"chair")
    assert (tmp_path / "state of Ærø #1" / "lake" / "a" / "b").read_bytes() == b"chair"


def test_without_any_api_nothing_is_started() -> None:
    with pytest.raises(ConfigurationError, match=r"OPENAI_API_KEY.*OPENAI_BASE_URL.*catalog-embeddings emulator"):
        Settings().require_endpoint()


@pytest.mark.parametrize(("name", "value"), [("OPENAI_API_KEY", "sk"), ("OPENAI_BASE_URL", "http://127.0.0.1:8088/v1")])
def test_a_key_or_an_address_is_enough(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    Settings().require_endpoint()
