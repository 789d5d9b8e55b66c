"""Suspicion: three refusals alike and in a row ask for a proof that the API answers at all."""

import pytest

from catalog_embeddings.errors import RunPaused
from catalog_embeddings.pipeline.suspicion import Suspicion


class Canaries:
    def __init__(self, error: RunPaused | None = None) -> None:
        self.sent = 0
        self.error = error

    def check(self) -> None:
        self.sent += 1
        if self.error:
            raise self.error


def test_three_alike_in_a_row_are_suspicious() -> None:
    canaries = Canaries()
    suspicion = Suspicion(canaries.check)
    for code in ("a", "b", "a", "a"):
        suspicion.refused(code)
    assert canaries.sent == 0
    suspicion.refused("a")
    assert canaries.sent == 1


def test_an_answer_clears_it() -> None:
    canaries = Canaries()
    suspicion = Suspicion(canaries.check)
    for _ in range(5):
        suspicion.refused("a")
        suspicion.answered()
    suspicion.confirm()
    assert canaries.sent == 0


def test_the_last_refusals_are_confirmed_once() -> None:
    canaries = Canaries()
    suspicion = Suspicion(canaries.check)
    suspicion.refused("a")
    suspicion.confirm()
    suspicion.confirm()
    assert canaries.sent == 1


def test_a_broken_api_is_told_from_a_bad_item() -> None:
    suspicion = Suspicion(Canaries(RunPaused("it answers nobody")).check)
    suspicion.refused("a")
    with pytest.raises(RunPaused):
        suspicion.confirm()
