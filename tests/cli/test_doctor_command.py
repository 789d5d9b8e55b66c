"""The command ``doctor``: a line for each part, and an exit code for scripts."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import Ended, World


def test_a_fit_installation_ends_with_nought(world: World, cli: Callable[..., Ended]) -> None:
    ended = cli("doctor", "--ask-api", "--json")
    assert ended.code == 0
    assert ended.answer["fit"] is True
    assert {part["part"]: part["fit"] for part in ended.answer["parts"]} == dict.fromkeys(
        ("settings", "database", "pgvector", "migrations", "lake", "api"), True
    )
    assert cli("doctor").out.count("\n") == 6


def test_one_that_is_not_ends_with_one_and_says_what_to_do(
    world: World, cli: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    ended = cli("doctor")
    assert ended.code == 1
    assert "not fit api        no embeddings API is configured: set OPENAI_API_KEY" in ended.out
    as_json = cli("doctor", "--json")
    assert (as_json.code, as_json.answer["fit"]) == (1, False)
