"""embedding_coverage: of each version, org and namespace what is held, excused, missing and outdated."""

from decimal import Decimal

from tests.sql.conftest import Shelf

COLUMNS = "version, namespace, items, held, dead, missing, stale, share"


def _rows(shelf: Shelf) -> list[tuple]:
    return shelf.ask(f"select {COLUMNS} from embedding_coverage order by version, org_id, namespace")


def _letter(shelf: Shelf, item: str, version: str, stage: str) -> None:
    shelf.ask(
        "insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason)"
        " values (%s, %s, 'default', %s, %s, 'empty_text') returning 1",
        version,
        shelf.org,
        item,
        stage,
    )


def test_every_version_is_held_against_the_catalog(shelf: Shelf) -> None:
    shelf.version("v2")
    shelf.item("own", [1, 0], version="v2")
    shelf.item("boot", namespace="shoes", org=shelf.other_org)
    assert _rows(shelf) == [
        ("v1", "default", 4, 4, 0, 0, 0, Decimal("1.0000")),
        ("v1", "shoes", 1, 0, 0, 1, 0, Decimal("0.0000")),
        ("v2", "default", 4, 1, 0, 3, 0, Decimal("0.2500")),
        ("v2", "shoes", 1, 0, 0, 1, 0, Decimal("0.0000")),
    ]


def test_an_open_letter_excuses_an_item_once_and_only_one_without_a_vector(shelf: Shelf) -> None:
    for item in ("dead", "refused", "of_import", "of_another"):
        shelf.item(item)
    _letter(shelf, "dead", "v1", "plan")
    _letter(shelf, "dead", "v1", "embed")
    _letter(shelf, "refused", "*", "plan")
    _letter(shelf, "of_import", "*", "import")
    _letter(shelf, "of_another", "v2", "plan")
    _letter(shelf, "own", "v1", "plan")
    assert _rows(shelf) == [("v1", "default", 8, 4, 2, 2, 0, Decimal("0.5000"))]


def test_what_left_the_catalog_or_cannot_be_an_item_does_not_count(shelf: Shelf) -> None:
    shelf.remove("far")
    shelf.item("")
    shelf.item("no_namespace", namespace="")
    assert _rows(shelf) == [("v1", "default", 3, 3, 0, 0, 0, Decimal("1.0000"))]


def test_an_item_that_the_feed_wrote_since_is_stale(shelf: Shelf) -> None:
    shelf.ask("select set_config('catalog_embeddings.fingerprint', 'fingerprint of v1', false)")
    shelf.ask("update item_embeddings set source_updated_at = '2026-05-01' where item_id <> 'far' returning 1")
    for item, written in (("own", "2026-05-01"), ("near", "2026-05-02"), ("nearer", "infinity"), ("far", "2026-05-01")):
        shelf.ask(
            "update analytics.catalog_features_raw set updated_at = %s where item_id = %s returning 1", written, item
        )
    assert [row[-2] for row in _rows(shelf)] == [1]


def test_a_version_on_trial_is_held_against_its_slice_alone(shelf: Shelf) -> None:
    shelf.version("v2")
    for number in range(40):
        shelf.item(f"item-{number}")
    shelf.ask("insert into embedding_version_slices values ('v2', 5000, 'salt') returning 1")
    drawn = "select item_id from analytics.catalog_features_raw where slice_bucket(org_id, item_id, 'salt') < 5000"
    items = [item for (item,) in shelf.ask(drawn)]
    assert 10 < len(items) < 34
    for item in items[1:]:
        shelf.item(item, [1, 0], version="v2")
    assert [row[2:6] for row in _rows(shelf)] == [(44, 4, 0, 40), (len(items), len(items) - 1, 0, 1)]


def test_a_dropped_version_is_left_out(shelf: Shelf) -> None:
    shelf.version("v2")
    shelf.ask("update embedding_versions set status = 'retired', dropped_at = now() where version = 'v2' returning 1")
    assert [row[0] for row in _rows(shelf)] == ["v1"]
