"""Embedding: each distinct text is paid for once, whatever happens on the way, and no item pays for another."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.emulator.vectors import hashed
from catalog_embeddings.errors import RunFenced, RunPaused
from catalog_embeddings.inference.endpoint import CANARY
from catalog_embeddings.lake.parts import read_part
from catalog_embeddings.lake.texts import read_texts
from catalog_embeddings.pipeline.ask import Shard
from catalog_embeddings.pipeline.embed import embed_shard
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.postgres import dead_letters, leases, run_plan, runs
from catalog_embeddings.postgres.connection import connect
from tests.pipeline.conftest import WORDS, Steps

EMBEDDABLE = ["chair", "desk", "kettle", "lamp", "rug", "stove", "tent", "twin_a", "twin_b", "vase"]
ONE_BY_ONE = Limits(batch_size=1, parallelism=1)
# A request that ends well, in a script of faults: it waits for no time worth mentioning.
PASS = {"stall_s": 0.001}
QUOTA = {"kind": "insufficient_quota"}


def _planned(steps: Steps) -> Lease:
    lease = steps.lease()
    steps.plan(lease)
    return lease


def _as_if_crashed_before_the_index(steps: Steps) -> None:
    """The parts are in the lake, and the database has heard of none of them."""
    for statement in (
        "delete from pipeline.lake_parts",
        "delete from pipeline.load_packages",
        "delete from item_embeddings",
        "update pipeline.run_texts set outcome = null",
        "update pipeline.run_shards set state = 'planned', embedded = 0, reused = 0, loaded = 0",
    ):
        steps.connection.execute(statement.encode())


def test_every_item_of_a_text_gets_its_vector_and_each_text_is_paid_once(steps: Steps) -> None:
    [counts] = steps.embed(_planned(steps))
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (9, 0)
    tokens = steps.emulator.stats()["prompt_tokens"]
    assert counts == {
        "texts": 9,
        "embedded": 9,
        "reused": 0,
        "loaded": 10,
        "requests": 1,
        "retries": 0,
        "tokens": tokens,
    }
    assert steps.column("select count(distinct vector::text) from item_embeddings where item_id like 'twin%'") == [1]


def test_the_vector_belongs_to_the_text(steps: Steps) -> None:
    steps.limits = Limits(batch_size=2, parallelism=3)
    lease = _planned(steps)
    texts = {
        text.content_hash: text.chunks[0]
        for text in read_texts(steps.lake, runs.find_run(steps.connection, "run-1").plan_id or "", 0)
    }
    steps.embed(lease)
    rows = steps.ask("select content_hash, vector::real[] from item_embeddings")
    wanted = hashed([texts[content_hash] for content_hash, _ in rows], 16).astype(np.float16)
    assert (np.array([vector for _, vector in rows], dtype=np.float16) == wanted).all()


def test_every_row_has_its_part_in_the_lake_hash_verified(steps: Steps) -> None:
    steps.limits = Limits(batch_size=2, parallelism=3)
    steps.embed(_planned(steps))
    rows = steps.ask(
        "select content_hash, part_key, sha256, vector::real[], bytes from item_embeddings"
        " left join pipeline.paid_contents using (content_hash) left join pipeline.lake_parts using (part_key)"
    )
    assert len(rows) == 10
    for content_hash, part_key, sha256, vector, size in rows:
        data = (steps.lake_folder / part_key).read_bytes()
        assert hashlib.sha256(data).digest() == sha256
        assert len(data) == size
        part = read_part(steps.lake, part_key)
        stored = part.vectors[part.content_hashes.index(content_hash)].astype(np.float16)
        assert (np.array(vector, dtype=np.float16) == stored).all()


def test_no_more_than_the_parallelism_is_ever_in_flight(steps: Steps) -> None:
    items = tuple(f"bulk-{number}" for number in range(30))
    for item in items:
        steps.put(item, title=f"A bulky thing called {item}")
    steps.found(new=items)
    steps.limits = Limits(batch_size=1, parallelism=10)
    steps.emulator.faults(latency_s=0.3)
    steps.embed(_planned(steps))
    assert steps.emulator.stats()["max_in_flight"] == 10
    assert steps.paid() == (30, 0)


def test_quota_pauses_and_the_next_run_pays_only_for_the_rest(steps: Steps) -> None:
    steps.limits = ONE_BY_ONE
    lease = _planned(steps)
    steps.emulator.faults(fail_next=[PASS, PASS, PASS, QUOTA])
    with pytest.raises(RunPaused, match="quota is used up"):
        steps.embed(lease)
    paid, _ = steps.paid()
    assert 3 <= paid < 9
    assert len(steps.parts()) == paid
    assert len(set(steps.column("select content_hash from item_embeddings"))) == paid
    assert run_plan.pending_shards(steps.connection, "run-1") == [0]
    assert {letter.stage for letter in dead_letters.open_letters(steps.connection)} == {"plan"}
    [counts] = steps.embed(lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (9, 0)
    assert (counts["embedded"], counts["reused"], counts["loaded"]) == (9, 0, 10)
    assert run_plan.pending_shards(steps.connection, "run-1") == []


def test_what_is_in_flight_when_another_request_fails_is_kept(steps: Steps) -> None:
    steps.limits = Limits(batch_size=1, parallelism=4)
    lease = _planned(steps)
    steps.emulator.faults(fail_next=[QUOTA | {"stall_s": 0.5}, {"stall_s": 1}, {"stall_s": 1}, {"stall_s": 1}])
    with pytest.raises(RunPaused):
        steps.embed(lease)
    assert steps.emulator.stats()["in_flight"] == 0
    paid, _ = steps.paid()
    assert paid >= 3
    assert len(set(steps.column("select content_hash from item_embeddings"))) == paid
    steps.embed(lease)
    assert steps.paid() == (9, 0)


def test_a_database_that_dies_in_mid_shard_costs_nothing_twice(steps: Steps) -> None:
    steps.limits = Limits(batch_size=1, parallelism=4)
    lease = _planned(steps)
    steps.emulator.faults(latency_s=0.3)
    doomed = connect(steps.database_url)
    with ThreadPoolExecutor(1) as pool:
        shard = pool.submit(steps.embed, lease, doomed)
        while not steps.emulator.stats()["in_flight"]:
            time.sleep(0.01)
        steps.connection.execute("select pg_terminate_backend(%s, 5000)", [doomed.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            shard.result()
        # Whoever is told of the failure may start again at once: nothing of the first attempt goes on behind it.
        assert steps.emulator.stats()["in_flight"] == 0
    paid, _ = steps.paid()
    assert 0 < paid == len(steps.parts())
    assert steps.loaded() == []
    steps.emulator.faults(latency_s=0)
    steps.embed(lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (9, 0)


def test_parts_that_a_crash_left_unindexed_are_adopted(steps: Steps) -> None:
    steps.limits = Limits(batch_size=4, parallelism=1)
    lease = _planned(steps)
    steps.embed(lease)
    index = "select part_key, sha256, vectors, bytes from pipeline.lake_parts order by part_key"
    indexed = steps.ask(index)
    _as_if_crashed_before_the_index(steps)
    [counts] = steps.embed(lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (9, 0)
    assert (counts["embedded"], counts["reused"], counts["loaded"]) == (0, 9, 10)
    assert steps.ask(index) == indexed


def test_a_torn_part_is_not_adopted(steps: Steps) -> None:
    lease = _planned(steps)
    steps.embed(lease)
    whole = steps.parts()[0]
    _as_if_crashed_before_the_index(steps)
    whole.rename(whole.with_stem("ab" * 32))
    steps.parts()[0].write_bytes(steps.parts()[0].read_bytes()[:-20])
    steps.embed(lease)
    assert steps.loaded() == EMBEDDABLE
    assert steps.paid() == (18, 9)
    assert steps.column("select part_key from pipeline.lake_parts") == [whole.relative_to(steps.lake_folder).as_posix()]


def _lose(part: Path) -> None:
    part.unlink()


def _damage(part: Path) -> None:
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)


@pytest.mark.parametrize("happens", [_lose, _damage])
def test_a_part_that_is_lost_or_damaged_is_paid_for_again(steps: Steps, happens: Any) -> None:
    steps.limits = Limits(batch_size=4, parallelism=1)
    steps.run("run-1")
    bad = steps.parts()[0]
    texts = len(read_part(steps.lake, bad.relative_to(steps.lake_folder).as_posix()).content_hashes)
    happens(bad)
    steps.connection.execute("delete from item_embeddings")
    steps.found(new=tuple(EMBEDDABLE))
    again = steps.run("run-2")
    assert steps.loaded() == EMBEDDABLE
    assert (again.embedded, again.reused) == (texts, 9 - texts)
    assert steps.paid() == (9 + texts, texts)
    known = set(steps.column("select part_key from pipeline.lake_parts"))
    assert known == {part.relative_to(steps.lake_folder).as_posix() for part in steps.parts()} - (
        {bad.relative_to(steps.lake_folder).as_posix()} if bad.exists() else set()
    )


def test_what_earlier_runs_made_of_a_lost_part_is_made_anew_by_the_next(steps: Steps) -> None:
    steps.limits = Limits(batch_size=4, parallelism=1)
    steps.run("run-1")
    bad = steps.parts()[0]
    key = bad.relative_to(steps.lake_folder).as_posix()
    lost = set(read_part(steps.lake, key).content_hashes)
    bad.unlink()
    made_of_it = "select item_id, title from item_embeddings join analytics.catalog_features_raw"
    rows = steps.ask(
        f"{made_of_it} using (org_id, namespace, item_id) where content_hash = any(%s) order by item_id", list(lost)
    )
    # Another item asks for one of its texts, and only so it comes out.
    steps.put("copy", title=next(title for item, title in rows if item not in {"desk", "lamp"}))
    steps.found(new=("copy",))
    steps.run("run-2")
    mistrusted = steps.column("select item_id from item_embeddings where record_hash = '' order by item_id")
    assert mistrusted == [item for item, _ in rows]


def test_a_text_that_another_run_paid_for_is_never_sent(steps: Steps) -> None:
    steps.run("run-1")
    steps.connection.execute("delete from item_embeddings")
    steps.put("third_twin", title="Gemini candle holder")
    steps.found(new=("third_twin", "lamp"))
    again = steps.run("run-2")
    assert steps.loaded() == ["lamp", "third_twin"]
    assert (again.embedded, again.reused, again.requests) == (0, 2, 0)
    assert steps.paid() == (9, 0)


def test_a_poison_item_is_found_by_halving_and_the_others_load(steps: Steps) -> None:
    steps.emulator.faults(poison=["Marrowby"])
    lease = _planned(steps)
    [counts] = steps.embed(lease)
    assert steps.loaded() == [item for item in EMBEDDABLE if item != "chair"]
    assert counts["embedded"] == 8
    assert steps.paid()[1] == 0
    [letter] = [letter for letter in dead_letters.open_letters(steps.connection) if letter.stage == "embed"]
    assert (letter.item_id, letter.reason, letter.version) == ("chair", "refused_by_api", "v1")
    assert run_plan.pending_shards(steps.connection, "run-1") == []


def test_every_item_of_a_poisoned_text_is_dead(steps: Steps) -> None:
    steps.emulator.faults(poison=["Gemini"])
    steps.embed(_planned(steps))
    dead = [letter.item_id for letter in dead_letters.open_letters(steps.connection) if letter.stage == "embed"]
    assert dead == ["twin_a", "twin_b"]


@pytest.mark.parametrize("batch_size", [1, 128])
def test_many_poison_items_are_believed_when_a_plain_sentence_passes(steps: Steps, batch_size: int) -> None:
    steps.limits = Limits(batch_size=batch_size, parallelism=1)
    steps.emulator.faults(poison=["Marrowby", "Emberline", "Tarnside", "Brassica", "Ollivander", "Thistledown"])
    steps.embed(_planned(steps))
    assert steps.loaded() == ["desk", "lamp", "twin_a", "twin_b"]
    dead = {letter.item_id for letter in dead_letters.open_letters(steps.connection) if letter.stage == "embed"}
    assert dead == {"chair", "stove", "tent", "kettle", "vase", "rug"}


@pytest.mark.parametrize(("batch_size", "changed"), [(1, 9), (128, 9), (2, 2), (128, 1)])
def test_a_system_that_refuses_everything_makes_no_dead_letters(steps: Steps, batch_size: int, changed: int) -> None:
    steps.limits = Limits(batch_size=batch_size, parallelism=1)
    steps.found(new=tuple(EMBEDDABLE[:changed]))
    lease = _planned(steps)
    steps.emulator.faults(poison=[" "])
    assert " " in CANARY
    with pytest.raises(RunPaused, match="the API refuses even a plain sentence"):
        steps.embed(lease)
    assert dead_letters.open_letters(steps.connection) == []
    assert steps.loaded() == []
    steps.emulator.faults(poison=[])
    steps.embed(lease)
    assert steps.loaded() == EMBEDDABLE[:changed]


def test_a_superseded_worker_changes_nothing(steps: Steps) -> None:
    lease = _planned(steps)
    steps.connection.execute("select pg_advisory_unlock_all()")
    runs.open_run(steps.connection, "run-2", "v1", "a test")
    with connect(steps.database_url) as usurper:
        leases.take(usurper, "v1", "run-2", "another", 0.0)
        with pytest.raises(RunFenced, match="run-1 was superseded"):
            steps.embed(lease)
    assert steps.loaded() == []
    assert steps.ask("select 1 from pipeline.load_packages") == []
    assert steps.column("select count(*) from pipeline.run_texts where outcome is not null") == [0]


def test_a_superseded_worker_buries_nobody(steps: Steps) -> None:
    steps.found(new=("chair", "lamp"))
    lease = _planned(steps)
    steps.emulator.faults(poison=["Marrowby"])
    steps.connection.execute("update pipeline.leases set fence = fence + 1")
    with pytest.raises(RunFenced):
        steps.embed(lease)
    assert dead_letters.open_letters(steps.connection) == []


def test_what_is_loaded_is_told_as_it_happens(steps: Steps) -> None:
    lease = _planned(steps)
    plan_id = runs.find_run(steps.connection, "run-1").plan_id or ""
    told: list[int] = []
    shard = Shard(lease, steps.version, plan_id, 0)
    embed_shard(steps.connection, steps.lake, steps.api(), shard, steps.limits, told.append)
    assert sum(told) == 9


def test_a_long_text_is_sent_in_pieces_and_gets_one_vector(steps: Steps) -> None:
    sentences = [f"Sentence number {number} speaks of Quillwood." for number in range(2_000)]
    steps.put("novel", title=" ".join(sentences))
    steps.found(new=("novel",))
    steps.embed(_planned(steps))
    assert steps.loaded() == ["novel"]
    pieces, _ = steps.paid()
    assert pieces > 1
    [vector] = steps.column("select vector::real[] from item_embeddings")
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)
    [key] = steps.column("select part_key from pipeline.lake_parts")
    assert len(read_part(steps.lake, key).vectors) == pieces


def test_neither_logs_nor_tables_hold_catalog_text_or_the_key(steps: Steps, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="catalog_embeddings")
    caplog.set_level("INFO")
    steps.limits = Limits(batch_size=4, parallelism=2)
    steps.emulator.faults(poison=["Marrowby"], fail_next=[{"status": 400, "message": "Gemini sk-a-very-secret-key"}])
    summary = steps.run()
    tables = steps.column("select tablename from pg_tables where schemaname = 'pipeline'")
    kept = "\n".join(str(row) for table in tables for row in steps.ask(f"select t::text from pipeline.{table} as t"))
    assert "chair" in kept
    for secret in [*WORDS, "sk-a-very"]:
        assert secret not in kept
        assert secret not in caplog.text
        assert secret not in str(summary)
    names = [path.as_posix() for path in steps.lake_folder.rglob("*")]
    assert not any(word.lower() in name.lower() for word in WORDS for name in names)


def test_whoever_waits_at_the_gate_does_not_outlast_a_lost_database(steps: Steps) -> None:
    steps.limits = Limits(batch_size=1, parallelism=4)
    lease = _planned(steps)
    # Everybody is told to wait for minutes; then the database goes.
    steps.emulator.faults(rate_of_429=1.0, retry_after=300)
    doomed = connect(steps.database_url)
    with ThreadPoolExecutor(1) as pool:
        shard = pool.submit(steps.embed, lease, doomed)
        while not steps.emulator.stats()["errors"]:
            time.sleep(0.01)
        steps.connection.execute("select pg_terminate_backend(%s, 5000)", [doomed.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            shard.result(timeout=60)
