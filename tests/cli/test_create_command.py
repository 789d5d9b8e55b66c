"""The command ``versions create``: a version is registered with what it was given, or refused."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import Ended, World


def test_what_is_given_is_registered(world: World, cli: Callable[..., Ended]) -> None:
    created = cli("versions", "create", "v2", "--dims", "8", "--template", "product.v4", "--enrichment", "review.v1")
    assert created.code == 0, created.err
    assert "building" in created.out
    found = cli("versions", "list", "--json").answer["versions"][-1]
    assert (found["dims"], found["template"], found["enrichment"]) == (8, "product.v4", "review.v1")


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
