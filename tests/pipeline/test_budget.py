"""The cost limit of a run: reserved before it is spent, kept by everyone together, and said when it is reached."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.errors import ConfigurationError, RunPaused
from catalog_embeddings.pipeline.ask import Answered
from catalog_embeddings.pipeline.budget import Budget
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.postgres import spend
from catalog_embeddings.transform.batching import Text
from tests.pipeline.conftest import Steps

# Of text-embedding-3-small.
TOKEN = Decimal("0.02") / 1_000_000


def _batches(*sizes: int) -> Iterator[list[Text]]:
    return iter([[Text(b"%d" % size, ("x" * size,))] for size in sizes])


def _spent_and_reserved(steps: Steps) -> tuple[Any, ...]:
    [row] = steps.ask("select spent_usd, reserved_usd from pipeline.spend where run_id = 'run-1'")
    return row


def test_without_a_limit_nothing_is_asked_and_what_was_billed_is_written_down(steps: Steps) -> None:
    steps.run()
    [(limit, reserved, spent, tokens, text_bytes)] = steps.ask(
        "select max_cost_usd, reserved_usd, spent_usd, tokens, text_bytes from pipeline.spend"
    )
    assert (limit, reserved, spent) == (None, 0, tokens * TOKEN)
    billed = steps.column("select sum(tokens) from pipeline.run_shards")[0]
    # The emulator bills a token for four bytes, and rounds up.
    assert 0 < tokens == billed <= text_bytes / 4 + 9


def test_a_run_within_its_high_price_goes_through(steps: Steps) -> None:
    steps.limits = Limits(batch_size=2, parallelism=10)
    lease = steps.lease()
    high = steps.plan(lease).price_usd.high
    assert high is not None
    spend.set_limit(steps.connection, "run-1", Decimal(str(high)))
    assert [counts["embedded"] for counts in steps.embed(lease)] == [9]
    spent, reserved = _spent_and_reserved(steps)
    assert 0 < spent <= Decimal(str(high))
    assert reserved == 0


def test_the_limit_pauses_the_run_and_a_higher_one_lets_it_go_on(steps: Steps) -> None:
    steps.limits = Limits(batch_size=1, parallelism=2)
    lease = steps.lease()
    plan = steps.plan(lease)
    limit = Decimal(60) * TOKEN
    spend.set_limit(steps.connection, "run-1", limit)
    with pytest.raises(RunPaused, match=r"the cost limit of 0\.0000012 USD is reached: run run-1 has spent") as paused:
        steps.embed(lease)
    assert "run again with a higher --max-cost" in str(paused.value)
    spent, reserved = _spent_and_reserved(steps)
    paid = steps.paid()[0]
    assert 0 < spent <= limit
    assert reserved == 0
    assert 0 < paid < plan.distinct_texts
    # What was paid for is loaded, and is not paid for again.
    assert steps.column("select count(*) from pipeline.run_texts where outcome = 'loaded'") == [paid]
    spend.set_limit(steps.connection, "run-1", Decimal(1))
    steps.embed(lease)
    assert steps.paid() == (plan.distinct_texts, 0)
    assert _spent_and_reserved(steps) == (steps.column("select sum(tokens) from pipeline.run_shards")[0] * TOKEN, 0)


def test_what_a_killed_worker_reserved_counts_as_spent(steps: Steps) -> None:
    lease = steps.lease()
    steps.plan(lease)
    spend.set_limit(steps.connection, "run-1", 2_000 * TOKEN)
    killed = Budget(steps.connection, "run-1", steps.version.spec, Spent, _batches(1_000, 900))
    killed.__enter__()
    assert len(list(killed.take(1))) == 1
    sentence = r"0\.000020 USD are reserved for requests whose answers nobody has seen"
    with (
        pytest.raises(RunPaused, match=sentence),
        Budget(steps.connection, "run-1", steps.version.spec, Spent, _batches(1_001)) as budget,
    ):
        list(budget.take(9))
    assert _spent_and_reserved(steps) == (0, 1_000 * TOKEN)


def test_a_batch_waits_for_the_answers_that_are_under_way(steps: Steps) -> None:
    steps.plan(steps.lease())
    spend.set_limit(steps.connection, "run-1", 250 * TOKEN)
    spent = Spent()
    with Budget(steps.connection, "run-1", steps.version.spec, lambda: spent, _batches(100, 100, 100)) as budget:
        assert len(list(budget.take(9))) == 2
        assert list(budget.take(9)) == []
        spent = Spent(requests=1, tokens=30)
        budget.settle(Answered())
        # One is still under way, and the bytes of what was refused are not known.
        assert list(budget.take(9)) == []
        budget.settle(Answered())
        assert len(list(budget.take(9))) == 1
        assert list(budget.take(9)) == []
    assert _spent_and_reserved(steps) == (30 * TOKEN, 0)


def test_reservations_are_made_for_several_batches_at_a_time(steps: Steps) -> None:
    steps.plan(steps.lease())
    spend.set_limit(steps.connection, "run-1", Decimal(1))
    with Budget(steps.connection, "run-1", steps.version.spec, Spent, _batches(*[100] * 20)) as budget:
        for wanted in (800, 800, 1_600):
            list(budget.take(1 if wanted == 800 else 8))
            assert _spent_and_reserved(steps) == (0, wanted * TOKEN)
    assert _spent_and_reserved(steps) == (0, 0)


def test_a_limit_without_a_price_is_refused(steps: Steps) -> None:
    steps.plan(steps.lease())
    spend.set_limit(steps.connection, "run-1", Decimal(1))
    unknown = replace(steps.version.spec, model="a-model-of-our-own")
    with pytest.raises(ConfigurationError, match="the price of the model is unknown, so the cost limit of run run-1"):
        Budget(steps.connection, "run-1", unknown, Spent, _batches(1)).__enter__()
