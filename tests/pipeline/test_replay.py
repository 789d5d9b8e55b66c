"""Replaying: from the last complete manifest on, in the order of the seals, and only of the version as it is now."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog_embeddings.domain.seal import Manifest, SealedPart, SealedRow
from catalog_embeddings.errors import InputError
from catalog_embeddings.lake.manifests import store_manifest
from catalog_embeddings.lake.sealed_rows import store_rows
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.register import text_spec
from catalog_embeddings.pipeline.replay import read_history, replay
from catalog_embeddings.postgres import replayed_rows
from catalog_embeddings.postgres.connection import Connection

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPEC = text_spec("emulator", "text-embedding-3-small", dims=16)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path.as_uri())


def _part(name: str) -> SealedPart:
    return SealedPart(f"vectors/r/00000/{name}.parquet", "ab" * 32, 10, 1)


def _manifest(run_id: str, hour: int, fence: int, *, complete: bool = False, fingerprint: str = "f") -> Manifest:
    return Manifest(
        run_id=run_id,
        version="v1",
        fingerprint=fingerprint,
        spec=SPEC,
        started_at=NOON,
        sealed_at=NOON + timedelta(hours=hour),
        fence=fence,
        attempt=1,
        counts={},
        rows_held=1,
        complete=complete,
        rows=(),
        parts=(),
    )


def _seal(lake: Lake, manifest: Manifest, parts: list[str], items: dict[str, int | None]) -> None:
    rows = [SealedRow(uuid.UUID(int=1), "default", item, part) for item, part in items.items()]
    file = store_rows(lake, "v1", manifest.run_id, 0, rows)
    store_manifest(lake, replace(manifest, rows=(file,), parts=tuple(_part(name) for name in parts)))


def test_the_history_goes_by_the_time_of_the_seal(lake: Lake) -> None:
    # A lake may have seen several databases, each with fences of its own.
    for run_id, hour, fence in (("b", 2, 1), ("c", 3, 2), ("a", 1, 7)):
        store_manifest(lake, _manifest(run_id, hour, fence))
    history = read_history(lake, "v1")
    assert [each.run_id for each in history.manifests] == ["a", "b", "c"]
    assert (history.newest.run_id, history.fence, history.damaged) == ("c", 7, [])


def test_the_history_begins_with_the_last_complete_manifest(lake: Lake) -> None:
    for run_id, complete in (("a", True), ("b", False), ("c", True), ("d", False)):
        store_manifest(lake, _manifest(run_id, ord(run_id), ord(run_id), complete=complete))
    assert [each.run_id for each in read_history(lake, "v1").manifests] == ["c", "d"]


def test_an_earlier_version_of_the_same_name_is_left_out(lake: Lake) -> None:
    for run_id, fingerprint in (("a", "old"), ("b", "old"), ("c", "new"), ("d", "new")):
        store_manifest(lake, _manifest(run_id, ord(run_id), ord(run_id), fingerprint=fingerprint))
    assert [each.run_id for each in read_history(lake, "v1").manifests] == ["c", "d"]


def test_a_damaged_manifest_is_named_and_its_fence_still_counts(lake: Lake, tmp_path: Path) -> None:
    store_manifest(lake, _manifest("a", 1, 1))
    damaged = store_manifest(lake, _manifest("b", 2, 9))
    (tmp_path / damaged).write_text("{", encoding="utf-8")
    history = read_history(lake, "v1")
    assert ([each.run_id for each in history.manifests], history.fence, history.damaged) == (["a"], 9, [damaged])
    (tmp_path / store_manifest(lake, replace(_manifest("a", 1, 1), fence=2))).write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="holds no undamaged manifest of version v1"):
        read_history(lake, "v1")


def test_no_manifest_at_all_is_said_so(lake: Lake) -> None:
    with pytest.raises(InputError, match="holds no manifest of version v1"):
        read_history(lake, "v1")


def test_parts_have_one_number_over_all_manifests(lake: Lake, connection: Connection) -> None:
    _seal(lake, _manifest("a", 1, 1), ["x", "y"], {"lamp": 0, "desk": 1, "tent": 1})
    _seal(lake, _manifest("b", 2, 2), ["z", "x"], {"lamp": 0, "vase": 1, "tent": None})
    told = replay(connection, lake, read_history(lake, "v1"))
    assert told.parts == [_part("x"), _part("y"), _part("z")]
    assert replayed_rows.settle(connection, "v1") == (3, 0)
    found = connection.execute("select item_id, part from replayed_rows order by item_id").fetchall()
    assert [(item, told.parts[part]) for item, part in found] == [
        ("desk", _part("y")),
        ("lamp", _part("z")),
        ("vase", _part("x")),
    ]


def test_a_damaged_file_of_rows_is_named_and_the_rest_replayed(
    lake: Lake, connection: Connection, tmp_path: Path
) -> None:
    _seal(lake, _manifest("a", 1, 1), ["x"], {"lamp": 0, "desk": 0})
    _seal(lake, _manifest("b", 2, 2), ["y"], {"lamp": 0})
    [rows] = lake.keys("rows/v1/b/")
    (tmp_path / rows).unlink()
    told = replay(connection, lake, read_history(lake, "v1"))
    assert told.damaged == [rows]
    assert replayed_rows.settle(connection, "v1") == (2, 0)
