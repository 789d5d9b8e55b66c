"""Dropping: who reads is protected, the partition goes, and the lake keeps what another version may need."""

import hashlib

import pytest

from catalog_embeddings.domain.promotion import EVERYWHERE, Place
from catalog_embeddings.errors import InputError, RunLocked
from catalog_embeddings.lake.layout import manifest_key, part_key, rows_key
from catalog_embeddings.lake.removal import ForgetfulLake
from catalog_embeddings.pipeline.drop_version import Removed, drop_version, remove_due_files
from catalog_embeddings.pipeline.promote import promote
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import embedding_versions, leases, runs
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.dead_letters import open_letters
from tests.pipeline.conftest import Steps

DATA = b"an object"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def lake(steps: Steps) -> ForgetfulLake:
    return ForgetfulLake(steps.lake.address)


@pytest.fixture(autouse=True)
def versions(steps: Steps, lake: ForgetfulLake) -> None:
    """v1 has run for good. v2 shares its recipe, v3 does not; each has a part, rows and a manifest in the lake."""
    steps.run()
    for number, (dims, template) in enumerate(((16, "product.v1"), (8, "product.v2")), start=2):
        register_version(
            steps.connection, f"v{number}", text_spec("emulator", "text-embedding-3-small", dims, template)
        )
        run_id = f"run-{number}"
        runs.open_run(steps.connection, run_id, f"v{number}", "a test")
        for key in (
            part_key(run_id, 0, SHA256),
            rows_key(f"v{number}", run_id, 0, SHA256),
            manifest_key(f"v{number}", run_id, 1, 1),
        ):
            lake.create(key, DATA)


def _files(steps: Steps, run_id: str) -> set[str]:
    """The folders of the lake in which a run has files."""
    found = (path.relative_to(steps.lake_folder) for path in steps.lake_folder.rglob("*") if path.is_file())
    return {path.parts[0] for path in found if any(part.startswith(run_id) for part in path.parts)}


def _promote(steps: Steps, version: str, place: Place = EVERYWHERE) -> None:
    promote(steps.connection, version, place, force=True, reason="a test")


def test_what_readers_see_is_not_dropped(steps: Steps) -> None:
    _promote(steps, "v2", Place(namespace="outdoor"))
    for version, places in (("v1", r"\*"), ("v2", "outdoor")):
        with pytest.raises(
            InputError, match=rf"readers see version {version} \({places}\): promote another there first"
        ):
            drop_version(steps.connection, version)
    with pytest.raises(InputError, match="there is no embedding version 'v9'"):
        drop_version(steps.connection, "v9")
    assert steps.column("select count(*) from embedding_versions where dropped_at is not null") == [0]
    assert len(steps.loaded()) == 10


def test_what_a_run_works_on_is_not_dropped(steps: Steps) -> None:
    with connect(steps.database_url) as other:
        leases.take(other, "v3", "run-3", "a test", 0.0)
        with pytest.raises(RunLocked, match="version v3 is locked by run run-3"):
            drop_version(steps.connection, "v3")
    assert embedding_versions.find_version(steps.connection, "v3").status == "building"


def test_a_dropped_version_frees_its_disk_and_cannot_be_run_or_promoted(steps: Steps) -> None:
    _promote(steps, "v2")
    assert {letter.version for letter in open_letters(steps.connection)} == {"v1"}
    assert drop_version(steps.connection, "v1") > 0
    assert steps.loaded() == []
    assert steps.column("select to_regclass('item_embeddings_v1')") == [None]
    assert open_letters(steps.connection) == []
    with pytest.raises(InputError, match="version v1 was dropped"):
        _promote(steps, "v1")
    # Again it finds nothing left to do.
    assert drop_version(steps.connection, "v1") == 0
    # What the lake holds is not due for a month.
    assert remove_due_files(steps.connection, ForgetfulLake(steps.lake.address)) == []
    assert _files(steps, "run-1") == {"vectors", "plans", "rows", "manifests"}


def test_a_version_that_was_never_promoted_may_go(steps: Steps) -> None:
    drop_version(steps.connection, "v3")
    found = embedding_versions.find_registered(steps.connection, "v3")
    assert (found.status, found.dropped_at is not None) == ("retired", True)
    assert runs.find_run(steps.connection, "run-3").state == "failed"


def test_a_drop_that_was_cut_off_after_its_mark_is_gone_on_with(steps: Steps) -> None:
    embedding_versions.mark_dropped(steps.connection, "v3", None)
    assert drop_version(steps.connection, "v3") > 0
    assert steps.column("select to_regclass('item_embeddings_v3')") == [None]


def test_a_recipe_of_its_own_leaves_the_lake_whole(steps: Steps, lake: ForgetfulLake) -> None:
    drop_version(steps.connection, "v3", lake_after_days=0)
    assert remove_due_files(steps.connection, lake) == [Removed("v3", 3, ())]
    assert _files(steps, "run-3") == set()
    assert _files(steps, "run-2") == {"vectors", "rows", "manifests"}
    assert remove_due_files(steps.connection, lake) == []


def test_shared_parts_stay_until_the_last_version_of_their_recipe_goes(steps: Steps, lake: ForgetfulLake) -> None:
    _promote(steps, "v2")
    drop_version(steps.connection, "v1", lake_after_days=0)
    (first,) = remove_due_files(steps.connection, lake)
    assert (first.version, first.parts_kept_for) == ("v1", ("v2",))
    assert _files(steps, "run-1") == _files(steps, "run-2") - {"rows", "manifests"} == {"vectors"}
    assert steps.column("select count(*) from pipeline.paid_contents") == [9]
    _promote(steps, "v3")
    drop_version(steps.connection, "v2", lake_after_days=0)
    (second,) = remove_due_files(steps.connection, lake)
    assert (second.version, second.parts_kept_for) == ("v2", ())
    assert _files(steps, "run-1") == _files(steps, "run-2") == set()
    assert steps.column("select count(*) from pipeline.lake_parts") == [0]
    assert _files(steps, "run-3") == {"vectors", "rows", "manifests"}


def test_a_version_dropped_lately_keeps_the_parts_it_shares(steps: Steps, lake: ForgetfulLake) -> None:
    _promote(steps, "v3")
    drop_version(steps.connection, "v1", lake_after_days=0)
    drop_version(steps.connection, "v2")
    (removed,) = remove_due_files(steps.connection, lake)
    assert removed.parts_kept_for == ("v2",)
    assert _files(steps, "run-1") == {"vectors"}


def test_runs_that_only_the_lake_remembers_lose_their_parts_too(steps: Steps, lake: ForgetfulLake) -> None:
    """As after a rebuild into a new database, which knows no run but its own."""
    for key in (part_key("run-9", 0, SHA256), manifest_key("v3", "run-9", 1, 1), rows_key("v3", "run-9", 0, SHA256)):
        lake.create(key, DATA)
    drop_version(steps.connection, "v3", lake_after_days=0)
    assert remove_due_files(steps.connection, lake) == [Removed("v3", 6, ())]
    assert _files(steps, "run-9") == set()
