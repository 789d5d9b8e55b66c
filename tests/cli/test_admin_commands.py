"""The commands that look after the database: migrate, psql."""

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
