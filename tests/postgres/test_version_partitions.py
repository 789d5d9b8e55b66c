"""Partitions: how one goes while readers of the others go on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import perf_counter

import pytest

from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.errors import ServerFailed
from catalog_embeddings.postgres import embedding_aliases, embedding_versions
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.version_partitions import drop_partition, size_in_bytes

FILL = (
    "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
    " select '00000000-0000-4000-8000-000000000001', 'n' || n, %s, 'text', 4, '[1,2,3,4]', 'r', 'c'"
    " from generate_series(1, %s) as n"
)


@pytest.fixture(autouse=True)
def filled(connection: Connection, version: EmbeddingVersion, spec: VersionSpec) -> None:
    """Versions v1 and v2 of 2,000 rows each; v1 is active."""
    embedding_versions.register(connection, "v2", spec, "fingerprint of v2")
    for name in ("v1", "v2"):
        connection.execute("select set_config('catalog_embeddings.fingerprint', %s, false)", [f"fingerprint of {name}"])
        connection.execute(FILL, [name, 2_000])
    embedding_aliases.point(connection, "v1", reason="a test")


def _partitions(connection: Connection) -> list[str]:
    question = "select relname from pg_class where relname like 'item_embeddings_v_' order by relname"
    return [row[0] for row in connection.execute(question)]


def test_a_partition_goes_and_takes_its_disk_with_it(connection: Connection) -> None:
    assert size_in_bytes(connection, "v2") > 100_000
    drop_partition(connection, "v2")
    assert size_in_bytes(connection, "v2") == 0
    assert _partitions(connection) == ["item_embeddings_v1"]
    drop_partition(connection, "v2")
    assert connection.execute("show lock_timeout").fetchone() == ("0",)


def test_readers_of_others_go_on_while_it_goes(
    connection: Connection, database_url: str, record_testsuite_property: Callable[[str, object], None]
) -> None:
    gone = Event()

    def read() -> tuple[int, float]:
        reads, slowest = 0, 0.0
        with connect(database_url) as own:
            # Whoever waits longer than this for any lock fails the test.
            own.execute("set lock_timeout = '100ms'")
            while not gone.is_set() or reads < 50:
                began = perf_counter()
                assert own.execute("select count(*) from item_embeddings where version = 'v1'").fetchone() == (2_000,)
                # This one cannot be pruned when it is planned, and so opens every partition there is.
                own.execute("select count(*) from active_item_embeddings").fetchone()
                slowest = max(slowest, perf_counter() - began)
                reads += 1
        return reads, slowest

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            drop_partition(connection, "v2")
        finally:
            gone.set()
        ended = [reader.result() for reader in readers]
    assert min(reads for reads, _ in ended) >= 50
    record_testsuite_property("slowest_read_ms", round(1_000 * max(slowest for _, slowest in ended), 1))
    assert _partitions(connection) == ["item_embeddings_v1"]


def test_who_keeps_it_open_is_waited_for_and_what_was_begun_is_gone_on_with(
    connection: Connection, other_connection: Connection, database_url: str
) -> None:
    with other_connection.transaction():
        other_connection.execute("select count(*) from item_embeddings where version = 'v2'")
        with pytest.raises(ServerFailed, match="partition of version v2 is kept open by another session"):
            drop_partition(connection, "v2", patience_seconds=0.3)
        assert "item_embeddings_v2" in _partitions(connection)
        # Half detached: whoever comes now does not see it, and waits for nothing.
        with connect(database_url) as third:
            third.execute("set lock_timeout = '100ms'")
            assert third.execute("select count(*) from item_embeddings").fetchone() == (2_000,)
    drop_partition(connection, "v2")
    assert _partitions(connection) == ["item_embeddings_v1"]


def test_one_that_was_detached_and_not_dropped_is_dropped(connection: Connection) -> None:
    connection.execute("alter table item_embeddings detach partition item_embeddings_v2")
    drop_partition(connection, "v2")
    assert _partitions(connection) == ["item_embeddings_v1"]
