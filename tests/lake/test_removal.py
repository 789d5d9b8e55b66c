"""Removal: which objects only one version can need, and that they go from folders and buckets alike."""

import hashlib

import pytest

from catalog_embeddings.lake.layout import answer_key, manifest_key, part_key, rows_key, texts_key, worklist_key
from catalog_embeddings.lake.removal import ForgetfulLake, keys_of_version, part_keys_of_runs, sealed_runs
from catalog_embeddings.lake.store import Lake

DATA = b"an object"
SHA256 = hashlib.sha256(DATA).hexdigest()

OF_V1 = [
    rows_key("v1", "run-1", 0, SHA256),
    rows_key("v1", "run-1", 1, SHA256),
    worklist_key("run-1", "list", 0, 0, SHA256),
    texts_key("run-1-plan", 0, 0, SHA256),
    texts_key("run-1-plan", 1, 0, SHA256),
    manifest_key("v1", "run-1", 1, 1),
    manifest_key("v1", "run-1", 1, 2),
]
# A version whose name begins alike, and runs and plans that do.
OF_OTHERS = [
    rows_key("v1", "run-2", 0, SHA256),
    rows_key("v10", "run-1", 0, SHA256),
    texts_key("run-1-plan", 2, 0, SHA256),
    texts_key("run-1-plan2", 0, 0, SHA256),
    manifest_key("v10", "run-10", 1, 1),
    part_key("run-10", 0, SHA256),
    worklist_key("run-10", "list", 0, 0, SHA256),
    # Bought for every version.
    answer_key("review.v1", SHA256, SHA256, 1, SHA256),
]
PARTS = [part_key("run-1", 0, SHA256), part_key("run-1", 17, SHA256)]


@pytest.fixture
def forgetful(lake: Lake) -> ForgetfulLake:
    opened = ForgetfulLake(lake.address)
    for key in (*OF_V1, *OF_OTHERS, *PARTS):
        opened.create(key, DATA)
    return opened


def test_what_only_a_version_can_need_is_found_its_manifests_last(forgetful: ForgetfulLake) -> None:
    assert sealed_runs(forgetful, "v1") == {"run-1"}
    assert keys_of_version(forgetful, "v1", {"run-1"}, [("run-1-plan", 0), ("run-1-plan", 1)]) == OF_V1
    assert sorted(part_keys_of_runs(forgetful, {"run-1"})) == PARTS


def test_what_is_removed_is_gone_and_the_rest_stays(forgetful: ForgetfulLake) -> None:
    assert forgetful.remove(iter([*OF_V1, *PARTS])) == 9
    assert forgetful.remove(PARTS) == 2
    left = [
        key
        for prefix in ("rows/", "plans/", "manifests/", "vectors/", "worklists/", "answers/")
        for key in forgetful.keys(prefix)
    ]
    assert sorted(left) == sorted(OF_OTHERS)
