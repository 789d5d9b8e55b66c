"""A run's account: reservations never go beyond the limit together, however many make them at once."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import runs, spend
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.spend import Spending

CENT = Decimal("0.01")


@pytest.fixture(autouse=True)
def account(connection: Connection) -> None:
    register_version(connection, "v1", text_spec("emulator", "text-embedding-3-small", dims=8))
    runs.open_run(connection, "run-1", "v1", "a test")


def test_an_account_is_opened_once_and_has_no_limit(connection: Connection) -> None:
    assert spend.open_account(connection, "run-1") == Spending(None, Decimal(0), Decimal(0))
    assert spend.reserve(connection, "run-1", Decimal(1_000))
    assert spend.open_account(connection, "run-1").reserved == 1_000


def test_the_limit_counts_what_is_reserved_and_what_is_spent(connection: Connection) -> None:
    spend.set_limit(connection, "run-1", 3 * CENT)
    assert spend.reserve(connection, "run-1", 2 * CENT)
    assert not spend.reserve(connection, "run-1", 2 * CENT)
    assert spend.reserve(connection, "run-1", CENT)
    spend.settle(connection, "run-1", released=2 * CENT, spent=CENT, tokens=5, text_bytes=20)
    assert spend.open_account(connection, "run-1") == Spending(3 * CENT, CENT, CENT)
    assert spend.reserve(connection, "run-1", CENT)
    assert not spend.reserve(connection, "run-1", CENT / 1_000_000)
    spend.set_limit(connection, "run-1", 4 * CENT)
    assert spend.reserve(connection, "run-1", CENT)


def test_many_at_once_keep_one_limit(connection: Connection, database_url: str) -> None:
    spend.set_limit(connection, "run-1", 25 * CENT)

    def worker(_: int) -> int:
        with connect(database_url) as own:
            return sum(spend.reserve(own, "run-1", CENT) for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(worker, range(4))) == 25
    assert spend.open_account(connection, "run-1").reserved == 25 * CENT


def test_what_was_measured_is_of_the_model_alone(connection: Connection) -> None:
    spec = text_spec("emulator", "text-embedding-3-small", dims=8)
    assert spend.measured_tokens(connection, spec) == (0, 0)
    register_version(connection, "v2", text_spec("emulator", "text-embedding-3-small", dims=16))
    register_version(connection, "v3", text_spec("emulator", "text-embedding-3-large", dims=16))
    for number, version in enumerate(("v1", "v2", "v3"), start=1):
        runs.open_run(connection, f"of-{version}", version, "a test")
        spend.open_account(connection, f"of-{version}")
        spend.settle(
            connection, f"of-{version}", released=Decimal(0), spent=CENT, tokens=number, text_bytes=10 * number
        )
    # What was billed before its bytes were known says nothing.
    spend.open_account(connection, "run-1")
    spend.settle(connection, "run-1", released=Decimal(0), spent=CENT, tokens=999, text_bytes=0)
    assert spend.measured_tokens(connection, spec) == (3, 30)
