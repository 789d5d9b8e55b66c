"""Replayed rows: of each item the last line counts, a tombstone is none, and what is held already is left out."""

import uuid
from datetime import UTC, datetime, timedelta

from catalog_embeddings.domain.seal import SealedRow
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.postgres import item_embeddings, replayed_rows
from catalog_embeddings.postgres.connection import Connection

ORG = uuid.UUID(int=1)
NOON = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC)


def _row(item_id: str, part: int | None = 0, text: bytes = b"a", namespace: str = "default") -> SealedRow:
    if part is None:
        return SealedRow(ORG, namespace, item_id)
    return SealedRow(ORG, namespace, item_id, part, b"record", text * 32, None, NOON)


def _replayed(connection: Connection) -> list[tuple[str, str, int]]:
    return connection.execute("select item_id, namespace, part from replayed_rows order by 1, 2").fetchall()


def _settle(connection: Connection, *sealings: list[SealedRow]) -> tuple[int, int]:
    replayed_rows.begin(connection)
    for sealing, rows in enumerate(sealings):
        replayed_rows.add(connection, sealing, rows)
    return replayed_rows.settle(connection, "v1")


def test_the_last_line_of_an_item_counts(connection: Connection, version: EmbeddingVersion) -> None:
    counts = _settle(
        connection,
        [_row("lamp"), _row("desk"), _row("tent"), _row("lamp", namespace="outdoor")],
        [_row("lamp", 1), _row("tent", None), _row("desk", None)],
        [_row("desk", 2), _row("never held", None)],
    )
    assert _replayed(connection) == [("desk", "default", 2), ("lamp", "default", 1), ("lamp", "outdoor", 0)]
    assert counts == (3, 0)
    assert replayed_rows.parts_needed(connection) == [0, 1, 2]


def test_lines_may_come_in_any_order(connection: Connection, version: EmbeddingVersion) -> None:
    replayed_rows.begin(connection)
    for sealing in (10, 2, 9):
        replayed_rows.add(connection, sealing, [_row("lamp", sealing)])
    replayed_rows.settle(connection, "v1")
    assert _replayed(connection) == [("lamp", "default", 10)]


def test_a_part_is_asked_for_each_of_its_texts_once(connection: Connection, version: EmbeddingVersion) -> None:
    _settle(connection, [_row("lamp", 0, b"a"), _row("twin", 0, b"a"), _row("desk", 0, b"b"), _row("tent", 1, b"c")])
    assert replayed_rows.contents_of_part(connection, 0) == {b"a" * 32, b"b" * 32}
    assert replayed_rows.contents_of_part(connection, 2) == set()


def test_a_row_that_is_held_already_is_left_out(connection: Connection, version: EmbeddingVersion) -> None:
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
        connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " values (%s, 'lamp', 'v1', 'text', 4, '[1,2,3,4]', '', '')",
            [ORG],
        )
    assert _settle(connection, [_row("lamp"), _row("lamp", namespace="outdoor"), _row("desk", 1)]) == (3, 1)
    assert _replayed(connection) == [("desk", "default", 1), ("lamp", "outdoor", 0)]


def test_every_value_arrives_as_it_was_sealed(connection: Connection, version: EmbeddingVersion) -> None:
    row = _row("a 'quoted' \\ item\twith\nwhite space")._replace(source_updated_at=NOON - timedelta(days=40_000))
    _settle(connection, [row])
    assert connection.execute("select * from replayed_rows").fetchall() == [tuple(row)]


def test_a_second_replay_begins_anew(connection: Connection, version: EmbeddingVersion) -> None:
    _settle(connection, [_row("lamp")])
    assert _settle(connection, [_row("desk")]) == (1, 0)
    assert _replayed(connection) == [("desk", "default", 0)]
