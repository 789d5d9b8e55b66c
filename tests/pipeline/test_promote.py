"""Promoting and rolling back: what speaks against it, what is recorded, and what readers see meanwhile."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from catalog_embeddings.domain.promotion import EVERYWHERE, Place
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.promote import promote, rollback, unmet_conditions
from catalog_embeddings.postgres import embedding_versions, runs, version_slices
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.embedding_aliases import active_version
from catalog_embeddings.serving.retriever import Retriever

ORG = UUID(int=1)
SHOES = Place(namespace="shoes")

# By v1 the nearest of `own` is `near`, by v2 it is `far`.
VECTORS: dict[str, dict[str, Sequence[float]]] = {
    "v1": {"own": (1, 0), "near": (4, 1), "middle": (1, 1), "far": (-1, 1)},
    "v2": {"own": (1, 0), "near": (-1, 1), "middle": (1, 1), "far": (4, 1)},
}


def _add(connection: Connection, item: str, *, version: str | None = None, namespace: str = "default") -> None:
    """Put an item into the catalog, and its vector into a version."""
    connection.execute(
        "insert into analytics.catalog_features_raw (org_id, namespace, item_id, title, updated_at)"
        " values (%s, %s, %s, %s, now()) on conflict do nothing",
        [ORG, namespace, item, item],
    )
    if version is None:
        return
    with connection.transaction():
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, true)", [version])
        connection.execute(
            "insert into item_embeddings (org_id, namespace, item_id, version, modality, dims, vector,"
            " record_hash, content_hash, source_updated_at) values (%s, %s, %s, %s, 'text', 2, %s, 'r', 'c', now())",
            [ORG, namespace, item, version, str(list(VECTORS[version].get(item, (0, 1))))],
        )


def _run(connection: Connection, version: str, state: str, run_id: str) -> None:
    runs.open_run(connection, run_id, version, "a test")
    connection.execute("update pipeline.runs set state = %s where run_id = %s", [state, run_id])


def _register(connection: Connection, version: str) -> None:
    spec = VersionSpec("emulator", "text-embedding-3-small", 2, "product.v2", "hash", ("title",))
    embedding_versions.register(connection, version, spec, version)


@pytest.fixture(autouse=True)
def catalog(connection: Connection) -> None:
    """Two versions of four items, both as a verified run leaves them; v1 is active."""
    for version, vectors in VECTORS.items():
        _register(connection, version)
        for item in vectors:
            _add(connection, item, version=version)
        _run(connection, version, "verified", f"run of {version}")
    promote(connection, "v1", EVERYWHERE)


def _unmet(connection: Connection, version: str = "v2", place: Place = EVERYWHERE, drop: float = 0.01) -> list[str]:
    return list(unmet_conditions(connection, embedding_versions.find_version(connection, version), place, drop))


def _statuses(connection: Connection) -> dict[str, str]:
    return {found.version: found.status for found in embedding_versions.all_versions(connection)}


def test_a_fit_version_is_promoted_and_the_one_before_retired(connection: Connection) -> None:
    move = promote(connection, "v2", EVERYWHERE)
    assert (move.version, move.from_version, move.reason, move.forced, move.unmet) == (
        "v2",
        "v1",
        "promoted",
        False,
        (),
    )
    assert active_version(connection) == "v2"
    assert _statuses(connection) == {"v1": "retired", "v2": "active"}


def test_everything_that_speaks_against_it_is_said_at_once_and_nothing_moves(connection: Connection) -> None:
    _register(connection, "v3")
    _compare(connection, "v3", "v1", 0.5, 0.6)
    with pytest.raises(InputError) as refused:
        promote(connection, "v3", EVERYWHERE)
    assert str(refused.value).splitlines() == [
        "version v3 was not promoted:",
        "- 4 of 4 items at * have neither a vector nor a dead letter: "
        "`catalog-embeddings run --version v3` makes them.",
        "- It has never been run: `catalog-embeddings run --version v3`.",
        f"- Its NDCG@10 was 0.500 on {_today(connection)}, that of v1 0.600: more than 0.01 worse.",
        "--force --reason TEXT promotes it anyway",
    ]
    assert active_version(connection) == "v1"
    assert _statuses(connection) == {"v1": "active", "v2": "building", "v3": "building"}


def test_a_version_of_a_slice_is_promoted_with_a_warning(connection: Connection) -> None:
    version_slices.set_slice(connection, "v2", Slice(Decimal(5), "trial"))
    move = promote(connection, "v2", EVERYWHERE, force=True, reason="on purpose")
    assert move.warnings == (
        "Version v2 holds 5% of the catalog: its readers find no other item until "
        "`catalog-embeddings run --version v2 --slice 100%` has made the rest.",
    )
    rollback(connection, EVERYWHERE)
    version_slices.set_slice(connection, "v2", Slice(Decimal(100), "trial"))
    assert promote(connection, "v2", EVERYWHERE).warnings == ()


def test_force_asks_for_a_reason_and_both_are_kept_with_what_was_overridden(connection: Connection) -> None:
    _register(connection, "v3")
    for blank in (None, "", " "):
        with pytest.raises(InputError, match="--force asks for --reason"):
            promote(connection, "v3", EVERYWHERE, force=True, reason=blank)
    move = promote(connection, "v3", EVERYWHERE, force=True, reason="the old model is gone")
    assert len(move.unmet) == 2
    kept = "select reason, forced, unmet from embedding_alias_history order by move_id desc limit 1"
    assert connection.execute(kept).fetchall() == [("the old model is gone", True, list(move.unmet))]
    assert _statuses(connection)["v3"] == "active"


def test_an_item_is_covered_by_a_vector_or_by_an_open_dead_letter(connection: Connection) -> None:
    _add(connection, "late")
    assert _unmet(connection)[0].startswith("1 of 5 items at * have neither a vector nor a dead letter")
    letter = (
        "insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason)"
        " values (%s, %s, 'default', 'late', %s, 'empty_text')"
    )
    # An import refuses a line of a file; the item that the catalog holds is another matter.
    connection.execute(letter, ["*", ORG, "import"])
    assert len(_unmet(connection)) == 1
    connection.execute(letter, ["v2", ORG, "plan"])
    assert _unmet(connection) == []
    connection.execute("update pipeline.dead_letters set resolved_at = now() where version = 'v2'")
    assert len(_unmet(connection)) == 1


def test_only_the_place_itself_has_to_be_covered(connection: Connection) -> None:
    _add(connection, "boot", namespace="shoes")
    assert len(_unmet(connection)) == 1
    assert _unmet(connection, place=Place(namespace="default")) == []
    assert "1 of 1 items at shoes" in _unmet(connection, place=SHOES)[0]
    assert _unmet(connection, place=Place(namespace="shose")) == ["The catalog holds no item at shose."]
    assert _unmet(connection, place=Place(UUID(int=2))) == [f"The catalog holds no item at {UUID(int=2)}/*."]


def test_an_index_is_asked_for_only_where_a_scan_is_slow_and_has_to_be_valid(connection: Connection) -> None:
    fill = (
        "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
        " select %s, 'n' || n, 'v2', 'text', 2, '[1,1]', 'r', 'c' from generate_series(1, %s) as n"
        " on conflict do nothing"
    )
    connection.execute("select set_config('catalog_embeddings.fingerprint', 'v2', false)")
    connection.execute(fill, [ORG, 9_995])
    assert _unmet(connection) == []
    connection.execute(fill, [ORG, 9_996])
    assert _unmet(connection) == ["It holds 10,000 vectors and no vector index: every search would read all of them."]
    connection.execute("create index on item_embeddings_v2 using hnsw ((vector::halfvec(2)) halfvec_cosine_ops)")
    assert _unmet(connection) == []
    # What a concurrent build that fails leaves behind.
    connection.execute(
        "update pg_index set indisvalid = false from pg_class, pg_am"
        " where indexrelid = pg_class.oid and relam = pg_am.oid and amname = 'hnsw'"
    )
    assert "Its vector index is invalid" in _unmet(connection)[0]


def test_the_last_run_has_to_be_verified_whatever_came_before(connection: Connection) -> None:
    _run(connection, "v2", "previewed", "a dry run")
    assert _unmet(connection) == []
    for state in ("failed", "held", "paused", "planned", "leased"):
        _run(connection, "v2", state, f"a run that is {state}")
        assert _unmet(connection) == [
            f"Its last run, a run that is {state}, is {state} and not verified: the view embedding_runs says why."
        ]
    _run(connection, "v2", "verified", "the last")
    assert _unmet(connection) == []


def _compare(connection: Connection, version: str, against: str, ndcg: float | None, other: float | None) -> None:
    connection.execute(
        "insert into embedding_evaluations (version, against, k, ndcg, ndcg_against, report)"
        " values (%s, %s, 10, %s, %s, '{}')",
        [version, against, ndcg, other],
    )


def _today(connection: Connection) -> Any:
    return (connection.execute("select current_date::text").fetchone() or [None])[0]


def test_the_last_judged_comparison_with_what_readers_see_decides(connection: Connection) -> None:
    _register(connection, "v3")
    _compare(connection, "v2", "v3", 0.1, 0.9)
    _compare(connection, "v2", "v1", None, None)
    assert _unmet(connection) == []
    _compare(connection, "v2", "v1", 0.59, 0.6)
    assert _unmet(connection) == []
    assert "0.590" in _unmet(connection, drop=0.009)[0]
    _compare(connection, "v2", "v1", 0.5899, 0.6)
    assert len(_unmet(connection)) == 1
    _compare(connection, "v2", "v1", 0.7, 0.6)
    assert _unmet(connection) == []


def test_a_comparison_of_another_namespace_says_nothing(connection: Connection) -> None:
    _compare(connection, "v2", "v1", 0.1, 0.9)
    connection.execute("update embedding_evaluations set namespace = 'default'")
    assert _unmet(connection) == _unmet(connection, place=Place(ORG)) == []
    assert len(_unmet(connection, place=Place(namespace="default"))) == 1


def test_what_is_active_there_already_or_dropped_is_no_promotion(connection: Connection) -> None:
    with pytest.raises(InputError, match=r"v1 is active at \* already"):
        promote(connection, "v1", EVERYWHERE, force=True, reason="again")
    embedding_versions.mark_dropped(connection, "v2", None)
    with pytest.raises(InputError, match="v2 was dropped"):
        promote(connection, "v2", EVERYWHERE, force=True, reason="a slip of the pen")
    assert active_version(connection) == "v1"


def test_a_rollback_says_how_far_behind_the_version_is(connection: Connection) -> None:
    promote(connection, "v2", EVERYWHERE)
    _add(connection, "came", version="v2")
    connection.execute(
        "update analytics.catalog_features_raw set updated_at = now() + interval '1 minute' where item_id = 'near'"
    )
    # A feed's placeholder says nothing.
    connection.execute("update analytics.catalog_features_raw set updated_at = 'infinity' where item_id = 'far'")
    move, behind = rollback(connection, EVERYWHERE)
    assert (move.version, move.from_version) == ("v1", "v2")
    assert (behind.came, behind.rewritten) == (1, 1)
    written = connection.execute("select max(generated_at) from item_embeddings where version = 'v1'").fetchone()
    assert written == (behind.last_generated_at,)
    assert _statuses(connection) == {"v1": "active", "v2": "retired"}


def test_a_rollback_to_what_was_dropped_or_never_was_changes_nothing(connection: Connection) -> None:
    with pytest.raises(InputError, match="there is none to go back to"):
        rollback(connection, EVERYWHERE)
    promote(connection, "v2", EVERYWHERE)
    embedding_versions.mark_dropped(connection, "v1", None)
    with pytest.raises(InputError, match="version v1 was dropped"):
        rollback(connection, EVERYWHERE)
    assert active_version(connection) == "v2"
    assert _statuses(connection) == {"v1": "retired", "v2": "active"}


def test_of_two_promotions_at_once_the_second_starts_from_the_first(connection: Connection, database_url: str) -> None:
    _register(connection, "v3")
    with connect(database_url) as one, connect(database_url) as other, ThreadPoolExecutor(2) as pool:
        moves = list(
            pool.map(
                lambda each: promote(each[0], each[1], EVERYWHERE, force=True, reason="at once"),
                [(one, "v2"), (other, "v3")],
            )
        )
    first, second = sorted(moves, key=lambda move: move.moved_at)
    assert (first.from_version, second.from_version) == ("v1", first.version)
    assert active_version(connection) == second.version
    assert Counter(_statuses(connection).values()) == {"active": 1, "retired": 2}


def _read(database_url: str, times: int) -> Counter[str]:
    """Ask again and again; whose answer each was. An answer that is neither version's is an error."""
    answers: Counter[str] = Counter()
    by_answer: dict[tuple[str, ...], str] = {("near", "middle", "far"): "v1", ("far", "middle", "near"): "v2"}
    question = "select array_agg(distinct version), count(*) from active_item_embeddings"
    with connect(database_url) as connection:
        retriever = Retriever(connection)
        for number in range(times):
            if number % 2:
                answers[by_answer[tuple(hit.item_id for hit in retriever.similar("own", 3))]] += 1
            else:
                versions, items = connection.execute(question).fetchone() or ([], 0)
                assert items == 4
                (version,) = versions
                answers[version] += 1
    return answers


def test_readers_never_see_an_error_or_a_mix_while_the_pointer_moves(connection: Connection, database_url: str) -> None:
    done = Event()

    def move() -> int:
        moves = 0
        with connect(database_url) as own:
            while not done.is_set():
                promote(own, "v2", EVERYWHERE)
                rollback(own, EVERYWHERE)
                moves += 2
        return moves

    with ThreadPoolExecutor(5) as pool:
        moving = pool.submit(move)
        readers = [pool.submit(_read, database_url, 500) for _ in range(4)]
        try:
            answers = sum((reader.result() for reader in readers), Counter[str]())
        finally:
            done.set()
        assert moving.result() > 10
    assert answers.total() == 2_000
    assert min(answers["v1"], answers["v2"]) > 0
