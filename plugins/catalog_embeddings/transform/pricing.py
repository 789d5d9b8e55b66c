"""What tokens cost. Prices come from genai-prices, whose table travels in its wheel; unknown stays unknown."""

from decimal import Decimal

from genai_prices import Usage, calc_price

from catalog_embeddings.domain.plan import Price
from catalog_embeddings.domain.version import VersionSpec

# Tokens a byte of product text: measured between 0.2 (prose) and 0.5 (model codes, other scripts).
_TOKENS_PER_BYTE = {"low": 0.20, "expected": 0.28, "high": 0.50}


def tokens_expected(text_bytes: int) -> int:
    """The tokens to expect in so many bytes of product text."""
    return round(text_bytes * _TOKENS_PER_BYTE["expected"])


def usd(tokens: int, spec: VersionSpec) -> float | None:
    """The list price of so many input tokens in US dollars, or None where it is not known.

    The emulator answers in the place of the model it is asked for, so it is priced as that model would be.
    """
    try:
        price = calc_price(Usage(input_tokens=tokens), model_ref=spec.model, provider_id="openai")
    except LookupError:
        return None
    return float(Decimal(price.total_price))


def price_of(text_bytes: int, spec: VersionSpec) -> Price:
    """Low, expected and high price of embedding so many bytes of text."""
    low, expected, high = (usd(round(text_bytes * ratio), spec) for ratio in _TOKENS_PER_BYTE.values())
    return Price(low=low, expected=expected, high=high)
