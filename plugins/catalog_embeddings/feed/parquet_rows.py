"""Reading parquet row by row in bounded memory. Knows what arrow's types become in Python.

A NaN in a column of numbers is how data frames write "no value", so it is none here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog_embeddings.errors import InputError, ItemRefused
from catalog_embeddings.feed.lines import FeedLine
from catalog_embeddings.feed.source import ExpansionLimit

_BATCH_ROWS = 1_000
_BUFFER_BYTES = 1 << 20
# What a row's values raise when Python has none like them: text that is not UTF-8, years beyond 9999.
_UNREADABLE = (ValueError, OverflowError, pa.ArrowException)


class ParquetRows:
    """The rows of a parquet file, numbered from 1."""

    def __init__(self, path: Path, limit: ExpansionLimit) -> None:
        """Open the file.

        Raises:
            InputError: it is cut off or damaged.
        """
        self._path = path
        self._limit = limit
        self._size = path.stat().st_size
        self._read = 0
        try:
            # Buffered and without pre-reading, or a row group would be in memory as a whole.
            self._file = pq.ParquetFile(
                path, buffer_size=_BUFFER_BYTES, pre_buffer=False, page_checksum_verification=True
            )
        except (pa.ArrowException, OSError):
            raise self._damaged() from None
        self._rows: int = self._file.metadata.num_rows

    def position(self) -> int:
        """How far into the file, in bytes, as far as rows tell."""
        return self._size * self._read // max(1, self._rows)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[FeedLine]:
        expanded = 0
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
                expanded += batch.nbytes
                if not self._limit.allows(expanded, self._size):
                    raise InputError(
                        f"{self._path} expands to more than {self._limit.ratio} times its size, as no catalog does: "
                        "if you trust it, write it again without compression"
                    )
                yield from _lines(_readable(batch), self._read + 1)
                self._read += batch.num_rows
        except (pa.ArrowException, OSError):
            raise self._damaged() from None

    def _damaged(self) -> InputError:
        return InputError(f"{self._path}: the parquet file is cut off or damaged; fetch it again")


def _readable(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same columns in types that Python has values of."""
    columns = [_readable_column(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _readable_column(column: pa.Array) -> pa.Array:
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", column.type.tz and "UTC"), safe=False)
    return column


def _lines(batch: pa.RecordBatch, first: int) -> Iterator[FeedLine]:
    try:
        rows = batch.to_pylist(maps_as_pydicts="strict")
    except _UNREADABLE:
        # Somewhere among these rows: find out which.
        for number in range(batch.num_rows):
            yield _line(batch.slice(number, 1), first + number)
        return
    for number, row in enumerate(rows, start=first):
        yield FeedLine(number, row)


def _line(row: pa.RecordBatch, number: int) -> FeedLine:
    fields: dict[str, Any] = {}
    refused = None
    for name, column in zip(row.schema.names, row.columns, strict=True):
        try:
            fields[name] = column[0].as_py(maps_as_pydicts="strict")
        except _UNREADABLE:
            refused = ItemRefused("unreadable_value", f"in column {name}")
    return FeedLine(number, fields, refused)
