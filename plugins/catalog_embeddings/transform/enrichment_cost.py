"""What asking a language model about records will cost: tokens and prices, before the first request.

What an enrichment was billed so far corrects the guess. A retry is a second request, with the first answer in it.
"""

from dataclasses import dataclass
from decimal import Decimal

from catalog_embeddings.domain.plan import Price
from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.transform.enrichment_verdict import MOST_ATTEMPTS
from catalog_embeddings.transform.pricing import ASSUMED, ChatPrice

# Tokens of an answer until some were billed: sixty words, tags and use cases, as JSON.
_ASSUMED_ANSWER = 180

# Calls whose average is believed.
_ENOUGH_CALLS = 20

# What the reminder adds to a retry's request at the most, besides the answer it is about, in bytes.
_REMINDER_BYTES = 6_000

#: What an answer is assumed to take until it is measured, in seconds.
SECONDS_PER_CALL = 3.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What so many records will take: requests, tokens read and written, and the price."""

    calls: int
    tokens: int
    price_usd: Price


def expected(
    requests_bytes: int,
    records: int,
    max_tokens: int,
    billed: ChatSpent,
    price: ChatPrice | None,
    first_price: ChatPrice | None,
) -> Expected:
    """What to expect of asking about ``records``, in first requests of so many bytes together.

    ``billed`` is what this enrichment was billed before. First requests have a price of their own where they go
    through the Batch API; any of them may have to be made again without it.
    """
    known = billed.calls >= _ENOUGH_CALLS
    reads = records * billed.prompt_tokens / billed.calls if known else requests_bytes * ASSUMED.expected
    writes = records * (billed.completion_tokens / billed.calls if known else min(_ASSUMED_ANSWER, max_tokens))
    if price is None or first_price is None:
        return Expected(records, round(reads + writes), Price(None, None, None))
    low = first_price.usd(requests_bytes * ASSUMED.low, writes / 2)
    return Expected(
        calls=records,
        tokens=round(reads + writes),
        price_usd=Price(
            low=float(min(low, first_price.usd(reads, writes))),
            expected=float(first_price.usd(reads, writes)),
            high=float(max(price.usd(reads, writes), _high(requests_bytes, records, max_tokens, price))),
        ),
    )


def at_most(request_bytes: int, max_tokens: int, price: ChatPrice) -> Decimal:
    """The most that asking about one record can cost: a token is at least a byte, and every attempt is made."""
    reads = MOST_ATTEMPTS * request_bytes + (MOST_ATTEMPTS - 1) * (max_tokens + _REMINDER_BYTES)
    return price.usd(reads, MOST_ATTEMPTS * max_tokens)


def _high(requests_bytes: int, records: int, max_tokens: int, price: ChatPrice) -> Decimal:
    """Every record is asked about twice and answered at length; and there is room to reserve for the last one."""
    if not records:
        return Decimal(0)
    reads = MOST_ATTEMPTS * requests_bytes * ASSUMED.high + records * max_tokens
    return price.usd(reads, MOST_ATTEMPTS * max_tokens * records) + at_most(
        requests_bytes // records, max_tokens, price
    )
