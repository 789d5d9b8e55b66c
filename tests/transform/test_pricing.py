"""Prices: those that are known, and that an unknown one is never shown as a number."""

import pytest

from catalog_embeddings.domain.plan import Price
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.transform.pricing import price_of, tokens_expected, usd


def spec(model: str, provider: str = "openai") -> VersionSpec:
    return VersionSpec(provider, model, 8, "product.v2", "0" * 64, ("title",))


@pytest.mark.parametrize(
    ("model", "price"),
    [("text-embedding-3-large", 0.13), ("text-embedding-3-small", 0.02), ("text-embedding-ada-002", 0.10)],
)
def test_a_million_tokens_cost_what_the_price_list_says(model: str, price: float) -> None:
    assert usd(1_000_000, spec(model)) == pytest.approx(price)
    assert usd(10_000_000, spec(model)) == pytest.approx(10 * price)
    assert usd(0, spec(model)) == 0


def test_the_emulator_is_priced_as_the_model_it_stands_in_for() -> None:
    assert usd(1_000_000, spec("text-embedding-3-large", "emulator")) == pytest.approx(0.13)


@pytest.mark.parametrize("model", ["all-MiniLM-L6-v2", "nomic-embed-text", "text-embedding-9-huge", ""])
def test_an_unknown_price_stays_unknown(model: str) -> None:
    assert usd(1_000_000, spec(model)) is None
    assert usd(0, spec(model)) is None
    assert price_of(1_000_000, spec(model)) == Price(low=None, expected=None, high=None)


@pytest.mark.parametrize("text_bytes", [1, 1_000, 123_456_789])
def test_the_expected_price_lies_between_low_and_high(text_bytes: int) -> None:
    model = spec("text-embedding-3-large")
    price = price_of(text_bytes, model)
    assert price.low is not None
    assert price.expected is not None
    assert price.high is not None
    assert price.low <= price.expected <= price.high
    assert price.expected == usd(tokens_expected(text_bytes), model)


def test_bytes_are_fewer_tokens() -> None:
    assert tokens_expected(0) == 0
    assert tokens_expected(100_000) == 28_000
