"""A folder: whole files or none, and a disk's failures told to a person."""

import os
from pathlib import Path
from time import time

import pytest

from catalog_embeddings.errors import RunPaused, ServerFailed
from catalog_embeddings.lake.folder import Folder

DAY = 86_400


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "some" / "lake"


@pytest.fixture
def shelf(root: Path) -> Folder:
    """A folder that holds a chair."""
    made = Folder(root)
    made.put("a/b/c", b"chair")
    return made


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_key_is_taken_until_it_is_replaced(root: Path, shelf: Folder) -> None:
    with pytest.raises(FileExistsError):
        shelf.put("a/b/c", b"desk")
    assert shelf.get("a/b/c") == b"chair"
    shelf.put("a/b/c", b"desk", replace=True)
    assert shelf.get("a/b/c") == b"desk"
    assert files(root) == ["a/b/c"]


def test_an_object_may_be_gone_when_it_is_removed(root: Path, shelf: Folder) -> None:
    for _ in range(2):
        shelf.remove("a/b/c")
    assert files(root) == []


def test_keys_are_those_of_files_below_the_prefix(shelf: Folder) -> None:
    shelf.put("a/x", b"")
    shelf.put("ab/x", b"")
    assert sorted(shelf.keys("a/")) == ["a/b/c", "a/x"]
    assert shelf.keys("nowhere/") == []
    assert shelf.keys("a/x/") == []


@pytest.mark.parametrize("key", ["a/b/d", "d", "a/b/c/d"])
def test_what_is_not_there_is_missing(shelf: Folder, key: str) -> None:
    with pytest.raises(FileNotFoundError):
        shelf.get(key)


def test_a_file_where_a_folder_belongs_is_a_failure(shelf: Folder) -> None:
    with pytest.raises(ServerFailed, match="did not store a/b/c/d: Not a directory"):
        shelf.put("a/b/c/d", b"desk")


def test_only_what_a_crash_left_long_ago_is_cleared_away(root: Path, shelf: Folder) -> None:
    aside = root / ".writing"
    for name, age in (("left", DAY + 60), ("under way", DAY - 3_600)):
        (aside / name).write_bytes(b"cha")
        os.utime(aside / name, (time() - age, time() - age))
    Folder(root)
    assert [path.name for path in aside.iterdir()] == ["under way"]


def test_a_folder_that_is_gone_is_not_a_folder_without_objects(root: Path, shelf: Folder) -> None:
    # A part that is said to be missing is paid for again; an unmounted disk must not say so.
    root.rename(root.with_name("elsewhere"))
    for call in (
        lambda: shelf.get("a/b/c"),
        lambda: shelf.keys("a/"),
        lambda: shelf.put("a/b/d", b"desk"),
        lambda: shelf.put("d", b"desk"),
    ):
        with pytest.raises(RunPaused, match=f"folder {root} is gone; mount or restore it"):
            call()
    assert not root.exists()
