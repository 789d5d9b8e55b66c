"""The budget of an enrichment: nothing is asked that the limit has no room for, and nothing stays reserved."""

from decimal import Decimal
from hashlib import sha256

import pytest

from catalog_embeddings.domain.enrichment import Checked, Enrichment
from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.errors import ConfigurationError, RunPaused
from catalog_embeddings.lake.worklists import Wanted
from catalog_embeddings.pipeline.ask_chat import Asked
from catalog_embeddings.pipeline.chat_budget import ChatBudget
from catalog_embeddings.postgres import spend
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.pricing import ChatPrice
from tests.pipeline.conftest import EnrichedSteps

RUN = "enriched-1"
PRICE = ChatPrice(Decimal("0.001"), Decimal("0.001"))
RECORDS = [Wanted(sha256(bytes([number])).digest(), {}) for number in range(5)]


@pytest.fixture
def account(enriched: EnrichedSteps) -> Connection:
    """The database of a run whose records cost 1 USD at most each."""
    enriched.lease()
    return enriched.connection


def _budget(account: Connection, price: ChatPrice | None = PRICE) -> ChatBudget:
    return ChatBudget(account, RUN, price, lambda _wanted, _price: Decimal(1), iter(RECORDS))


def _came_back(wanted: Wanted, tokens: int) -> Asked:
    return Asked(Enrichment(wanted.record_hash, Checked("rejected", (), None)), ChatSpent(1, tokens, 0))


def test_without_a_limit_nothing_is_reserved_and_all_is_recorded(account: Connection) -> None:
    with _budget(account) as budget:
        taken = list(budget.take(10))
        assert taken == RECORDS
        assert spend.open_account(account, RUN).reserved == 0
        for wanted in taken:
            budget.settle(_came_back(wanted, 100))
    assert spend.open_account(account, RUN).spent == Decimal("0.5")
    assert spend.chat_spent(account, RUN) == ChatSpent(5, 500, 0)


def test_a_limit_lets_through_what_fits_and_the_next_when_there_is_room(account: Connection) -> None:
    spend.set_limit(account, RUN, Decimal("2.5"))
    with _budget(account) as budget:
        assert list(budget.take(10)) == RECORDS[:2]
        assert list(budget.take(10)) == []
        budget.settle(_came_back(RECORDS[0], 100))
        assert list(budget.take(10)) == [RECORDS[2]]
        assert spend.open_account(account, RUN).reserved == 2
    # Whoever gives up gives back.
    assert spend.open_account(account, RUN).reserved == 0


def test_where_nothing_is_under_way_the_limit_pauses_the_run(account: Connection) -> None:
    spend.set_limit(account, RUN, Decimal("0.9"))
    with _budget(account) as budget, pytest.raises(RunPaused, match="higher --max-cost"):
        list(budget.take(1))


def test_a_limit_in_an_unknown_price_cannot_be_kept(account: Connection) -> None:
    spend.set_limit(account, RUN, Decimal(1))
    with pytest.raises(ConfigurationError, match="unknown"), _budget(account, None):
        pass
