"""The store, on a disk and over S3: created once, never changed, and honest about what is not there."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from catalog_embeddings.errors import ConfigurationError, RunPaused, ServerFailed
from catalog_embeddings.lake.store import KeyTaken, Lake, ObjectMissing

# The name of an object that holds a chair.
CHAIR = f"a/{hashlib.sha256(b'chair').hexdigest()}.parquet"


# The last is longer than obstore sends in one piece.
@pytest.mark.parametrize("data", [b"", b"chair", bytes(range(256)), os.urandom(6_000_000)], ids=len)
def test_what_was_created_is_read_back(lake: Lake, data: bytes) -> None:
    lake.create("vectors/r1/00000/a.parquet", data)
    assert lake.read("vectors/r1/00000/a.parquet") == data


def test_the_same_bytes_may_be_created_again(lake: Lake) -> None:
    lake.create("a/b", b"chair")
    lake.create("a/b", b"chair")
    assert lake.read("a/b") == b"chair"


@pytest.mark.parametrize("size", [5, 6_000_000])
def test_other_bytes_under_the_same_key_are_refused(lake: Lake, size: int) -> None:
    lake.create("a/b", b"x" * size)
    with pytest.raises(KeyTaken, match="other bytes at a/b") as taken:
        lake.create("a/b", b"y" * size)
    assert taken.value.key == "a/b"
    assert lake.read("a/b") == b"x" * size


def test_bytes_that_are_not_what_their_name_says_give_way_to_those_that_are(lake: Lake) -> None:
    lake.create(CHAIR, b"damaged")
    lake.create(CHAIR, b"chair")
    assert lake.read(CHAIR) == b"chair"


@pytest.mark.parametrize("there", [b"chair", b"damaged"])
def test_bytes_that_do_not_belong_there_replace_nothing(lake: Lake, there: bytes) -> None:
    lake.create(CHAIR, there)
    with pytest.raises(KeyTaken, match=CHAIR):
        lake.create(CHAIR, b"desk")
    assert lake.read(CHAIR) == there


def test_what_is_damaged_where_it_lies_is_read_as_it_lies(lake: Lake) -> None:
    lake.create(CHAIR, b"damaged")
    assert lake.read(CHAIR) == b"damaged"


def test_a_probe_leaves_nothing_behind(lake: Lake) -> None:
    lake.create("a/b", b"chair")
    lake.probe()
    lake.probe()
    assert lake.keys("") == ["a/b"]


def test_of_many_who_create_a_key_at_once_one_wins(lake: Lake) -> None:
    def created(data: bytes) -> bool:
        try:
            lake.create("a/b", data)
        except ServerFailed:
            return False
        return True

    writers = [bytes([number]) * 1_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(created, writers))
    assert won.count(True) == 1
    assert lake.read("a/b") == writers[won.index(True)]


def test_a_missing_object_is_said_to_be_missing(lake: Lake) -> None:
    lake.create("a/b", b"")
    for key in ("a/c", "b/b"):
        with pytest.raises(ObjectMissing, match=f"holds no {key}"):
            lake.read(key)


def test_keys_are_sorted_and_those_below_the_prefix(lake: Lake) -> None:
    for key in ("a/2/x", "a/10/x", "a/1/z", "a/1/y", "ab/1/x", "b"):
        lake.create(key, b"")
    assert lake.keys("a/") == ["a/1/y", "a/1/z", "a/10/x", "a/2/x"]
    assert lake.keys("a/1/") == ["a/1/y", "a/1/z"]
    assert lake.keys("nowhere/") == []


def test_a_lake_opened_again_holds_what_it_held(lake: Lake) -> None:
    lake.create("a/b", b"chair")
    again = Lake(lake.address)
    assert again.keys("a/") == ["a/b"]
    assert again.read("a/b") == b"chair"


def test_a_folder_is_made_and_holds_nothing_but_the_objects(folder: Path, folder_lake: Lake) -> None:
    folder_lake.create("a/b", b"chair")
    with pytest.raises(ServerFailed):
        folder_lake.create("a/b", b"table")
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert files == ["a/b"]
    assert (folder / "a/b").read_bytes() == b"chair"


@pytest.mark.parametrize("name", [".writing-x7k2", ".DS_Store", ".hidden/c", "two\nlines", "not utf-8 \udcff"])
def test_what_other_programs_left_is_not_listed(folder: Path, folder_lake: Lake, name: str) -> None:
    folder_lake.create("a/b", b"chair")
    (folder / "a" / name).parent.mkdir(exist_ok=True)
    (folder / "a" / name).write_bytes(b"cha")
    assert folder_lake.keys("a/") == folder_lake.keys("") == ["a/b"]


def test_an_object_that_stands_for_a_folder_is_not_listed(s3_server: str, s3_bucket: str) -> None:
    # Some consoles make one where a person makes a folder.
    lake = Lake(f"s3://{s3_bucket}/some")
    lake.create("a/b", b"chair")
    httpx2.put(f"{s3_server}/{s3_bucket}/some/a/").raise_for_status()
    assert lake.keys("a/") == ["a/b"]


def test_a_folder_that_does_not_take_an_object_is_a_failed_server(folder_lake: Lake) -> None:
    folder_lake.create("a", b"chair")
    with pytest.raises(ServerFailed, match="did not store a/b/c"):
        folder_lake.create("a/b/c", b"chair")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "lake",
        "/srv/lake",
        "ftp://host/lake",
        "http://host/lake",
        "file:lake",
        "file://lake",
        "file://./lake",
        "s3://",
    ],
)
def test_an_address_that_leads_nowhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"(?i)lake.*s3://"):
        Lake(address)
    assert not list(tmp_path.iterdir())


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lake").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        Lake((tmp_path / "lake").as_uri())


def test_two_prefixes_of_one_bucket_are_two_lakes(s3_bucket: str) -> None:
    one, other = Lake(f"s3://{s3_bucket}/one"), Lake(f"s3://{s3_bucket}/other")
    one.create("a/b", b"chair")
    assert (one.keys("a/"), other.keys("a/")) == (["a/b"], [])
    assert Lake(f"s3://{s3_bucket}").read("one/a/b") == b"chair"


def test_a_bucket_that_is_not_there_holds_not_even_nothing(s3_bucket: str) -> None:
    nowhere = Lake("s3://no-such-bucket")
    for call in (nowhere.probe, lambda: nowhere.read("a/b"), lambda: nowhere.keys("a/")):
        with pytest.raises(ConfigurationError, match="NoSuchBucket"):
            call()


def test_a_folder_that_is_gone_pauses_the_run(folder: Path, folder_lake: Lake) -> None:
    folder.rmdir()
    with pytest.raises(RunPaused, match="is gone"):
        folder_lake.read("a/b")


@pytest.mark.parametrize("address", ["s3://me:sk-zanzibar@bucket", "az://sk-zanzibar@container/lake"])
def test_an_address_that_holds_a_secret_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ConfigurationError, match="CATALOG_EMBEDDINGS_LAKE_URL holds a user") as refused:
        Lake(address)
    assert "sk-zanzibar" not in str(refused.value)
