"""The keys, spelled out: lakes that exist hold them, so no release may move them."""

from catalog_embeddings.lake.layout import part_key, parts_prefix, sha256_in, texts_key, texts_prefix

DIGEST = "0123456789abcdef" * 4


def test_the_keys_are_frozen() -> None:
    assert parts_prefix("r1", 7) == "vectors/r1/00007/"
    assert part_key("r1", 7, DIGEST) == f"vectors/r1/00007/{DIGEST}.parquet"
    assert texts_prefix("p1", 7) == "plans/p1/00007/"
    assert texts_key("p1", 7, 12, DIGEST) == f"plans/p1/00007/000012-{DIGEST}.parquet"


def test_a_key_promises_a_hash() -> None:
    assert sha256_in(part_key("r1", 7, DIGEST)) == DIGEST
    assert sha256_in(texts_key("p1", 7, 12, DIGEST)) == DIGEST


def test_files_of_texts_sort_by_number_whatever_their_hashes() -> None:
    numbers = [0, 1, 9, 10, 99, 100, 12_345, 999_999]
    keys = [texts_key("p1", 0, number, str(9 - position) * 64) for position, number in enumerate(numbers)]
    assert sorted(keys) == keys


def test_no_shard_lies_below_another() -> None:
    for prefix in (texts_prefix, parts_prefix):
        prefixes = [prefix("r1", shard) for shard in range(120)]
        assert not [one for one in prefixes for other in prefixes if one != other and one.startswith(other)]
        assert all(each.endswith("/") for each in prefixes)
