"""embedding_health: each version at a glance."""

from dataclasses import replace

from catalog_embeddings.domain.enrichment import Checked, Draft, Enrichment, Finding
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.pipeline.register import register_version
from catalog_embeddings.postgres import item_enrichments, runs
from tests.sql.conftest import Shelf


def test_a_version_shows_its_rows_run_letters_and_index(shelf: Shelf) -> None:
    shelf.ask("select set_config('catalog_embeddings.fingerprint', 'fingerprint of v1', false)")
    shelf.ask("update item_embeddings set record_hash = '' where item_id = 'far' returning 1")
    for number, state in enumerate(("verified", "failed", "previewed")):
        runs.open_run(shelf.connection, f"run-{number}", "v1", "a test")
        shelf.ask("update pipeline.runs set state = %s where run_id = %s returning 1", state, f"run-{number}")
    for item, reason, closed in (("a", "empty_text", None), ("b", "empty_text", None), ("c", "text_too_long", "now")):
        shelf.ask(
            "insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason, resolved_at)"
            " values ('v1', %s, 'default', %s, 'plan', %s, %s) returning 1",
            shelf.org,
            item,
            reason,
            closed,
        )
    columns = "rows, mistrusted, last_run_id, last_run_state, dead_letters, index_valid, index_recall, bytes > 0"
    question = f"select {columns} from embedding_health where version = 'v1'"
    assert shelf.ask(question) == [(4, 1, "run-1", "failed", {"empty_text": 2}, None, None, True)]
    shelf.connection.execute("create index on item_embeddings_v1 using hnsw ((vector::halfvec(2)) halfvec_cosine_ops)")
    shelf.ask("update embedding_versions set index_report = '{\"recall_at_10\": 0.98}' returning 1")
    ((*_, valid, recall, _),) = shelf.ask(question)
    assert (valid, round(recall, 2)) == (True, 0.98)


def test_a_version_that_holds_nothing_is_there_and_a_dropped_one_is_not(shelf: Shelf) -> None:
    shelf.version("v2")
    question = "select version, status, rows, first_generated_at, last_run_id, dead_letters from embedding_health"
    assert shelf.ask(question)[1:] == [("v2", "building", 0, None, None, {})]
    shelf.ask("update embedding_versions set status = 'retired', dropped_at = now() where version = 'v2' returning 1")
    assert [row[0] for row in shelf.ask(question)] == ["v1"]


def test_what_was_written_for_a_version_is_told_by_verdict_and_by_rule(shelf: Shelf) -> None:
    spec = replace(
        VersionSpec("emulator", "text-embedding-3-small", 2, "product.v4", "hash", ("title",)),
        enrichment="review.v1",
        enrichment_model="gpt-4.1-mini",
        enrichment_hash="ab" * 32,
    )
    for version, dims in (("v8", 2), ("v9", 3)):
        register_version(shelf.connection, version, replace(spec, dims=dims))
    claim = Finding("numeric_claim", "description", 0, "2 lb", "the record says otherwise")
    twice = Checked("repaired", (claim, replace(claim, start=9), replace(claim, rule="brand")), Draft("A lamp."))
    rows = [
        Enrichment(b"a", Checked("accepted", (), Draft("A desk."))),
        Enrichment(b"b", twice),
        Enrichment(b"c", Checked("rejected", (claim,), None)),
    ]
    item_enrichments.add(shelf.connection, spec, rows, "g1", None)
    item_enrichments.add(shelf.connection, replace(spec, enrichment_model="gpt-5"), rows[:1], "g1", None)
    found = dict(shelf.ask("select version, enrichment from embedding_health"))
    assert found["v1"] is None
    assert (
        found["v8"]
        == found["v9"]
        == {
            "records": 3,
            "accepted": 1,
            "repaired": 1,
            "rejected": 1,
            "rules": {"numeric_claim": 2, "brand": 1},
        }
    )
