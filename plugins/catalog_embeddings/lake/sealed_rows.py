"""Files of sealed rows: which part holds the vector of which item, and which items have none any more."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import pyarrow as pa

from catalog_embeddings.domain.seal import RowsFile, SealedRow
from catalog_embeddings.lake.layout import rows_key
from catalog_embeddings.lake.parquet import decode, encode
from catalog_embeddings.lake.schemas import ROWS
from catalog_embeddings.lake.store import Lake


def store_rows(lake: Lake, version: str, run_id: str, number: int, rows: Sequence[SealedRow]) -> RowsFile:
    """Store some of a run's rows as its file of that number.

    Raises:
        ServerFailed: the lake did not take them.
    """
    org_ids, *columns = zip(*rows, strict=True)
    values = [[org_id.bytes for org_id in org_ids], *columns]
    table = pa.table([pa.array(each, field.type) for each, field in zip(values, ROWS, strict=True)], schema=ROWS)
    data = encode(table)
    digest = hashlib.sha256(data).hexdigest()
    key = rows_key(version, run_id, number, digest)
    lake.create(key, data)
    return RowsFile(key, digest, len(rows))


def read_rows(lake: Lake, key: str) -> list[SealedRow]:
    """The rows of a file, its hash and every page checked.

    Raises:
        ObjectMissing: the lake does not hold it.
        UntrustedAnswer: it is not the bytes that were stored.
    """
    table = decode(lake.read(key), key)
    org_ids, *columns = (table[name].to_pylist() for name in ROWS.names)
    return [SealedRow(UUID(bytes=org_id), *rest) for org_id, *rest in zip(org_ids, *columns, strict=True)]
