"""The program's frame: what it says of an error, and which ending has which exit code."""

import signal
import subprocess
from collections.abc import Callable

import pytest

from catalog_embeddings import errors
from catalog_embeddings.cli.app import exit_code
from catalog_embeddings.cli.processes import own_command
from tests.cli.conftest import Ended


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigurationError("x"), 2),
        (errors.InputError("x"), 2),
        (errors.ThresholdExceeded("x"), 3),
        (errors.RunPaused("x"), 4),
        (errors.Permanent("x"), 1),
        (errors.RunLocked("x"), 1),
        (errors.RunFenced("x"), 1),
        (errors.ServerFailed("x"), 1),
    ],
)
def test_every_error_has_its_exit_code(error: errors.CatalogEmbeddingsError, code: int) -> None:
    assert exit_code(error) == code


def test_help_is_no_failure(cli: Callable[..., Ended]) -> None:
    ended = cli("--help")
    assert (ended.code, ended.err) == (0, "")
    assert "dead-letters" in ended.out


@pytest.mark.parametrize("arguments", [["nonsense"], ["run", "--nonsense"], ["similar"], ["similar", "x", "-k", "0"]])
def test_bad_arguments_end_with_two(cli: Callable[..., Ended], arguments: list[str]) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "Usage: catalog-embeddings" in ended.err


def test_an_error_is_one_sentence_on_standard_error(cli: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")
    ended = cli("versions", "list", "--json")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("ServerFailed: cannot connect to Postgres")
    assert ended.err.count("\n") == 1
    assert "secret" not in ended.err


def test_a_database_that_was_never_migrated_says_what_to_do(
    cli: Callable[..., Ended], empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    for command in (["versions", "list"], ["dead-letters", "list"], ["similar", "x"], ["run"]):
        ended = cli(*command)
        assert (ended.code, ended.out) == (2, "")
        assert "run `catalog-embeddings migrate` first" in ended.err


def test_the_installed_program_ends_alike(program: Callable[..., Ended], database_url: str) -> None:
    ended = program("run", CATALOG_EMBEDDINGS_DATABASE_URL=database_url)
    assert (ended.code, ended.out) == (2, "")
    assert "ConfigurationError: no embeddings API is configured" in ended.err


def test_ctrl_c_ends_with_a_sentence() -> None:
    asked = subprocess.Popen(
        own_command("enrich", "--check", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert asked.stdin
    assert asked.stdout
    asked.stdin.write('{"id": 1, "record": {"title": "A lamp"}, "draft": "A lamp for the desk."}\n')
    asked.stdin.flush()
    # It is at work, and waits for the next line.
    assert asked.stdout.readline().startswith("{")
    asked.send_signal(signal.SIGINT)
    _, said = asked.communicate(timeout=60)
    assert asked.returncode == 130
    assert "Interrupted. Nothing is lost" in said
