"""The command rebuild: what it answers, without an API, and how it ends where something is damaged."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog_embeddings.postgres.connection import connect
from tests.cli.conftest import Ended, World

ROWS = "select item_id, halfvec_send(vector), record_hash, generated_at from item_embeddings order by item_id"


@pytest.fixture
def lost(world: World, database_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same world with a new database, and no API."""
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", database_url)
    monkeypatch.delenv("OPENAI_BASE_URL")
    return world


def test_a_lost_version_comes_back(lost: World, cli: Callable[..., Ended], database_url: str) -> None:
    ended = cli("rebuild", "--version", "v1", "--json")
    assert ended.code == 0
    assert set(ended.answer) == {"run_id", "version", "state", "rows", "parts", "damaged", "seconds"}
    assert {name: ended.answer[name] for name in ("version", "state", "rows", "parts", "damaged")} == {
        "version": "v1",
        "state": "verified",
        "rows": 4,
        "parts": 1,
        "damaged": [],
    }
    with connect(database_url) as connection:
        assert connection.execute(ROWS).fetchall() == lost.ask(ROWS)
    again = cli("rebuild", "--version", "v1", "--json")
    assert (again.code, again.out) == (2, "")
    assert "InputError: version v1 holds rows in this database" in again.err


def test_it_tells_a_person_how_far_it_is_and_what_it_did(lost: World, cli: Callable[..., Ended]) -> None:
    ended = cli("rebuild", "--version", "v1")
    assert ended.code == 0
    assert "Version v1 holds 4 rows, from 1 parts of the lake" in ended.out
    assert "0 API calls" in ended.out
    assert "4/4" in ended.err


def test_what_is_damaged_is_named_and_ends_with_one(
    lost: World, cli: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(lost.lake, lake)
    monkeypatch.setenv("CATALOG_EMBEDDINGS_LAKE_URL", lake.as_uri())
    [part] = lake.glob("vectors/*/*/*.parquet")
    part.write_bytes(b"")
    ended = cli("rebuild", "--version", "v1", "--json")
    assert ended.code == 1
    key = part.relative_to(lake).as_posix()
    assert (ended.answer["state"], ended.answer["rows"], ended.answer["damaged"]) == ("held", 0, [key])
    assert "0 of 4 rows were rebuilt: 1 objects of the lake are damaged or missing" in ended.err


def test_a_version_is_asked_for_by_name(lost: World, cli: Callable[..., Ended]) -> None:
    assert cli("rebuild").code == 2
    ended = cli("rebuild", "--version", "v9")
    assert (ended.code, ended.out) == (2, "")
    assert "holds no manifest of version v9: is CATALOG_EMBEDDINGS_LAKE_URL" in ended.err
