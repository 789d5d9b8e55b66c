"""The table catalog_features_raw, as an import writes it: lines are gathered in a temporary table, then merged.

Also writes the dead letters of an import, because which lines an item has stands in that temporary table alone; and
those of rows that another feed wrote under a key of no use. An import belongs into one transaction. What a line means
is left to the feed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import DataError

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.errors import InputError, ItemRefused
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("catalog_features")
# title up to updated_at: what a bad line has none of.
_NO_CONTENT = (None,) * 10


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """How the good lines of a file ended, in lines; ``deleted`` is in items."""

    inserted: int
    updated: int
    unchanged: int
    stale: int
    duplicates: int
    deleted: int


class Staging:
    """Takes the lines of a file as they come, and keeps none in memory."""

    def __init__(self, write_row: Callable[[Sequence[Any]], None]) -> None:
        self._write_row = write_row

    def add_good(self, line: int, item: Sequence[Any]) -> None:
        """An item in the order of the table's columns: org_id, item_id, namespace, title … updated_at."""
        self._write_row((line, *item, None, None))

    def add_bad(self, line: int, key: ItemKey, refused: ItemRefused) -> None:
        """A line that is no good, but says of which item it is."""
        self._write_row((line, key.org_id, key.item_id, key.namespace, *_NO_CONTENT, refused.reason, refused.detail))


@contextmanager
def staging(connection: Connection) -> Iterator[Staging]:
    """Gather lines, for ``merge`` in the same transaction.

    Raises:
        InputError: the database refuses a value, such as a letter that its own encoding has not.
    """
    connection.execute(_QUERIES["create_staging"])
    try:
        with connection.cursor() as cursor, cursor.copy(_QUERIES["copy_staging"]) as copy:
            yield Staging(copy.write_row)
    except DataError as error:
        # Its own text may quote the value.
        raise InputError(
            f"the database refuses a value of this file ({type(error).__name__}); nothing was imported"
        ) from None


def merge(connection: Connection, *, snapshot: bool) -> MergeCounts:
    """Bring the catalog to what was gathered, writing only rows that differ.

    A line older than the stored row changes nothing. A snapshot deletes the items that it has no line of, in each
    org and namespace that it has a good line of. Bad lines become dead letters, which good ones resolve.
    """
    row = connection.execute(_QUERIES["drop_duplicates"]).fetchone()
    (duplicates,) = row or (0,)
    connection.execute(_QUERIES["analyze_staging"])
    connection.execute(_QUERIES["lock"])
    row = connection.execute(_QUERIES["merge"]).fetchone()
    inserted, updated, unchanged, stale = row or (0, 0, 0, 0)
    deleted = connection.execute(_QUERIES["delete_missing"]).rowcount if snapshot else 0
    connection.execute(_QUERIES["add_dead_letters"])
    connection.execute(_QUERIES["resolve_dead_letters"], {"snapshot": snapshot})
    connection.execute(_QUERIES["drop_staging"])
    return MergeCounts(inserted, updated, unchanged, stale, duplicates, deleted)


def refuse_keys(connection: Connection) -> None:
    """Make dead letters of the rows whose keys the last dbt build refused, and resolve those that are mended.

    A key that is too long stands there cut short, with its md5.
    """
    connection.execute(_QUERIES["refuse_keys"])
