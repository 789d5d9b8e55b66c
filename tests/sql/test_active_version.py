"""active_version: which version a reader of an org and a namespace sees."""

from tests.sql.conftest import Shelf


def test_the_org_goes_before_the_namespace_and_both_before_everybody(shelf: Shelf) -> None:
    for version in ("v2", "v3", "v4"):
        shelf.version(version)
    shelf.activate("v2", namespace="shoes")
    shelf.activate("v3", org_id=shelf.org)
    shelf.activate("v4", org_id=shelf.org, namespace="shoes")
    asked = "select active_version(%s, %s)"
    assert shelf.ask("select active_version()") == [("v1",)]
    assert shelf.ask(asked, None, "shoes") == [("v2",)]
    assert shelf.ask(asked, shelf.org, "*") == [("v3",)]
    assert shelf.ask(asked, shelf.org, "books") == [("v3",)]
    assert shelf.ask(asked, shelf.org, "shoes") == [("v4",)]
    assert shelf.ask(asked, shelf.other_org, "shoes") == [("v2",)]


def test_modalities_have_pointers_of_their_own(shelf: Shelf) -> None:
    assert shelf.ask("select active_version(for_modality => 'image')") == [(None,)]
