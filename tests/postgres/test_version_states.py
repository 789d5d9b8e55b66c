"""States of versions: the sums of the views, and an unknown price that stays unknown."""

from decimal import Decimal

import pytest
from psycopg.types.json import Jsonb

from catalog_embeddings.domain.comparison import NeighbourOverlap
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.postgres import embedding_versions, runs, version_slices
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.version_states import overlap_of, state_of

PLACES = (("00000000-0000-4000-8000-000000000001", "home"), ("00000000-0000-4000-8000-000000000002", "garden"))


@pytest.fixture(autouse=True)
def filled(connection: Connection, version: EmbeddingVersion) -> None:
    """Three items in each of two places; v1 holds all but one, of which a dead letter tells."""
    connection.execute("select set_config('catalog_embeddings.fingerprint', %s, false)", [version.fingerprint])
    for org, namespace in PLACES:
        for number in range(3):
            item = (org, namespace, f"n{number}")
            connection.execute(
                "insert into analytics.catalog_features_raw (org_id, namespace, item_id) values (%s, %s, %s)", item
            )
            if item == (*PLACES[0], "n2"):
                connection.execute(
                    "insert into pipeline.dead_letters (org_id, namespace, item_id, version, stage, reason)"
                    " values (%s, %s, %s, 'v1', 'plan', 'empty_text')",
                    item,
                )
                continue
            connection.execute(
                "insert into item_embeddings (org_id, namespace, item_id, version, modality, dims, vector, record_hash,"
                " content_hash) values (%s, %s, %s, 'v1', 'text', 4, %s, 'r', 'c')",
                [*item, str([1, number, 0, 0])],
            )


def _run(connection: Connection, state: str, price_usd: float | None, tokens: int) -> None:
    run_id = f"run {state} {price_usd} {tokens}"
    runs.open_run(connection, run_id, "v1", "a test")
    connection.execute(
        "update pipeline.runs set state = %s, summary = %s where run_id = %s",
        [state, Jsonb({"price_usd": price_usd}), run_id],
    )
    connection.execute(
        "insert into pipeline.run_shards (run_id, shard, texts, requests, tokens) values (%s, 0, 1, 2, %s)",
        [run_id, tokens],
    )


def test_a_state_adds_up_places_and_runs(connection: Connection) -> None:
    _run(connection, "verified", 0.25, 100)
    _run(connection, "failed", 0.5, 10)
    _run(connection, "previewed", 9.0, 1_000)
    state = state_of(connection, "v1")
    assert (state.version, state.status, state.slice, state.rows) == ("v1", "building", "100%", 5)
    assert (state.items, state.held, state.dead, state.missing, state.stale) == (6, 5, 1, 0, 0)
    assert (state.runs, state.requests, state.tokens, state.price_usd) == (2, 4, 110, 0.75)
    assert (state.index_valid, state.index_recall) == (None, None)
    assert state.bytes > 0
    assert state.last_generated_at is not None


def test_what_was_never_run_has_cost_nothing(connection: Connection, spec: VersionSpec) -> None:
    embedding_versions.register(connection, "v2", spec, "fingerprint of v2")
    version_slices.set_slice(connection, "v2", Slice(Decimal(5), "trial"))
    state = state_of(connection, "v2")
    assert (state.rows, state.runs, state.tokens, state.price_usd, state.last_generated_at) == (0, 0, 0, 0, None)
    assert state.slice == "5%"


def test_a_price_that_is_unknown_of_a_run_is_unknown_of_the_version(connection: Connection) -> None:
    _run(connection, "verified", 0.25, 100)
    _run(connection, "verified", None, 0)
    assert state_of(connection, "v1").price_usd == 0.25
    _run(connection, "verified", None, 7)
    assert state_of(connection, "v1").price_usd is None


def test_what_is_no_version_has_no_state(connection: Connection) -> None:
    with pytest.raises(LookupError, match="v9"):
        state_of(connection, "v9")


def test_the_overlap_is_a_mean_over_the_sample(connection: Connection, spec: VersionSpec) -> None:
    embedding_versions.register(connection, "v2", spec, "fingerprint of v2")
    assert overlap_of(connection, "v1", "v2", 1, 50) == NeighbourOverlap(k=1, sample=0, overlap=None)
    connection.execute("select set_config('catalog_embeddings.fingerprint', 'fingerprint of v2', false)")
    connection.execute(
        "insert into item_embeddings (org_id, namespace, item_id, version, modality, dims, vector, record_hash,"
        " content_hash) select org_id, namespace, item_id, 'v2', modality, dims, vector, 'r', 'c' from item_embeddings"
    )
    assert overlap_of(connection, "v1", "v2", 1, 50) == NeighbourOverlap(k=1, sample=5, overlap=1.0)
