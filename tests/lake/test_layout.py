"""The keys, spelled out: lakes that exist hold them, so no release may move them."""

from catalog_embeddings.lake.layout import (
    ALL_PARTS,
    manifest_key,
    manifests_prefix,
    part_key,
    parts_prefix,
    rows_key,
    sealing_of,
    sha256_in,
    shard_of,
    texts_key,
    texts_prefix,
)

DIGEST = "0123456789abcdef" * 4


def test_the_keys_are_frozen() -> None:
    assert parts_prefix("r1", 7) == "vectors/r1/00007/"
    assert part_key("r1", 7, DIGEST) == f"vectors/r1/00007/{DIGEST}.parquet"
    assert texts_prefix("p1", 7) == "plans/p1/00007/"
    assert texts_key("p1", 7, 12, DIGEST) == f"plans/p1/00007/000012-{DIGEST}.parquet"
    assert rows_key("v1", "r1", 12, DIGEST) == f"rows/v1/r1/000012-{DIGEST}.parquet"
    assert manifests_prefix("v1") == "manifests/v1/"
    assert manifest_key("v1", "r1", 3, 14) == "manifests/v1/r1/0000000003-0000000014.json"
    assert part_key("r1", 7, DIGEST).startswith(ALL_PARTS)


def test_a_key_promises_a_hash() -> None:
    assert sha256_in(part_key("r1", 7, DIGEST)) == DIGEST
    assert sha256_in(texts_key("p1", 7, 12, DIGEST)) == DIGEST
    assert sha256_in(rows_key("v1", "r1", 12, DIGEST)) == DIGEST


def test_a_key_says_whose_it_is() -> None:
    assert shard_of(part_key("20260101T000000-abcdef", 7, DIGEST)) == ("20260101T000000-abcdef", 7)
    assert sealing_of(manifest_key("v1", "20260101T000000-abcdef", 3, 14)) == ("20260101T000000-abcdef", 3, 14)


def test_files_of_texts_sort_by_number_whatever_their_hashes() -> None:
    numbers = [0, 1, 9, 10, 99, 100, 12_345, 999_999]
    keys = [texts_key("p1", 0, number, str(9 - position) * 64) for position, number in enumerate(numbers)]
    assert sorted(keys) == keys


def test_no_shard_lies_below_another() -> None:
    for prefix in (texts_prefix, parts_prefix):
        prefixes = [prefix("r1", shard) for shard in range(120)]
        assert not [one for one in prefixes for other in prefixes if one != other and one.startswith(other)]
        assert all(each.endswith("/") for each in prefixes)
