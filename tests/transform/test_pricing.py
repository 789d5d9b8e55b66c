"""Prices: those that are known, and that an unknown one is never shown as a number."""

from dataclasses import replace
from decimal import Decimal

import pytest

from catalog_embeddings.domain.plan import Price
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.transform.pricing import (
    ChatPrice,
    TokenRatio,
    batch_chat_price,
    batch_price,
    batch_token_price,
    bytes_in_lake,
    bytes_in_postgres,
    chat_usd,
    price_of,
    token_price,
    token_ratio,
    tokens_expected,
    usd,
)

UNKNOWN = Price(low=None, expected=None, high=None)


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
    assert token_price(spec(model)) == Decimal(str(price)) / 1_000_000


def test_the_emulator_is_priced_as_the_model_it_stands_in_for() -> None:
    assert usd(1_000_000, spec("text-embedding-3-large", "emulator")) == pytest.approx(0.13)


@pytest.mark.parametrize("model", ["all-MiniLM-L6-v2", "nomic-embed-text", "text-embedding-9-huge", ""])
def test_an_unknown_price_stays_unknown(model: str) -> None:
    assert usd(1_000_000, spec(model)) is None
    assert usd(0, spec(model)) is None
    assert token_price(spec(model)) is None
    assert price_of(1_000_000, spec(model)) == UNKNOWN
    assert batch_price(UNKNOWN, spec(model)) == UNKNOWN


@pytest.mark.parametrize("text_bytes", [1, 1_000, 123_456_789])
def test_the_expected_price_lies_between_low_and_high(text_bytes: int) -> None:
    model = spec("text-embedding-3-large")
    price = price_of(text_bytes, model)
    assert price.low is not None
    assert price.expected is not None
    assert price.high is not None
    assert price.low <= price.expected <= price.high
    assert price.expected == usd(tokens_expected(text_bytes), model)


def test_the_high_price_leaves_room_for_the_largest_request_at_a_token_a_byte() -> None:
    model = spec("text-embedding-3-large")
    one_request = price_of(4_000, model, largest_request=4_000)
    assert one_request.high == usd(4_000, model)
    many = price_of(400_000, model, largest_request=4_000)
    assert many.high == usd(202_000, model)


def test_a_batch_costs_half_where_there_are_batches() -> None:
    assert batch_price(Price(1.0, 0.13, 3.0), spec("text-embedding-3-large")) == Price(0.5, 0.065, 1.5)
    assert batch_price(Price(1.0, 2.0, 3.0), spec("text-embedding-3-large", "openai-compatible")) == UNKNOWN


def test_bytes_are_fewer_tokens() -> None:
    assert tokens_expected(0) == 0
    assert tokens_expected(100_000) == 28_000


def test_what_was_billed_corrects_what_is_expected() -> None:
    assert token_ratio(9_999, 9_999) == token_ratio(0, 50_000) == TokenRatio()
    measured = token_ratio(25_000, 100_000)
    assert measured.expected == 0.25
    assert 0.2 < measured.low < 0.25 < measured.high < 0.5
    assert tokens_expected(1_000_000, measured) == 250_000
    # A token is at least a byte, whatever the margin.
    assert token_ratio(95_000, 100_000).high == 1.0


@pytest.mark.parametrize(("dims", "measured"), [(16, 696), (384, 2_327), (1_536, 8_622), (3_072, 16_859)])
def test_a_row_takes_about_what_was_measured(dims: int, measured: int) -> None:
    assert bytes_in_postgres(1_000, dims) == pytest.approx(1_000 * measured, rel=0.2)
    assert bytes_in_postgres(0, dims) == 0


@pytest.mark.parametrize(("dims", "measured"), [(16, 99), (384, 1_375), (1_536, 5_320), (3_072, 10_449)])
def test_a_vector_in_the_lake_takes_about_what_was_measured(dims: int, measured: int) -> None:
    assert bytes_in_lake(1_000, 0, 0, dims) == pytest.approx(1_000 * measured, rel=0.2)
    assert bytes_in_lake(0, 0, 0, dims) == 0
    assert 1_200 < bytes_in_lake(0, 9_000, 10, dims) < 1_200 + 9_000


def test_tokens_that_went_through_batches_cost_half() -> None:
    assert usd(3_000_000, spec("text-embedding-3-large", "openai"), in_batches=2_000_000) == pytest.approx(0.26)
    assert usd(3, spec("text-embedding-3-large", "openai-compatible"), in_batches=2) is None
    assert batch_token_price(spec("text-embedding-3-large", "openai-compatible")) is None
    assert batch_token_price(spec("text-embedding-3-large", "emulator")) == Decimal("0.000000065")


def test_a_language_model_writes_for_half_the_price_through_batches() -> None:
    asked = replace(spec("text-embedding-3-small"), enrichment_model="gpt-4.1-mini")
    assert batch_chat_price(asked) == ChatPrice(Decimal("0.2") / 1_000_000, Decimal("0.8") / 1_000_000)
    assert chat_usd(1_000_000, 1_000_000, asked, 0, 0) == pytest.approx(2.0)
    assert chat_usd(1_000_000, 1_000_000, asked, 1_000_000, 500_000) == pytest.approx(0.2 + 0.8 + 0.4)


def test_what_a_language_model_costs_through_batches_of_another_server_is_unknown() -> None:
    asked = replace(spec("text-embedding-3-small", "openai-compatible"), enrichment_model="gpt-4.1-mini")
    assert batch_chat_price(asked) is None
    assert chat_usd(1_000_000, 0, asked, 1, 0) is None
    assert chat_usd(1_000_000, 0, asked, 0, 0) == pytest.approx(0.4)
    assert chat_usd(1, 1, replace(asked, enrichment_model="a-model-of-our-own"), 0, 0) is None
