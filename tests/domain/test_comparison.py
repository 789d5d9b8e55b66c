"""Comparisons as JSON: times as text, everything else as the fields are spelled."""

from dataclasses import replace
from datetime import UTC, datetime

from catalog_embeddings.domain.comparison import (
    LatestEvaluation,
    NeighbourOverlap,
    SpecDifference,
    VersionComparison,
    VersionState,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
STATE = VersionState("v2", "candidate", "5%", 5, 6, 5, 1, 0, 0, True, 0.99, 8_192, 2, 4, 110, None, NOON)


def test_times_become_text_and_what_is_unknown_stays_null() -> None:
    found = VersionComparison(
        version=STATE,
        against=replace(STATE, version="v1", last_generated_at=None),
        spec=(SpecDifference("dims", 3, 2),),
        neighbours=NeighbourOverlap(10, 50, 0.5),
        evaluation=LatestEvaluation(10, 0.6, 0.5, 0.0, 0.2, NOON),
    ).as_json()
    assert found["version"]["last_generated_at"] == "2026-05-01T12:00:00+00:00"
    assert found["against"]["last_generated_at"] is None
    assert found["version"]["price_usd"] is None
    assert found["spec"] == [{"field": "dims", "version": 3, "against": 2}]
    assert found["evaluation"]["evaluated_at"] == "2026-05-01T12:00:00+00:00"
    assert VersionComparison(STATE, STATE, (), None, None).as_json()["evaluation"] is None
