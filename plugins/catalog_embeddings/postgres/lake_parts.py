"""The tables lake_parts and paid_contents: which part of the lake holds what was paid for."""

from collections.abc import Sequence

from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("lake_parts")


def record_parts(connection: Connection, run_id: str, shard: int, parts: Sequence[StoredPart]) -> None:
    """Index stored parts of a shard: from here on their contents are known to be paid for."""
    connection.execute(
        _QUERIES["record_parts"],
        {
            "run_id": run_id,
            "shard": shard,
            "part_keys": [part.key for part in parts],
            "sha256s": [bytes.fromhex(part.sha256) for part in parts],
            "vectors": [len(part.content_hashes) for part in parts],
            "bytes": [part.size for part in parts],
            "content_hashes": [content_hash for part in parts for content_hash in part.content_hashes],
            "places": [place for place, part in enumerate(parts, start=1) for _ in part.content_hashes],
        },
    )


def recorded_keys(connection: Connection, run_id: str, shard: int) -> set[str]:
    """The indexed parts of a shard."""
    return {row[0] for row in connection.execute(_QUERIES["recorded_keys"], {"run_id": run_id, "shard": shard})}


def part_of(connection: Connection, content_hash: bytes) -> str | None:
    """The key of the part that holds a text's vector, None where it is not paid for."""
    row = connection.execute(_QUERIES["part_of"], [content_hash]).fetchone()
    return None if row is None else str(row[0])


def forget_part(connection: Connection, part_key: str) -> None:
    """A part is lost or damaged: its contents have to be paid for again."""
    connection.execute(_QUERIES["forget_part"], [part_key])
