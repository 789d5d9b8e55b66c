"""The worklists of enrichments: the records that a run asks a language model about, fixed before the first call.

Personal data was scrubbed from them before they come here.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from catalog_embeddings.lake.layout import worklist_key, worklist_prefix
from catalog_embeddings.lake.parquet import decode, encode
from catalog_embeddings.lake.schemas import WORKLIST
from catalog_embeddings.lake.store import Lake


class Wanted(NamedTuple):
    """A record, as the JSON object that is sent, and its hash."""

    record_hash: bytes
    record: dict[str, Any]


def store_worklist(
    lake: Lake, run_id: str, worklist_id: str, shard: int, number: int, wanted: Sequence[Wanted]
) -> None:
    """Store some of a shard's records as its file of that number.

    Raises:
        ServerFailed: the lake did not take them.
    """
    rows = [(each.record_hash, json.dumps(each.record, ensure_ascii=False)) for each in wanted]
    columns = zip(zip(*rows, strict=True), WORKLIST, strict=True)
    data = encode(pa.table([pa.array(values, field.type) for values, field in columns], schema=WORKLIST))
    lake.create(worklist_key(run_id, worklist_id, shard, number, hashlib.sha256(data).hexdigest()), data)


def read_worklist(lake: Lake, run_id: str, worklist_id: str, shard: int) -> Iterator[list[Wanted]]:
    """The records of a shard in their planned order, file by file.

    Raises:
        UntrustedAnswer: a file is damaged.
        ServerFailed: the lake does not answer.
    """
    for key in lake.keys(worklist_prefix(run_id, worklist_id, shard)):
        table = decode(lake.read(key), key)
        rows = zip(table["record_hash"].to_pylist(), table["record"].to_pylist(), strict=True)
        yield [Wanted(record_hash, json.loads(record)) for record_hash, record in rows]
