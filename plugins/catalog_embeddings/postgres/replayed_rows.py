"""The rows of a version as the lake's manifests tell them, replayed in temporary tables: the last line counts.

They live as long as the connection. Which manifests are replayed, and in which order, is the caller's business.
"""

from collections.abc import Iterable

from catalog_embeddings.domain.seal import SealedRow
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("replayed_rows")
_COPY_TYPES = ("int4", "uuid", "text", "text", "int4", "bytea", "bytea", "timestamptz", "timestamptz")


def begin(connection: Connection) -> None:
    """Make the table that takes the lines, anew."""
    connection.execute(_QUERIES["drop_tables"])
    connection.execute(_QUERIES["create_lines"])


def add(connection: Connection, sealing: int, rows: Iterable[SealedRow]) -> None:
    """Add lines of one manifest; a higher ``sealing`` comes later. Their ``part`` is the caller's number of a part."""
    with connection.cursor() as cursor, cursor.copy(_QUERIES["copy_lines"]) as copy:
        copy.set_types(_COPY_TYPES)
        for row in rows:
            copy.write_row((sealing, *row))


def settle(connection: Connection, version: str) -> tuple[int, int]:
    """Keep the last line of each item, unless it is a tombstone.

    Returns:
        How many rows the version has to hold, and how many of them it holds already from an earlier attempt.
    """
    connection.execute(_QUERIES["keep_last"])
    (told,) = connection.execute(_QUERIES["count_rows"]).fetchone() or (0,)
    held = connection.execute(_QUERIES["drop_held"], [version]).rowcount
    connection.execute(_QUERIES["index_rows"])
    connection.execute(_QUERIES["analyze_rows"])
    return int(told), held


def parts_needed(connection: Connection) -> list[int]:
    """The parts that hold the vectors of rows still to be written."""
    return [row[0] for row in connection.execute(_QUERIES["parts_needed"])]


def contents_of_part(connection: Connection, part: int) -> set[bytes]:
    """The texts whose vectors are wanted of a part."""
    return {row[0] for row in connection.execute(_QUERIES["contents_of_part"], [part])}
