"""Costs of enrichments: ordered estimates, corrected by what was billed, and a bound that no record exceeds."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_embeddings.domain.plan import Price
from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.transform.enrichment_cost import at_most, expected
from catalog_embeddings.transform.pricing import ChatPrice, chat_price

MINI = ChatPrice(Decimal("0.4") / 1_000_000, Decimal("1.6") / 1_000_000)


def test_a_known_model_has_a_price_and_an_unknown_one_has_none() -> None:
    assert chat_price("gpt-4.1-mini") == MINI
    assert chat_price("a-model-of-our-own") is None


def test_what_the_price_is_made_of() -> None:
    assert MINI.usd(1_000_000, 0) == Decimal("0.4")
    assert MINI.usd(0, 1_000_000) == Decimal("1.6")


@given(records=st.integers(1, 10_000), size=st.integers(500, 20_000), known=st.booleans())
def test_estimates_stand_in_their_order(records: int, size: int, known: bool) -> None:
    billed = ChatSpent(100, 70_000, 9_000) if known else ChatSpent()
    cost = expected(records * size, records, 700, billed, MINI, MINI)
    low, middle, high = cost.price_usd.low, cost.price_usd.expected, cost.price_usd.high
    assert low is not None
    assert middle is not None
    assert high is not None
    assert 0 < low <= middle <= high
    assert cost.calls == records


def test_nothing_to_ask_costs_nothing() -> None:
    assert expected(0, 0, 700, ChatSpent(), MINI, MINI).price_usd == Price(0.0, 0.0, 0.0)


def test_what_was_billed_corrects_the_guess() -> None:
    guessed = expected(10 * 2_000, 10, 700, ChatSpent(), MINI, MINI)
    measured = expected(10 * 2_000, 10, 700, ChatSpent(100, 100_000, 30_000), MINI, MINI)
    assert guessed.tokens == round(20_000 * 0.28 + 10 * 180)
    assert measured.tokens == 10 * (1_000 + 300)


def test_an_unknown_price_stays_unknown() -> None:
    assert expected(2_000, 1, 700, ChatSpent(), None, None).price_usd == Price(None, None, None)


@pytest.mark.parametrize("size", [500, 20_000])
def test_nothing_costs_more_than_at_most(size: int) -> None:
    """Two requests at a token a byte, the second with the first answer and a long reminder, both answered at length."""
    dearest = MINI.usd(size + (size + 700 + 6_000), 2 * 700)
    assert at_most(size, 700, MINI) == dearest
    high = expected(size, 1, 700, ChatSpent(), MINI, MINI).price_usd.high
    assert high is not None
    assert high >= float(dearest)
