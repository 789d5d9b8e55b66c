"""Manifests: whole and believed, or named as damaged; of several sealings of a run the last one counts."""

import hashlib
import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_embeddings.domain.seal import Manifest, RowsFile, SealedPart
from catalog_embeddings.domain.version import Chunking, VersionSpec
from catalog_embeddings.errors import InputError, ServerFailed, UntrustedAnswer
from catalog_embeddings.lake.manifests import manifest_keys, read_manifest, store_manifest
from catalog_embeddings.lake.store import Lake, ObjectMissing
from catalog_embeddings.transform.hashing import spec_fingerprint

FLIPS = 300
SPEC = VersionSpec(
    provider="emulator",
    model="text-embedding-3-small",
    dims=16,
    template="product.v2",
    template_hash="ab" * 32,
    record_fields=("title", "brand"),
    enrichment=None,
    chunking=Chunking(max_tokens=100, bytes_per_token=2.5),
)
MANIFEST = Manifest(
    run_id="r1",
    version="v1",
    fingerprint=spec_fingerprint(SPEC),
    spec=SPEC,
    started_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    sealed_at=datetime(2026, 3, 1, 12, 30, 15, 123_456, tzinfo=UTC),
    fence=3,
    attempt=14,
    counts={"planned": 2, "state": "verified"},
    rows_held=2,
    complete=True,
    rows=(RowsFile("rows/v1/r1/000000-x.parquet", "cd" * 32, 2),),
    parts=(SealedPart("vectors/r1/00000/x.parquet", "ef" * 32, 1_000, 2),),
)


def test_a_manifest_is_read_as_it_was_stored(lake: Lake) -> None:
    key = store_manifest(lake, MANIFEST)
    assert key == "manifests/v1/r1/0000000003-0000000014.json"
    read = read_manifest(lake, key)
    assert read == MANIFEST
    trial = replace(MANIFEST, run_id="r2", slice=(500, "trial"))
    assert read_manifest(lake, store_manifest(lake, trial)) == trial
    assert spec_fingerprint(read.spec) == read.fingerprint


def test_it_holds_what_a_rebuild_needs_in_plain_json(folder: Path, folder_lake: Lake) -> None:
    found = json.loads((folder / store_manifest(folder_lake, MANIFEST)).read_text(encoding="utf-8"))
    assert set(found) == {"sha256", "manifest"}
    assert found["manifest"]["format"] == 1
    assert found["manifest"]["spec"]["record_fields"] == ["title", "brand"]
    assert found["manifest"]["parts"] == [
        {"key": "vectors/r1/00000/x.parquet", "sha256": "ef" * 32, "bytes": 1_000, "texts": 2}
    ]


def test_the_same_manifest_stored_twice_is_no_error_and_another_is(lake: Lake) -> None:
    # A lost answer looks like the first.
    assert store_manifest(lake, MANIFEST) == store_manifest(lake, MANIFEST)
    with pytest.raises(ServerFailed, match="already holds other bytes"):
        store_manifest(lake, replace(MANIFEST, rows_held=3))
    assert read_manifest(lake, "manifests/v1/r1/0000000003-0000000014.json") == MANIFEST


def test_of_each_run_the_highest_fence_and_then_attempt_counts(folder_lake: Lake) -> None:
    for run_id, fence, attempt in (
        ("r1", 9, 7),
        ("r1", 10, 5),
        ("r1", 10, 6),
        ("r1", 2, 100),
        ("r2", 11, 8),
        ("r10", 1, 1),
    ):
        store_manifest(folder_lake, replace(MANIFEST, run_id=run_id, fence=fence, attempt=attempt))
    store_manifest(folder_lake, replace(MANIFEST, version="v10"))
    assert manifest_keys(folder_lake, "v1") == [
        "manifests/v1/r1/0000000010-0000000006.json",
        "manifests/v1/r10/0000000001-0000000001.json",
        "manifests/v1/r2/0000000011-0000000008.json",
    ]
    assert manifest_keys(folder_lake, "v2") == []


def test_no_flipped_bit_is_believed(folder: Path, folder_lake: Lake) -> None:
    path = folder / store_manifest(folder_lake, MANIFEST)
    stored, dice = path.read_bytes(), random.Random(7)
    for _ in range(FLIPS):
        damaged = bytearray(stored)
        damaged[dice.randrange(len(stored))] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        try:
            read = read_manifest(folder_lake, path.relative_to(folder).as_posix())
        except UntrustedAnswer:
            continue
        # One kind of white space between two values is as good as another.
        assert read == MANIFEST


@pytest.mark.parametrize("content", ["", "null", "[]", "{}", '{"sha256": 1}', '{"sha256": "", "manifest": 3}'])
def test_what_is_no_manifest_is_not_believed(folder: Path, folder_lake: Lake, content: str) -> None:
    path = folder / store_manifest(folder_lake, MANIFEST)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UntrustedAnswer, match=r"manifests/v1/r1/"):
        read_manifest(folder_lake, path.relative_to(folder).as_posix())


def test_a_newer_format_is_left_to_the_release_that_wrote_it(folder: Path, folder_lake: Lake) -> None:
    key = store_manifest(folder_lake, MANIFEST)
    body = json.loads((folder / key).read_text(encoding="utf-8"))["manifest"] | {"format": 2}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    (folder / key).write_text(json.dumps({"sha256": digest, "manifest": body}), encoding="utf-8")
    with pytest.raises(InputError, match="has format 2, and this release reads 1"):
        read_manifest(folder_lake, key)


def test_a_manifest_that_is_gone_is_said_to_be_missing(folder_lake: Lake) -> None:
    with pytest.raises(ObjectMissing):
        read_manifest(folder_lake, "manifests/v1/r1/0000000001-0000000001.json")
