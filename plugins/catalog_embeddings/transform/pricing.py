"""What tokens cost, and what vectors take on disk. Unknown stays unknown.

Prices come from genai-prices, whose table travels in its wheel. It knows OpenAI's Batch API for chat models, at half
the price, and not for embeddings, for which OpenAI's guide to the Batch API promises the same half.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog_embeddings.domain.plan import Price
from catalog_embeddings.domain.version import VersionSpec

_MILLION = 1_000_000
_BATCH_SHARE = Decimal("0.5")

# Who takes batches; of an OpenAI-compatible server we do not know.
_BATCH_PROVIDERS = {"openai", "emulator"}

# Fewer bytes say little about how a model cuts a catalog.
_ENOUGH_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class TokenRatio:
    """Tokens to a byte of text. The default is for product text: 0.2 (prose) to 0.5 (model codes, other scripts)."""

    low: float = 0.20
    expected: float = 0.28
    high: float = 0.50


#: What is planned with until the model has been paid for some of the catalog.
ASSUMED = TokenRatio()


def token_ratio(tokens: int, text_bytes: int) -> TokenRatio:
    """The ratio to plan with, after so many tokens were billed for so many bytes.

    What was measured is a catalog's average. The next items may be of another kind, so a margin stays around it.
    """
    if text_bytes < _ENOUGH_BYTES or not tokens:
        return ASSUMED
    measured = tokens / text_bytes
    return TokenRatio(low=0.85 * measured, expected=measured, high=min(1.0, 1.4 * measured))


def tokens_expected(text_bytes: int, ratio: TokenRatio = ASSUMED) -> int:
    """The tokens to expect in so many bytes of product text."""
    return round(text_bytes * ratio.expected)


def token_price(spec: VersionSpec) -> Decimal | None:
    """The list price of one input token in US dollars, or None where it is not known.

    The emulator answers in the place of the model it is asked for, so it is priced as that model would be.
    """
    try:
        price = _list_price(spec.model, input_tokens=_MILLION)
    except LookupError:
        return None
    return Decimal(price.total_price) / _MILLION


def batch_token_price(spec: VersionSpec) -> Decimal | None:
    """The price of one input token through OpenAI's Batch API, or None where it is not known."""
    price = token_price(spec) if spec.provider in _BATCH_PROVIDERS else None
    return None if price is None else price * _BATCH_SHARE


@dataclass(frozen=True, slots=True)
class ChatPrice:
    """The list prices of a language model's tokens in US dollars: of one that it reads, and of one that it writes."""

    prompt: Decimal
    completion: Decimal

    def usd(self, prompt_tokens: float, completion_tokens: float) -> Decimal:
        """What so many cost."""
        return self.prompt * Decimal(prompt_tokens) + self.completion * Decimal(completion_tokens)


def chat_price(model: str) -> ChatPrice | None:
    """The list price of a language model's tokens, or None where it is not known."""
    try:
        price = _list_price(model, input_tokens=_MILLION, output_tokens=_MILLION)
    except LookupError:
        return None
    return ChatPrice(Decimal(price.input_price) / _MILLION, Decimal(price.output_price) / _MILLION)


#: What nothing is known of costs nothing, where no limit is to be kept.
UNPRICED = ChatPrice(Decimal(0), Decimal(0))


def batch_chat_price(spec: VersionSpec) -> ChatPrice | None:
    """The price of the tokens of a version's language model through OpenAI's Batch API, or None where not known."""
    price = chat_price(spec.enrichment_model or "") if spec.provider in _BATCH_PROVIDERS else None
    return None if price is None else ChatPrice(price.prompt * _BATCH_SHARE, price.completion * _BATCH_SHARE)


def _list_price(model: str, **tokens: int) -> Any:
    """The price of so many tokens, an input and an output one; LookupError where the model is not known."""
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - a tenth of a second, for who asks for prices

    return calc_price(Usage(**tokens), model_ref=model, provider_id="openai")


def usd(tokens: int, spec: VersionSpec, in_batches: int = 0) -> float | None:
    """The list price of so many input tokens in US dollars, or None where it is not known.

    ``in_batches`` of them went through the Batch API.
    """
    price, in_batch = token_price(spec), batch_token_price(spec)
    if price is None or (in_batches and in_batch is None):
        return None
    return float(price * (tokens - in_batches) + (in_batch or 0) * in_batches)


def chat_usd(
    prompt_tokens: int, completion_tokens: int, spec: VersionSpec, prompt_in_batches: int, completion_in_batches: int
) -> float | None:
    """The list price of so many tokens of a version's language model, or None where it is not known.

    Those ``in_batches`` are among them, and went through the Batch API.
    """
    price, in_batch = chat_price(spec.enrichment_model or ""), batch_chat_price(spec)
    if price is None or (prompt_in_batches and in_batch is None):
        return None
    alone = price.usd(prompt_tokens - prompt_in_batches, completion_tokens - completion_in_batches)
    return float(alone + (in_batch or UNPRICED).usd(prompt_in_batches, completion_in_batches))


def price_of(text_bytes: int, spec: VersionSpec, ratio: TokenRatio = ASSUMED, *, largest_request: int = 0) -> Price:
    """Low, expected and high price of embedding so many bytes of text.

    The high one leaves room for the largest request at a token a byte: so much is reserved before it is sent, and a
    run within its high price must not be stopped for want of it.
    """
    at_most = text_bytes * ratio.high + largest_request * (1 - ratio.high)
    tokens = (text_bytes * ratio.low, text_bytes * ratio.expected, at_most)
    low, expected, high = (usd(round(count), spec) for count in tokens)
    return Price(low=low, expected=expected, high=high)


def batch_price(price: Price, spec: VersionSpec) -> Price:
    """The same through OpenAI's Batch API, which answers within a day; unknown for other servers."""
    if spec.provider not in _BATCH_PROVIDERS:
        return Price(low=None, expected=None, high=None)
    return Price(low=_half(price.low), expected=_half(price.expected), high=_half(price.high))


def bytes_in_postgres(items: int, dims: int) -> int:
    """What so many new rows take with both their indexes, to within about a fifth.

    Measured on PostgreSQL 18 with pgvector 0.8.5, 2,000 rows each of 16 to 3,072 dims. A row, its key and its place in
    the HNSW index take 700 to 16,900 bytes; a vector over 2,000 bytes fills whole pages of either.
    """
    return round(items * (680 + 5.3 * dims))


def bytes_in_lake(vectors: int, text_bytes: int, items: int, dims: int) -> int:
    """What so many vectors, the planned texts they are of, and the sealed rows of so many items take in the lake.

    Measured with unit vectors of random direction, which nothing compresses: 3.4 to 3.6 bytes a dim and 60 a vector.
    A sealed row is mostly its two hashes; text shrinks to about a third.
    """
    return round(vectors * (60 + 3.45 * dims) + items * 120 + text_bytes * 0.35)


def _half(amount: float | None) -> float | None:
    return None if amount is None else float(Decimal(str(amount)) * _BATCH_SHARE)
