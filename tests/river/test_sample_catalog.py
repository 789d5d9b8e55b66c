"""The sample catalog through the whole river, and what a user sees of it."""

from collections import Counter
from typing import Any

from catalog_embeddings.pipeline.import_catalog import ImportOptions
from catalog_embeddings.resources import SAMPLE_CATALOG
from tests.river.conftest import River


def test_the_sample_catalog_goes_through_and_neighbours_are_what_a_person_expects(
    river: River, expected_neighbours: dict[str, list[dict[str, Any]]]
) -> None:
    river.bring(SAMPLE_CATALOG, ImportOptions())

    first = river.run()

    assert (first["state"], first["loaded"], first["dead"], first["unresolved"]) == ("verified", 296, 4, 0)
    assert first["planned"] == first["loaded"] + first["dead"]
    # Six pairs of items share their text: each text is paid for once, and both items get their row.
    assert first["paid"] == first["embedded"] == 290
    assert first["calls"] == 3
    reasons = river.connection.execute("select reason from pipeline.dead_letters").fetchall()
    assert Counter(reason for (reason,) in reasons) == {"empty_text": 2, "attributes_not_object": 2}

    for check in expected_neighbours["sample"]:
        found = river.neighbours(check["item_id"], check["of"])
        alike = [hit for hit in found if hit["category"] == check["expect_category"]]
        assert len(alike) >= check["at_least"], (check, found)

    rows = river.fingerprint_of_rows()
    second = river.run()
    assert (second["planned"], second["calls"], second["state"]) == (0, 0, "verified")
    assert river.fingerprint_of_rows() == rows
    # What failed stays dead until its record changes: it is not tried again every night.
    assert river.one("select sum(attempts) from pipeline.dead_letters") == 4

    river.connection.execute(
        "update analytics.catalog_features_raw set title = 'Hand mixer', attributes = '{}'"
        " where item_id = 'mixer-knetta-hand'"
    )
    third = river.run()
    assert (third["planned"], third["paid"], third["loaded"]) == (1, 1, 1)
    assert river.one("select count(*) from pipeline.dead_letters where resolved_at is null") == 3
