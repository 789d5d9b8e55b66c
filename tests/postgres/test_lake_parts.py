"""The index of the lake: which part holds what was paid for."""

import hashlib

from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.lake_parts import forget_part, record_parts, recorded_keys

CONTENTS = [hashlib.sha256(bytes([number])).digest() for number in range(3)]


def _part(name: str, contents: list[bytes]) -> StoredPart:
    return StoredPart(key=f"vectors/run-1/00000/{name}.parquet", sha256="ab" * 32, size=99, content_hashes=contents)


def _paid(connection: Connection) -> dict[bytes, str]:
    rows = connection.execute("select content_hash, part_key from pipeline.paid_contents").fetchall()
    return {content_hash: part_key.rpartition("/")[2] for content_hash, part_key in rows}


def test_a_recorded_part_is_found_by_its_contents(connection: Connection) -> None:
    record_parts(connection, "run-1", 0, [_part("a", CONTENTS[:2])])
    assert _paid(connection) == dict.fromkeys(CONTENTS[:2], "a.parquet")
    row = connection.execute("select sha256, run_id, shard, vectors, bytes from pipeline.lake_parts").fetchone()
    assert row == (bytes.fromhex("ab" * 32), "run-1", 0, 2, 99)
    assert recorded_keys(connection, "run-1", 0) == {"vectors/run-1/00000/a.parquet"}
    assert recorded_keys(connection, "run-1", 1) == recorded_keys(connection, "run-2", 0) == set()


def test_parts_are_recorded_together_each_with_its_own_contents(connection: Connection) -> None:
    record_parts(connection, "run-1", 0, [_part("a", CONTENTS[1:]), _part("b", []), _part("c", CONTENTS[:1])])
    assert _paid(connection) == {CONTENTS[0]: "c.parquet", CONTENTS[1]: "a.parquet", CONTENTS[2]: "a.parquet"}
    rows = connection.execute("select part_key, vectors from pipeline.lake_parts order by part_key").fetchall()
    assert [(key.rpartition("/")[2], vectors) for key, vectors in rows] == [
        ("a.parquet", 2),
        ("b.parquet", 0),
        ("c.parquet", 1),
    ]


def test_no_parts_are_nothing(connection: Connection) -> None:
    record_parts(connection, "run-1", 0, [])
    assert recorded_keys(connection, "run-1", 0) == set()


def test_recording_again_changes_nothing(connection: Connection) -> None:
    for _ in range(2):
        record_parts(connection, "run-1", 0, [_part("a", CONTENTS[:2])])
    record_parts(connection, "run-1", 0, [_part("b", CONTENTS[1:])])
    assert _paid(connection) == {
        CONTENTS[0]: "a.parquet",
        CONTENTS[1]: "a.parquet",
        CONTENTS[2]: "b.parquet",
    }


def test_a_forgotten_part_has_to_be_paid_again(connection: Connection) -> None:
    record_parts(connection, "run-1", 0, [_part("a", CONTENTS[:2])])
    record_parts(connection, "run-1", 0, [_part("b", CONTENTS[2:])])
    forget_part(connection, "vectors/run-1/00000/a.parquet")
    assert _paid(connection) == {CONTENTS[2]: "b.parquet"}
    assert recorded_keys(connection, "run-1", 0) == {"vectors/run-1/00000/b.parquet"}
