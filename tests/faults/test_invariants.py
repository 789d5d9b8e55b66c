"""The checker itself: it is content with a whole run, and finds every fault that is planted in one."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.faults import catalog
from tests.faults.catalog import KEY, POISON, WORD
from tests.faults.conftest import World
from tests.faults.invariants import fingerprint

Plant = Callable[[World], None]


@pytest.fixture
def finished(world: World) -> World:
    world.finishes()
    return world


def _write(world: World, statement: str, *parameters: object) -> None:
    """Behind the pipeline's back; the database itself asks only for the fingerprint of the version."""
    with world.connection.transaction():
        world.connection.execute(
            "select set_config('catalog_embeddings.fingerprint', fingerprint, true) from embedding_versions"
        )
        assert world.connection.execute(statement.encode(), parameters or None).rowcount


def _part_of(world: World, item_id: str) -> str:
    [(key,)] = world.ask(
        "select part_key from item_embeddings join pipeline.paid_contents using (content_hash) where item_id = %s",
        item_id,
    )
    return str(key)


def test_a_whole_run_holds(finished: World) -> None:
    assert not finished.broken(paid_twice_at_most=0)


def _bend_a_vector(world: World) -> None:
    [(text,)] = world.ask("select vector::text from item_embeddings where item_id = 'fresh_03'")
    vector = np.array(text.strip("[]").split(","), dtype=np.float16)
    vector[3] += np.float16(0.01)
    _write(world, "update item_embeddings set vector = %s::halfvec where item_id = 'fresh_03'", str(vector.tolist()))


def _swap_two_vectors(world: World) -> None:
    _write(
        world,
        "update item_embeddings as one set vector = other.vector from item_embeddings as other"
        " where one.item_id in ('fresh_03', 'fresh_04') and other.item_id in ('fresh_03', 'fresh_04')"
        " and one.item_id <> other.item_id",
    )


def _give_it_anothers_row(world: World) -> None:
    _write(
        world,
        "update item_embeddings as one set vector = other.vector, content_hash = other.content_hash"
        " from item_embeddings as other where one.item_id = 'fresh_03' and other.item_id = 'fresh_04'",
    )


def _take_back_a_record(world: World) -> None:
    _write(
        world,
        "update item_embeddings set content_hash = decode(repeat('00', 32), 'hex'),"
        " source_updated_at = source_updated_at - interval '1 day' where item_id = 'fresh_03'",
    )


def _lose_a_part(world: World) -> None:
    (world.lake / _part_of(world, "fresh_03")).unlink()


def _flip_a_bit(world: World) -> None:
    path = world.lake / _part_of(world, "fresh_03")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _forget_a_part(world: World) -> None:
    _write(world, "delete from pipeline.lake_parts where part_key = %s", _part_of(world, "fresh_03"))


def _lose_a_row(world: World) -> None:
    _write(world, "delete from item_embeddings where item_id = 'fresh_03'")


def _keep_a_deleted_item(world: World) -> None:
    _write(world, "delete from analytics.catalog_features_raw where item_id = 'fresh_03'")


def _bury_an_innocent(world: World) -> None:
    _write(
        world,
        "insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason)"
        " values ('v1', %s, 'default', 'fresh_03', 'embed', 'rate_limit_exceeded')",
        catalog.ORG,
    )


def _lose_a_dead_letter(world: World) -> None:
    _write(world, "delete from pipeline.dead_letters where item_id = 'bad_b'")


def _load_a_package_twice(world: World) -> None:
    _write(
        world,
        "insert into pipeline.load_packages (package_id, run_id, shard, fence, contents, loaded)"
        " select 'again', run_id, shard, fence, contents, loaded from pipeline.load_packages"
        " order by applied_at desc limit 1",
    )


def _load_under_an_old_fence(world: World) -> None:
    _write(
        world,
        "insert into pipeline.load_packages (package_id, run_id, shard, fence, contents, loaded)"
        " select 'late', run_id, shard, fence - 1, 0, 0 from pipeline.load_packages order by applied_at desc limit 1",
    )


def _leave_a_run_unfinished(world: World) -> None:
    _write(world, "update pipeline.runs set state = 'planned' where state = 'verified'")


def _count_wrongly(world: World) -> None:
    _write(world, "update pipeline.runs set summary = jsonb_set(summary, '{loaded}', '1')")


def _name_a_folder_after_an_item(world: World) -> None:
    (world.lake / f"manifest-{WORD.lower()}.json").write_text("{}", encoding="utf-8")


def _write_the_key_into_a_manifest(world: World) -> None:
    (world.lake / "manifest.json").write_text(f'{{"key": "{KEY}"}}', encoding="utf-8")


def _quote_an_item_in_an_error(world: World) -> None:
    _write(world, "update pipeline.runs set error = %s", f"refused: {WORD} {POISON}")


def _log_the_key(world: World) -> None:
    with world.log.open("a", encoding="utf-8") as log:
        log.write(f"authorization: Bearer {KEY}\n")


PLANTS: list[tuple[Plant, str, str]] = [
    (_bend_a_vector, "I6", "default/fresh_03"),
    (_swap_two_vectors, "I6", "default/fresh_04"),
    (_give_it_anothers_row, "I6", "default/fresh_03"),
    (_take_back_a_record, "I3", "default/fresh_03"),
    (_lose_a_part, "I1", "default/fresh_03"),
    (_flip_a_bit, "I1", "default/fresh_03"),
    (_forget_a_part, "I1", "default/fresh_03"),
    (_lose_a_row, "I5", "default/fresh_03"),
    (_keep_a_deleted_item, "I10", "default/fresh_03"),
    (_bury_an_innocent, "I9", "default/fresh_03"),
    (_lose_a_dead_letter, "I5", "default/bad_b"),
    (_load_a_package_twice, "I2", "its packages hold"),
    (_load_under_an_old_fence, "I2", "went in after one of fence"),
    (_leave_a_run_unfinished, "I5", "it is left planned"),
    (_count_wrongly, "I5", "it says"),
    (_name_a_folder_after_an_item, "I12", "it quotes the catalog"),
    (_write_the_key_into_a_manifest, "I12", "manifest.json: it quotes the API key"),
    (_quote_an_item_in_an_error, "I12", "pipeline.runs: it quotes the catalog"),
    (_log_the_key, "I12", "the log: it quotes the API key"),
]


@pytest.mark.parametrize(("plant", "invariant", "named"), PLANTS, ids=lambda given: getattr(given, "__name__", ""))
def test_it_finds_what_is_planted(finished: World, plant: Plant, invariant: str, named: str) -> None:
    plant(finished)
    found = finished.broken(paid_twice_at_most=0)
    assert any(each.invariant == invariant and named in str(each) for each in found), found


def test_it_finds_what_was_paid_for_twice(finished: World) -> None:
    _forget_a_part(finished)
    _write(finished, "delete from item_embeddings where item_id = 'fresh_03'")
    finished.finishes()
    found = finished.broken(paid_twice_at_most=0)
    assert "I7" in {each.invariant for each in found}, found


def test_what_the_first_night_paid_for_is_not_forgotten(finished: World) -> None:
    _write(finished, "delete from pipeline.lake_parts where part_key = %s", _part_of(finished, "plain_11"))
    _write(finished, "delete from item_embeddings where item_id = 'plain_11'")
    finished.finishes()
    assert finished.emulator.stats()["inputs_paid_twice"] == 0
    found = finished.broken(paid_twice_at_most=0)
    assert "I7" in {each.invariant for each in found}, found


def test_a_row_that_is_written_again_changes_the_fingerprint(finished: World) -> None:
    before = fingerprint(finished.connection)
    _write(finished, "update item_embeddings set generated_at = generated_at where item_id = 'plain_11'")
    assert fingerprint(finished.connection) != before
