"""The commands that look after the database: migrate, versions, dead-letters, psql."""

from collections.abc import Callable

import pytest

from catalog_embeddings.postgres.connection import connect
from tests.cli.conftest import Ended, World


def test_migrate_says_what_it_applied(
    cli: Callable[..., Ended], empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", empty_database_url)
    first = cli("migrate", "--json")
    assert first.code == 0
    assert first.answer["applied"][0] == "0001_create_extension_and_schemas"
    assert first.answer["functions"] > 0 < first.answer["views"]
    again = cli("migrate")
    assert (again.code, again.err) == (0, "")
    assert "Applied nothing: it was up to date." in again.out
    with connect(empty_database_url) as connection:
        connection.execute("update pipeline.migration_hashes set sha256 = 'another'")
    refused = cli("migrate")
    assert (refused.code, refused.out) == (2, "")
    assert "was changed after it was applied to this database" in refused.err


def test_versions_are_listed_and_created(world: World, cli: Callable[..., Ended]) -> None:
    created = cli("versions", "create", "v2", "--dims", "8", "--template", "product.v1", "--json")
    assert created.code == 0
    assert (created.answer["version"], created.answer["status"]) == ("v2", "building")
    listed = cli("versions", "list", "--json").answer["versions"]
    assert [(row["version"], row["active"], row["status"], row["dims"]) for row in listed] == [
        ("v1", True, "active", 512),
        ("v2", False, "building", 8),
    ]
    assert listed[1] | {"fingerprint": ""} == {
        "version": "v2",
        "status": "building",
        "active": False,
        "provider": "emulator",
        "model": "text-embedding-3-large",
        "dims": 8,
        "template": "product.v1",
        "fingerprint": "",
    }
    assert created.answer["fingerprint"].startswith(listed[1]["fingerprint"])
    shown = cli("versions", "list")
    assert "text-embedding-3-large" in shown.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["v1"], "there is already a version named 'v1'"),
        (["v2", "--model", "text-embedding-3-small", "--dims", "512"], "a version with this very spec"),
        (["V 2"], "'V 2' cannot name a version"),
        (["v2", "--template", "haiku"], "there is no prompt template 'haiku'; there are: product.v1, product.v2"),
        (["v2", "--dims", "0"], "Invalid value"),
    ],
)
def test_a_version_that_cannot_be_is_refused(
    world: World, cli: Callable[..., Ended], arguments: list[str], sentence: str
) -> None:
    ended = cli("versions", "create", *arguments, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert world.ask("select version from embedding_versions") == [("v1",)]


def test_dead_letters_are_listed_with_their_reason(world: World, cli: Callable[..., Ended]) -> None:
    [letter] = cli("dead-letters", "list", "--json").answer["dead_letters"]
    assert (letter["item_id"], letter["namespace"], letter["version"]) == ("silent", "default", "v1")
    assert (letter["stage"], letter["reason"], letter["attempts"]) == ("plan", "empty_text", 1)
    assert "empty_text" in cli("dead-letters", "list").out


def test_psql_answers_one_statement(world: World, cli: Callable[..., Ended]) -> None:
    as_json = cli("psql", "-c", "select item_id, 50 % 7 as rest from similar_items('chair', 1)", "--json")
    assert as_json.answer == {"rows": [{"item_id": "armchair", "rest": 1}]}
    assert cli("psql", "-c", "create table scratch ()", "--json").answer == {"rows": []}
    shown = cli("psql", "-c", "select 6 * 7 as answer")
    assert shown.code == 0
    assert "42" in shown.out


def test_psql_says_what_is_wrong_with_a_statement(world: World, cli: Callable[..., Ended]) -> None:
    as_json = cli("psql", "-c", "selec 1", "--json")
    assert (as_json.code, as_json.out) == (2, "")
    assert 'Postgres refuses the statement: syntax error at or near "selec"' in as_json.err
    shown = cli("psql", "-c", "selec 1")
    assert (shown.code, shown.out) == (1, "")
    assert "syntax error" in shown.err
