"""The table run_enrichments: a list is fixed as a whole, and its shards are done one by one."""

from dataclasses import replace

import pytest

from catalog_embeddings.domain.enrichment import Checked, Draft, Enrichment
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.postgres import item_enrichments, run_enrichments, runs
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_enrichments import EnrichmentShard

SHARDS = [EnrichmentShard(0, "list", 500), EnrichmentShard(1, "list", 20)]


@pytest.fixture
def asking(spec: VersionSpec) -> VersionSpec:
    return replace(spec, enrichment="review.v1", enrichment_model="gpt-4.1-mini", enrichment_hash="cd" * 32)


def test_a_record_is_wanted_once_and_what_is_enriched_is_said(connection: Connection, asking: VersionSpec) -> None:
    stored = Enrichment(b"lamp", Checked("accepted", (), Draft("A lamp.")))
    item_enrichments.add(connection, asking, [stored], "g1", None)
    with connection.transaction():
        run_enrichments.begin_worklist(connection)
        assert run_enrichments.add_wanted(connection, asking, [b"lamp", b"desk"]) == {b"lamp": True, b"desk": False}
        assert run_enrichments.add_wanted(connection, asking, [b"desk", b"sofa"]) == {b"sofa": False}
    with connection.transaction():
        run_enrichments.begin_worklist(connection)
        other = replace(asking, enrichment_model="gpt-5")
        assert run_enrichments.add_wanted(connection, other, [b"lamp"]) == {b"lamp": False}


def test_a_later_list_takes_the_place_of_an_earlier_one(connection: Connection, lease: Lease) -> None:
    run_enrichments.set_worklist(connection, lease.run_id, SHARDS, {"calls": 520})
    run_enrichments.mark_enriched(connection, lease.run_id, 0)
    assert run_enrichments.pending(connection, lease.run_id) == [SHARDS[1]]
    again = [replace(SHARDS[1], number=0, worklist_id="another")]
    run_enrichments.set_worklist(connection, lease.run_id, again, {"calls": 20})
    assert run_enrichments.pending(connection, lease.run_id) == again
    assert runs.find_run(connection, lease.run_id).enrichment == {"calls": 20}
