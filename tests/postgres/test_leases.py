"""Leases: one run at a time on a version, a fence that only grows, and nothing written under an old one."""

import psycopg
import pytest

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.errors import RunFenced, RunLocked
from catalog_embeddings.postgres import embedding_versions, leases, runs
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.locks import held_lock


@pytest.fixture
def second_run(connection: Connection, version: EmbeddingVersion) -> str:
    runs.open_run(connection, "run-2", version.version, "a test")
    return "run-2"


def _expire(connection: Connection) -> None:
    connection.execute("update pipeline.leases set expires_at = now() - interval '1 second'")


def test_a_second_run_is_refused_and_told_who_works_there(
    lease: Lease, other_connection: Connection, second_run: str
) -> None:
    sentence = r"version v1 is locked by run run-1, since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC, on host-1; wait"
    with pytest.raises(RunLocked, match=sentence):
        leases.take(other_connection, "v1", second_run, "host-2", 0.0)
    with other_connection.transaction():
        leases.check_fence(other_connection, lease)


def test_the_same_run_is_refused_too_while_it_is_alive(lease: Lease, other_connection: Connection) -> None:
    with pytest.raises(RunLocked, match="run-1"):
        leases.take(other_connection, "v1", "run-1", "host-1", 0.0)


def test_a_run_that_is_just_starting_has_no_name_yet(
    connection: Connection, other_connection: Connection, second_run: str
) -> None:
    with connection.transaction():
        leases.take(connection, "v1", second_run, "host-1", 0.0)
        with pytest.raises(RunLocked, match="a run that is just starting"):
            leases.take(other_connection, "v1", second_run, "host-2", 0.0)


def test_a_dead_connection_frees_the_version(
    connection: Connection, other_connection: Connection, database_url: str, version: EmbeddingVersion, second_run: str
) -> None:
    runs.open_run(connection, "run-1", "v1", "a test")
    holder = connect(database_url)
    first = leases.take(holder, "v1", "run-1", "host-1", 0.0)
    connection.execute("select pg_terminate_backend(%s, 5000)", [holder.info.backend_pid])
    second = leases.take(other_connection, "v1", second_run, "host-2", 0.0)
    assert second == Lease("v1", second_run, first.fence + 1)
    holder.close()


def test_a_refused_run_leaves_no_lock_behind(
    lease: Lease, connection: Connection, other_connection: Connection, second_run: str
) -> None:
    leases.renew(connection, lease, 60.0)
    connection.execute("select pg_advisory_unlock_all()")
    with pytest.raises(RunLocked):
        leases.take(other_connection, "v1", second_run, "host-2", 0.0)
    held = "select count(*) from pg_locks where locktype = 'advisory' and pid = %s"
    assert connection.execute(held, [other_connection.info.backend_pid]).fetchone() == (0,)


def test_between_two_tasks_the_expiry_holds_the_version(
    connection: Connection, database_url: str, other_connection: Connection, version: EmbeddingVersion, second_run: str
) -> None:
    runs.open_run(connection, "run-1", "v1", "a test")
    with connect(database_url) as first_task:
        leases.take(first_task, "v1", "run-1", "scheduler", 60.0)
    with pytest.raises(RunLocked, match="run-1"):
        leases.take(other_connection, "v1", second_run, "somebody else", 0.0)
    with connect(database_url) as retried_task:
        assert leases.take(retried_task, "v1", "run-1", "scheduler", 60.0).fence == 2
    _expire(connection)
    assert leases.take(other_connection, "v1", second_run, "somebody else", 0.0).fence == 3


def test_giving_a_lease_up_frees_the_version_at_once(
    connection: Connection, database_url: str, other_connection: Connection, version: EmbeddingVersion, second_run: str
) -> None:
    runs.open_run(connection, "run-1", "v1", "a test")
    with connect(database_url) as task:
        held = leases.take(task, "v1", "run-1", "scheduler", 60.0)
        leases.renew(task, held, 0.0)
    assert leases.take(other_connection, "v1", second_run, "somebody else", 0.0).run_id == second_run


def test_the_tasks_of_a_run_work_side_by_side_under_one_fence(
    lease: Lease, other_connection: Connection, database_url: str
) -> None:
    with connect(database_url) as third:
        assert leases.join(other_connection, "run-1") == leases.join(third, "run-1") == lease


def test_a_joined_task_keeps_others_out_after_the_first_is_gone(
    connection: Connection, database_url: str, other_connection: Connection, version: EmbeddingVersion, second_run: str
) -> None:
    runs.open_run(connection, "run-1", "v1", "a test")
    with connect(database_url) as joined:
        with connect(database_url) as first:
            leases.take(first, "v1", "run-1", "scheduler", 0.0)
            leases.join(joined, "run-1")
        with pytest.raises(RunLocked):
            leases.take(other_connection, "v1", second_run, "somebody else", 0.0)
    assert leases.take(other_connection, "v1", second_run, "somebody else", 0.0).fence == 2


def test_a_superseded_run_can_neither_join_nor_renew_nor_write(
    connection: Connection, lease: Lease, other_connection: Connection, second_run: str
) -> None:
    connection.execute("select pg_advisory_unlock_all()")
    leases.take(other_connection, "v1", second_run, "host-2", 0.0)
    with pytest.raises(RunFenced, match="run-1 no longer holds its version"):
        leases.join(connection, "run-1")
    with connection.transaction(), pytest.raises(RunFenced, match="run-1 was superseded"):
        leases.check_fence(connection, lease)
    leases.renew(connection, lease, 60.0)
    assert connection.execute("select run_id, expires_at <= now() from pipeline.leases").fetchone() == (
        second_run,
        True,
    )


def test_an_older_fence_of_the_same_run_is_superseded_too(
    connection: Connection, lease: Lease, other_connection: Connection
) -> None:
    connection.execute("select pg_advisory_unlock_all()")
    assert leases.take(other_connection, "v1", "run-1", "host-2", 0.0).fence == lease.fence + 1
    with connection.transaction(), pytest.raises(RunFenced):
        leases.check_fence(connection, lease)


def test_nobody_takes_over_while_a_writer_is_inside_its_transaction(
    connection: Connection, lease: Lease, other_connection: Connection, second_run: str
) -> None:
    connection.execute("select pg_advisory_unlock_all()")
    other_connection.execute("set lock_timeout = '100ms'")
    with connection.transaction():
        leases.check_fence(connection, lease)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            leases.take(other_connection, "v1", second_run, "host-2", 0.0)
    assert leases.take(other_connection, "v1", second_run, "host-2", 0.0).fence == lease.fence + 1


def test_versions_are_leased_independently_of_each_other_and_of_deploys(
    connection: Connection, spec: VersionSpec, other_connection: Connection, lease: Lease
) -> None:
    embedding_versions.register(connection, "migrate", spec, "fingerprint of another")
    runs.open_run(connection, "run-3", "migrate", "a test")
    assert leases.take(connection, "migrate", "run-3", "host-1", 0.0).fence == 1
    other_connection.execute("set lock_timeout = '1s'")
    with held_lock(other_connection, "catalog_embeddings.migrate"):
        assert leases.join(connection, "run-1") == lease


def test_a_fence_is_raised_and_never_lowered(connection: Connection, lease: Lease) -> None:
    raised = leases.raise_fence(connection, lease, 41)
    assert raised == Lease("v1", "run-1", 41)
    assert leases.raise_fence(connection, raised, 7) == raised
    with connection.transaction():
        leases.check_fence(connection, raised)
    # Who still holds the fence of before is superseded.
    with pytest.raises(RunFenced):
        leases.raise_fence(connection, lease, 99)


def test_a_version_is_kept_idle_only_where_no_run_works_on_it(
    connection: Connection, lease: Lease, other_connection: Connection
) -> None:
    with pytest.raises(RunLocked, match="version v1 is locked by run run-1"), leases.hold_idle(other_connection, "v1"):
        pass
    leases.renew(connection, lease, 60.0)
    connection.execute("select pg_advisory_unlock_all()")
    with pytest.raises(RunLocked, match="run-1"), leases.hold_idle(other_connection, "v1"):
        pass
    _expire(connection)
    with leases.hold_idle(other_connection, "v1"), pytest.raises(RunLocked):
        leases.take(connection, "v1", "run-1", "host-1", 0.0)
    assert leases.take(connection, "v1", "run-1", "host-1", 0.0).fence == 2


def test_a_borrowed_version_is_afterwards_whose_it_was(connection: Connection, lease: Lease, second_run: str) -> None:
    with connection.transaction():
        leases.lock(connection, "v1")
        with leases.borrow(connection, "v1", second_run) as borrowed:
            assert borrowed == Lease("v1", second_run, lease.fence)
            leases.check_fence(connection, borrowed)
            with pytest.raises(RunFenced):
                leases.check_fence(connection, lease)
        leases.check_fence(connection, lease)


def test_nobody_writes_or_takes_over_while_it_is_borrowed(
    connection: Connection, lease: Lease, other_connection: Connection, second_run: str
) -> None:
    with connection.transaction():
        leases.lock(connection, "v1")
        with leases.borrow(connection, "v1", second_run), other_connection.transaction():
            other_connection.execute("set local lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                leases.check_fence(other_connection, lease)


def test_a_version_that_was_never_run_cannot_be_locked(connection: Connection, version: EmbeddingVersion) -> None:
    with connection.transaction(), pytest.raises(RunFenced, match="was never run"):
        leases.lock(connection, version.version)
