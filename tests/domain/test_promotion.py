"""Promotions as they are written: places in lists, moves and figures as JSON."""

from datetime import UTC, datetime
from uuid import UUID

from catalog_embeddings.domain.promotion import EVERYWHERE, Behind, Move, Place

ORG = UUID(int=1)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_place_is_written_with_its_org_first() -> None:
    assert [str(place) for place in (EVERYWHERE, Place(namespace="shoes"), Place(ORG), Place(ORG, "shoes"))] == [
        "*",
        "shoes",
        f"{ORG}/*",
        f"{ORG}/shoes",
    ]


def test_a_move_is_spelled_as_its_columns_are() -> None:
    move = Move("v2", "v1", Place(ORG, "shoes"), NOON, "anna", "better", True, ("It is new.",), ("It is small.",))
    assert move.as_json() == {
        "version": "v2",
        "from_version": "v1",
        "org_id": str(ORG),
        "namespace": "shoes",
        "moved_at": "2026-05-01T12:00:00+00:00",
        "moved_by": "anna",
        "reason": "better",
        "forced": True,
        "unmet": ["It is new."],
        "warnings": ["It is small."],
    }


def test_what_was_never_written_has_no_time() -> None:
    assert Behind(2, 1, NOON).as_json() == {
        "came": 2,
        "rewritten": 1,
        "last_generated_at": "2026-05-01T12:00:00+00:00",
    }
    assert Behind(0, 0, None).as_json()["last_generated_at"] is None
