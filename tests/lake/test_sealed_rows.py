"""Files of sealed rows: every value comes back, to the microsecond, and never a damaged one."""

import random
import uuid
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_embeddings.domain.seal import SealedRow
from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.lake.sealed_rows import read_rows, store_rows
from catalog_embeddings.lake.store import Lake, ObjectMissing

FLIPS = 300
MOMENT = datetime(2026, 3, 1, 12, 30, 15, 123_456, tzinfo=UTC)
PRESENT = SealedRow(uuid.UUID(int=1), "default", "lamp", 0, b"record", b"\0" * 32, None, MOMENT)
TOMBSTONE = SealedRow(uuid.UUID(int=2**128 - 1), "outdoor", "tent")

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
MOMENTS = st.datetimes(timezones=st.just(UTC))
ROWS = st.builds(
    SealedRow,
    st.uuids(),
    TEXTS,
    TEXTS,
    st.none() | st.integers(0, 2**31 - 1),
    st.none() | st.binary(),
    st.none() | st.binary(min_size=32, max_size=32),
    st.none() | MOMENTS,
    st.none() | MOMENTS,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.lists(ROWS, min_size=1, max_size=20))
def test_any_row_comes_back(folder_lake: Lake, rows: list[SealedRow]) -> None:
    stored = store_rows(folder_lake, "v1", "r1", 0, rows)
    assert read_rows(folder_lake, stored.key) == rows
    assert stored.lines == len(rows)
    assert stored.sha256 in stored.key


def test_rows_go_through_s3_as_well(lake: Lake) -> None:
    assert read_rows(lake, store_rows(lake, "v1", "r1", 3, [PRESENT, TOMBSTONE]).key) == [PRESENT, TOMBSTONE]


def test_a_time_is_the_same_moment_in_any_zone(folder_lake: Lake) -> None:
    elsewhere = PRESENT._replace(generated_at=MOMENT.astimezone(timezone(timedelta(hours=9))))
    assert read_rows(folder_lake, store_rows(folder_lake, "v1", "r1", 0, [elsewhere]).key) == [PRESENT]


def test_the_same_rows_are_one_object(folder_lake: Lake) -> None:
    first, second = (store_rows(folder_lake, "v1", "r1", 0, [PRESENT, TOMBSTONE]) for _ in range(2))
    assert first == second
    assert folder_lake.keys("rows/") == [first.key]


def test_no_flipped_bit_is_believed(folder: Path, folder_lake: Lake) -> None:
    rows = [PRESENT._replace(item_id=f"item-{number}", part=number) for number in range(50)]
    key = store_rows(folder_lake, "v1", "r1", 0, rows).key
    stored, dice = (folder / key).read_bytes(), random.Random(7)
    for _ in range(FLIPS):
        damaged = bytearray(stored)
        damaged[dice.randrange(len(stored))] ^= 1 << dice.randrange(8)
        (folder / key).write_bytes(damaged)
        with pytest.raises(UntrustedAnswer, match=key):
            read_rows(folder_lake, key)


def test_rows_that_are_gone_are_said_to_be_missing(folder_lake: Lake) -> None:
    with pytest.raises(ObjectMissing):
        read_rows(folder_lake, "rows/v1/r1/000000-" + "0" * 64 + ".parquet")
