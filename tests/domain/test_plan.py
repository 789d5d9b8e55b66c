"""A plan as other programs read it."""

import json

from catalog_embeddings.domain.plan import Plan, Price

PLAN = Plan(
    version="v1",
    slice="5%",
    new=5,
    changed=4,
    unchanged=3,
    deleted=2,
    refused=1,
    known_dead=0,
    distinct_texts=8,
    reusable=6,
    requests=1,
    tokens=700,
    price_usd=Price(low=None, expected=None, high=None),
    price_batch_usd=Price(low=None, expected=None, high=None),
    seconds=0.2,
    bytes_postgres=84_000,
    bytes_lake=52_000,
    shards=1,
)
PROMISED = [
    "version",
    "new",
    "changed",
    "unchanged",
    "deleted",
    "distinct_texts",
    "reusable",
    "requests",
    "tokens",
    "price_usd",
    "seconds",
]


def test_the_json_of_a_plan_has_the_names_that_callers_rely_on() -> None:
    plan = json.loads(json.dumps(PLAN.as_json()))
    assert set(PROMISED) <= plan.keys()
    assert [plan[name] for name in ("new", "changed", "unchanged", "deleted")] == [5, 4, 3, 2]


def test_an_unknown_price_is_null_and_not_0() -> None:
    assert PLAN.as_json()["price_usd"] == {"low": None, "expected": None, "high": None}
