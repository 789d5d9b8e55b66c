"""Worklists: records in their order, shard by shard, and never a damaged one."""

from hashlib import sha256
from pathlib import Path

import pytest

from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.lake.layout import worklist_prefix
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.lake.worklists import Wanted, read_worklist, store_worklist


def wanted(name: str) -> Wanted:
    return Wanted(sha256(name.encode()).digest(), {"title": name, "attributes": {"watts": 5}})


def test_records_keep_their_order_over_files(lake: Lake) -> None:
    files = [[wanted(f"{number} of {file}, größer") for number in range(3)] for file in range(3)]
    for number in (2, 0, 1):
        store_worklist(lake, "run-1", "list-1", 0, number, files[number])
    assert list(read_worklist(lake, "run-1", "list-1", 0)) == files


def test_a_shard_and_a_list_read_only_their_own(folder_lake: Lake) -> None:
    for run, which, shard in (("r1", "a", 0), ("r1", "a", 1), ("r1", "b", 0), ("r10", "a", 0)):
        store_worklist(folder_lake, run, which, shard, 0, [wanted(f"{run} {which} {shard}")])
    assert list(read_worklist(folder_lake, "r1", "a", 1)) == [[wanted("r1 a 1")]]
    assert list(read_worklist(folder_lake, "r1", "c", 0)) == []


def test_a_damaged_file_is_not_believed(folder: Path, folder_lake: Lake) -> None:
    store_worklist(folder_lake, "r1", "a", 0, 0, [wanted("lamp")])
    [key] = folder_lake.keys(worklist_prefix("r1", "a", 0))
    (folder / key).write_bytes(b"damaged")
    with pytest.raises(UntrustedAnswer):
        list(read_worklist(folder_lake, "r1", "a", 0))
