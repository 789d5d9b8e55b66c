"""The wiring that every command needs: a wrong setting becomes one sentence, the database is the one they name."""

from pathlib import Path

import pytest

from catalog_embeddings import bootstrap
from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.postgres.connection import connect


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CATALOG_EMBEDDINGS_PARALLELISM", "11"),
        ("CATALOG_EMBEDDINGS_PARALLELISM", "many"),
        ("CATALOG_EMBEDDINGS_BATCH_SIZE", "0"),
        ("CATALOG_EMBEDDINGS_FAILURE_THRESHOLD", "5"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"^{name} is wrong: "):
        bootstrap.settings()


def test_a_wrong_key_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret\x07")
    with pytest.raises(ConfigurationError, match=r"^OPENAI_API_KEY is wrong") as refused:
        bootstrap.settings()
    assert "sk-secret" not in str(refused.value)


def test_the_configured_database_is_opened_as_it_is(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("CATALOG_EMBEDDINGS_STATE_DIRECTORY", str(tmp_path))
    migrated = "select to_regclass('pipeline.runs') is not null"
    with bootstrap.open_database() as connection:
        # Somebody else's database is migrated when a person says so, not by looking at it.
        assert connection.execute(migrated).fetchone() == (False,)
    assert bootstrap.migrate_database().applied
    with bootstrap.open_database() as connection:
        assert connection.execute(migrated).fetchone() == (True,)
    assert list(tmp_path.iterdir()) == []


def test_an_address_never_shows_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")
    settings = bootstrap.settings()
    assert "secret" not in repr(settings)
    with bootstrap.database_address(settings) as address:
        assert "secret" in address
    with pytest.raises(Exception, match="cannot connect") as failed:
        connect(address)
    assert "secret" not in str(failed.value)
