"""A lake that can also forget. Only who drops versions opens one: to everybody else the lake's objects are for good."""

from collections.abc import Iterable, Iterator

from catalog_embeddings.lake.layout import (
    ALL_PARTS,
    manifests_prefix,
    rows_key,
    sealing_of,
    shard_of,
    texts_prefix,
    worklists_prefix,
)
from catalog_embeddings.lake.store import Lake


class ForgetfulLake(Lake):
    """A lake whose objects can be taken away."""

    def remove(self, keys: Iterable[str]) -> int:
        """Take objects away, which may be gone already; returns how many keys that were."""
        removed = 0
        for key in keys:
            self._objects.remove(key)
            removed += 1
        return removed


def sealed_runs(lake: Lake, version: str) -> set[str]:
    """The runs of a version that sealed anything, as the lake knows them."""
    return {sealing_of(key)[0] for key in lake.keys(manifests_prefix(version))}


def keys_of_version(lake: Lake, version: str, run_ids: Iterable[str], plans: Iterable[tuple[str, int]]) -> list[str]:
    """What only this version can need: its runs' rows, their planned texts (plans and shards), and its manifests last.

    The manifests come last, because they are what the runs are known by. What a language model answered stays: it was
    bought for every version.
    """
    folders = [_folder(rows_key(version, run_id, 0, "")) for run_id in sorted(run_ids)]
    folders += [worklists_prefix(run_id) for run_id in sorted(run_ids)]
    folders += [texts_prefix(plan_id, shard) for plan_id, shard in plans]
    return [key for folder in (*folders, manifests_prefix(version)) for key in lake.keys(folder)]


def part_keys_of_runs(lake: Lake, run_ids: set[str]) -> Iterator[str]:
    """Every part that these runs have paid for."""
    for key in lake.keys(ALL_PARTS):
        if key.endswith(".parquet") and shard_of(key)[0] in run_ids:
            yield key


def _folder(key: str) -> str:
    return key.rpartition("/")[0] + "/"
