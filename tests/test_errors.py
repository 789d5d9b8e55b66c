"""The error tree: every error says whether the same call may succeed when it is made again."""

import re
from collections.abc import Iterator

import pytest

from catalog_embeddings import errors
from catalog_embeddings.errors import CatalogEmbeddingsError, ItemRefused, Permanent, RateLimited, Transient


def below(parent: type[CatalogEmbeddingsError]) -> Iterator[type[CatalogEmbeddingsError]]:
    for child in parent.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from below(child)


def test_every_error_is_transient_or_permanent_and_never_both() -> None:
    for error in set(below(CatalogEmbeddingsError)) - {Transient, Permanent}:
        assert issubclass(error, Transient) != issubclass(error, Permanent), error


def test_the_drawing_shows_the_whole_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert sorted(drawn) == sorted(error.__name__ for error in below(CatalogEmbeddingsError))


@pytest.mark.parametrize(("seconds", "kept"), [((), None), ((1.5,), 1.5), ((0.0,), 0.0)])
def test_a_rate_limit_says_how_long_to_wait(seconds: tuple[float, ...], kept: float | None) -> None:
    error = RateLimited("slowly", *seconds)
    assert (str(error), error.retry_after) == ("slowly", kept)


def test_a_refused_item_says_why_and_has_a_code() -> None:
    with_detail, without = ItemRefused("text_too_long", "9 bytes"), ItemRefused("nul_character")
    assert (str(with_detail), with_detail.reason, with_detail.detail) == (
        "text_too_long: 9 bytes",
        "text_too_long",
        "9 bytes",
    )
    assert (str(without), without.reason, without.detail) == ("nul_character", "nul_character", "")
