"""The commands ``versions``: list, promote, roll back, drop."""

import io
from collections.abc import Callable

import pytest

from tests.cli.conftest import Ended, World


def test_versions_are_listed(world: World, cli: Callable[..., Ended]) -> None:
    created = cli("versions", "create", "v2", "--dims", "8", "--template", "product.v1", "--json")
    assert created.code == 0
    assert (created.answer["version"], created.answer["status"]) == ("v2", "building")
    listed = cli("versions", "list", "--json").answer["versions"]
    assert [(row["version"], row["active"], row["places"], row["status"], row["dims"]) for row in listed] == [
        ("v1", True, ["*"], "active", 512),
        ("v2", False, [], "building", 8),
    ]
    assert listed[1] | {"fingerprint": ""} == {
        "version": "v2",
        "status": "building",
        "active": False,
        "places": [],
        "provider": "emulator",
        "model": "text-embedding-3-large",
        "dims": 8,
        "template": "product.v1",
        "enrichment": None,
        "fingerprint": "",
        "dropped_at": None,
    }
    assert created.answer["fingerprint"].startswith(listed[1]["fingerprint"])
    shown = cli("versions", "list")
    assert "text-embedding-3-large" in shown.out


def _fill(world: World, version: str) -> None:
    """Give a version what v1 holds, as a verified run would."""
    world.connection.execute(
        "select set_config('catalog_embeddings.fingerprint', fingerprint, false) from embedding_versions"
        " where version = %s",
        [version],
    )
    for statement in (
        "insert into item_embeddings select org_id, item_id, namespace, %s, modality, dims, vector, record_hash,"
        " content_hash, source_updated_at, generated_at from item_embeddings where version = 'v1'",
        "insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason)"
        " select %s, org_id, namespace, item_id, stage, reason from pipeline.dead_letters where version = 'v1'",
        "insert into pipeline.runs (run_id, version, state, started_by) values ('filled', %s, 'verified', 'a test')",
    ):
        world.connection.execute(statement.encode(), [version])


@pytest.fixture
def second(world: World, cli: Callable[..., Ended]) -> str:
    """The version v2, as fit to be read as v1 is."""
    assert cli("versions", "create", "v2", "--template", "product.v1", "--json").code == 0
    _fill(world, "v2")
    return "v2"


def test_a_version_is_promoted_and_rolled_back(world: World, cli: Callable[..., Ended], second: str) -> None:
    promoted = cli("versions", "promote", "v2", "--json")
    assert (promoted.code, promoted.err) == (0, "")
    assert promoted.answer | {"moved_at": "", "moved_by": ""} == {
        "version": "v2",
        "from_version": "v1",
        "org_id": None,
        "namespace": "*",
        "moved_at": "",
        "moved_by": "",
        "reason": "promoted",
        "forced": False,
        "unmet": [],
        "warnings": [],
    }
    assert promoted.answer["moved_by"] == world.ask("select current_user")[0][0]
    listed = cli("versions", "list", "--json").answer["versions"]
    assert [(row["version"], row["places"], row["status"]) for row in listed] == [
        ("v1", [], "retired"),
        ("v2", ["*"], "active"),
    ]
    back = cli("versions", "rollback", "--json").answer
    assert (back["version"], back["from_version"]) == ("v1", "v2")
    assert (back["behind"]["came"], back["behind"]["rewritten"]) == (0, 0)
    assert back["behind"]["last_generated_at"]
    nothing = cli("versions", "rollback", "--json")
    assert (nothing.code, nothing.out) == (2, "")
    assert "v1 is the first version that was promoted at *: there is none to go back to" in nothing.err


def test_a_person_is_told_who_moved_what_and_how_stale_it_is(
    world: World, cli: Callable[..., Ended], second: str
) -> None:
    shown = cli("versions", "promote", "v2", "--namespace", "default", "--reason", "a [bold] guess")
    assert "Readers of default see v2, and saw v1 before. postgres, 20" in shown.out
    assert "a [bold] guess" in shown.out
    assert "default" in cli("versions", "list").out
    world.connection.execute("update analytics.catalog_features_raw set updated_at = now() where item_id = 'lamp'")
    world.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title)"
        " select org_id, 'sofa', 'Sofa' from analytics.catalog_features_raw where item_id = 'lamp'"
    )
    back = cli("versions", "rollback", "--namespace", "default")
    assert "Readers of default see v1, and saw v2 before." in back.out
    assert "It lacks 1 items that came, and 1 were written again by the feed since" in back.out


def test_what_speaks_against_a_promotion_is_said_and_can_be_overridden_with_a_reason(
    world: World, cli: Callable[..., Ended]
) -> None:
    cli("versions", "create", "v2", "--json")
    refused = cli("versions", "promote", "v2", "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "- 5 of 5 items at * have neither a vector nor a dead letter" in refused.err
    assert "- It has never been run" in refused.err
    assert "--force asks for --reason" in cli("versions", "promote", "v2", "--force").err
    forced = cli("versions", "promote", "v2", "--force", "--reason", "a drill", "--json").answer
    assert (forced["forced"], forced["reason"], len(forced["unmet"])) == (True, "a drill", 2)
    assert world.ask("select version from embedding_aliases") == [("v2",)]


def test_a_version_is_dropped_once_it_was_agreed_to(
    world: World, cli: Callable[..., Ended], second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for said in ("n\n", ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        refused = cli("versions", "drop", "v2")
        assert (refused.code, refused.out.strip()) == (1, "")
        assert "The vectors of version v2 will be gone from Postgres. Drop it?" in refused.err
    assert world.ask("select count(*) from item_embeddings where version = 'v2'") == [(4,)]
    refused = cli("versions", "drop", "v1", "--yes", "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "readers see version v1 (*): promote another there first" in refused.err
    dropped = cli("versions", "drop", "v2", "--yes", "--json").answer
    assert dropped["bytes_freed"] > 0
    assert (dropped["lake_removed_at"], dropped["removed"]) == (None, [])
    assert dropped["lake_due_at"] > dropped["dropped_at"]
    shown = cli("versions", "drop", "v2", "--yes", "--lake-after-days", "0")
    assert "Version v2 is dropped: 0 bytes of disk are free." in shown.out
    assert "0 files of v2 left the lake" in shown.out
    assert cli("versions", "list", "--json").answer["versions"][1]["dropped_at"]
    gone = cli("plan", "--version", "v2", "--json")
    assert (gone.code, "version v2 was dropped" in gone.err) == (2, True)
