"""The summary of a run as other programs read it."""

import json

from catalog_embeddings.domain.run import RunSummary

SUMMARY = RunSummary(
    run_id="r1",
    version="v1",
    state="verified",
    planned=10,
    embedded=6,
    reused=1,
    loaded=7,
    deleted=2,
    dead=1,
    unresolved=0,
    requests=3,
    retries=1,
    tokens=900,
    price_usd=None,
    seconds=1.5,
)
PROMISED = [
    "run_id",
    "version",
    "state",
    "planned",
    "embedded",
    "reused",
    "loaded",
    "deleted",
    "dead",
    "requests",
    "retries",
    "tokens",
    "price_usd",
    "seconds",
]


def test_the_json_of_a_run_has_the_names_that_callers_rely_on() -> None:
    summary = json.loads(json.dumps(SUMMARY.as_json()))
    assert set(PROMISED) <= summary.keys()
    assert (summary["state"], summary["planned"], summary["price_usd"]) == ("verified", 10, None)
