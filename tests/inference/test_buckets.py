"""The buckets, on a clock of their own: no more a minute than the smaller limit, and no wait that never ends."""

import random

import pytest

from catalog_embeddings.inference.buckets import Allowance, Bucket, Budget, TokenRatio


def spend(budget: Budget, amounts: list[float], share: float = 1.0, now: float = 0.0) -> list[float]:
    """When each amount was taken, one after the other and as early as possible."""
    times = []
    for amount in amounts:
        while (wait := budget.seconds_until(amount, share, now)) > 1e-9:
            now += wait
        budget.take(amount, share)
        times.append(now)
    return times


def test_without_any_limit_nobody_waits() -> None:
    assert set(spend(Budget(None, 0.0), [1e9] * 10)) == {0.0}


def test_a_setting_holds_over_a_minute_but_for_a_burst_of_seconds() -> None:
    times = spend(Budget(60, 0.0), [1] * 200)
    assert times[5] == 0
    assert times[-1] == pytest.approx(200 - 6, abs=1e-6)
    for start in times:
        assert sum(start <= each < start + 60 for each in times) <= 66


def test_a_limit_of_one_a_minute_lets_one_pass_a_minute() -> None:
    assert spend(Budget(1, 0.0), [1, 1, 1]) == pytest.approx([0, 60, 120])


def test_a_process_with_a_part_of_the_slots_uses_the_same_part_of_the_limit() -> None:
    whole, fifth = Budget(600, 0.0), Budget(600, 0.0)
    assert spend(whole, [1] * 660)[-1] == pytest.approx(60, abs=0.5)
    assert spend(fifth, [1] * 132, share=0.2)[-1] == pytest.approx(60, abs=0.5)


def test_a_share_that_changes_takes_its_part_of_the_level_along() -> None:
    budget = Budget(600, 0.0)
    spend(budget, [1] * 15, share=0.25)
    # The quarter that was ours is used up, and with it that quarter of the account.
    assert budget.seconds_until(1, 1.0, 0.0) > 0


def test_what_is_larger_than_the_bucket_waits_for_a_full_one_and_pays_afterwards() -> None:
    budget = Budget(6_000, 0.0)
    assert spend(budget, [10_000, 10_000]) == pytest.approx([0, 100], abs=0.1)


def test_the_server_is_followed_as_soon_as_it_speaks() -> None:
    budget = Budget(None, 0.0)
    budget.learn(Allowance(600, remaining=0, reset=60), 0, 10.0)
    assert budget.seconds_until(1, 1.0, 10.0) == pytest.approx(0.1)
    budget.learn(Allowance(600, remaining=3, reset=59.7), 0, 10.0)
    assert spend(budget, [1] * 4, now=10.0) == pytest.approx([10, 10, 10, 10.1])


def test_what_the_server_has_not_seen_yet_is_left_out() -> None:
    budget = Budget(None, 0.0)
    budget.learn(Allowance(600, remaining=5, reset=59.5), 5, 0.0)
    assert budget.seconds_until(1, 1.0, 0.0) == pytest.approx(0.1)


@pytest.mark.parametrize(("setting", "server"), [(600, 60), (60, 600)])
def test_the_smaller_of_setting_and_server_wins(setting: int, server: int) -> None:
    budget = Budget(setting, 0.0)
    budget.learn(Allowance(server, remaining=1, reset=59), 0, 0.0)
    times = spend(budget, [1] * 20)
    assert times[-1] - times[7] == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize(
    ("allowance", "per_second"),
    [
        (Allowance(600, 0, 60), 10),
        (Allowance(14_400, 14_370, 180), 30 / 180),
        (Allowance(5, 1, 0.8), 5),
        (Allowance(600, 599, 0.1), None),
        (Allowance(600, 300, 0), None),
        (Allowance(600, 300), None),
        (Allowance(600), None),
    ],
)
def test_how_fast_a_limit_comes_back_is_told_by_its_reset(allowance: Allowance, per_second: float | None) -> None:
    assert allowance.per_second() == (per_second if per_second is None else pytest.approx(per_second))


def test_a_limit_a_day_is_not_taken_for_one_a_minute() -> None:
    budget = Budget(None, 0.0)
    budget.learn(Allowance(14_400, remaining=0, reset=86_400), 0, 0.0)
    assert budget.seconds_until(1, 1.0, 0.0) == pytest.approx(6)


def test_a_limit_that_is_raised_is_followed() -> None:
    budget = Budget(None, 0.0)
    budget.learn(Allowance(60, remaining=0), 0, 0.0)
    assert budget.seconds_until(1, 1.0, 0.0) == pytest.approx(1)
    budget.learn(Allowance(6_000, remaining=0), 0, 0.0)
    assert budget.seconds_until(1, 1.0, 0.0) == pytest.approx(0.01)


def test_a_server_that_fell_silent_holds_nobody_up_for_more_than_a_minute() -> None:
    budget = Budget(None, 0.0)
    budget.learn(Allowance(10, remaining=0, reset=86_400), 0, 0.0)
    assert budget.seconds_until(1, 1.0, 0.0) == pytest.approx(60)
    assert budget.seconds_until(1, 1.0, 61.0) == 0


def test_a_request_that_is_larger_than_the_servers_limit_does_not_wait_for_ever() -> None:
    budget = Budget(None, 0.0)
    budget.learn(Allowance(1_000, remaining=1_000, reset=0), 0, 0.0)
    assert budget.seconds_until(50_000, 1.0, 0.0) == 0


def test_what_was_too_much_is_given_back() -> None:
    bucket = Bucket(100, 1, 0.0)
    bucket.take(100, 1.0)
    assert bucket.seconds_until(40, 1.0, 0.0) == 40
    bucket.take(-30, 1.0)
    assert bucket.seconds_until(40, 1.0, 0.0) == 10


def test_the_ratio_of_tokens_to_bytes_is_learnt_from_the_bill() -> None:
    ratio, dice = TokenRatio(), random.Random(1)
    assert ratio.tokens_of(1_000) == 500
    for _ in range(30):
        size = dice.randrange(1_000, 20_000)
        ratio.correct(size, size // 4)
    assert ratio.tokens_of(1_000) == pytest.approx(250, rel=0.02)
    ratio.correct(1_000_000, 0)
    assert ratio.tokens_of(1_000) == pytest.approx(250, rel=0.02)
