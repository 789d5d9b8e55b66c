"""The vocabulary of dead letters: nothing in the package gives a reason that is not in it."""

import ast
from pathlib import Path
from typing import get_args

import pytest

import catalog_embeddings
from catalog_embeddings.domain.dead_letter import REASONS, EmbedReason, check_reasons
from catalog_embeddings.errors import InputError

PACKAGE = Path(catalog_embeddings.__file__).parent


def _given() -> set[str]:
    """Every reason that an ItemRefused is made with; one that names a column counts for both parts of a key."""
    arguments = [
        node.args[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ItemRefused"
    ]
    return {
        eval(compile(ast.Expression(argument), "a reason", "eval"), {"column": column})
        for argument in arguments
        for column in ("item_id", "namespace")
    }


def test_every_reason_that_is_given_is_in_the_vocabulary_and_no_other() -> None:
    assert _given() | set(get_args(EmbedReason)) == set(REASONS)


def test_every_reason_says_what_it_means_in_a_line() -> None:
    assert [reason for reason, meaning in REASONS.items() if not 0 < len(meaning) <= 80] == []


def test_known_reasons_may_be_asked_for() -> None:
    check_reasons([])
    check_reasons(list(REASONS))


@pytest.mark.parametrize("reasons", [["bad_luck"], ["empty_text", "bad_luck"], ["Bad_luck", "bad_luck"]])
def test_an_unknown_reason_is_refused_with_those_that_are_known(reasons: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        check_reasons(reasons)
    assert all(reason in str(refused.value) for reason in REASONS)
    assert "bad_luck" in str(refused.value).lower()
