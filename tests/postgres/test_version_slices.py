"""The slice of a version: none until one is set, and nothing is written by whoever only tries another."""

from decimal import Decimal

import psycopg
import pytest

from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.version_slices import find_slice, holds_vectors, set_slice, trying

TENTH = Slice(Decimal(10), "trial")


@pytest.fixture(autouse=True)
def versions(connection: Connection) -> None:
    for number, version in enumerate(("v1", "v2"), start=1):
        register_version(connection, version, text_spec("emulator", dims=number))


def test_a_version_has_no_slice_until_one_is_set(connection: Connection) -> None:
    assert find_slice(connection, "v1") is None
    set_slice(connection, "v1", TENTH)
    assert find_slice(connection, "v1") == TENTH
    assert find_slice(connection, "v2") is None
    set_slice(connection, "v1", Slice(Decimal("12.5"), "other"))
    assert find_slice(connection, "v1") == Slice(Decimal("12.5"), "other")


def test_setting_the_same_again_leaves_no_trace(connection: Connection) -> None:
    set_slice(connection, "v1", TENTH)
    before = connection.execute("select set_at, xmin from embedding_version_slices").fetchall()
    set_slice(connection, "v1", TENTH)
    assert connection.execute("select set_at, xmin from embedding_version_slices").fetchall() == before


@pytest.mark.parametrize(("buckets", "salt"), [(0, "trial"), (10_001, "trial"), (500, "a:b"), (500, "a b"), (500, "")])
def test_the_database_refuses_what_is_no_slice(connection: Connection, buckets: int, salt: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "insert into embedding_version_slices (version, slice_buckets, slice_salt) values ('v1', %s, %s)",
            [buckets, salt],
        )


def test_a_version_holds_vectors_once_it_has_a_row(connection: Connection) -> None:
    assert not holds_vectors(connection, "v1")
    with connection.transaction():
        connection.execute(
            "select set_config('catalog_embeddings.fingerprint', fingerprint, true)"
            " from embedding_versions where version = 'v1'"
        )
        connection.execute(
            "insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)"
            " values (gen_random_uuid(), 'lamp', 'v1', 'text', 1, '[1]', '', '')"
        )
    assert holds_vectors(connection, "v1")
    assert not holds_vectors(connection, "v2")


def test_a_slice_is_tried_by_a_session_and_by_no_other(database_url: str) -> None:
    question = "select current_setting('catalog_embeddings.tried_slice', true), current_setting('work_mem')"
    with connect(database_url) as ordinary:
        assert ordinary.execute(question).fetchone() == (None, "4MB")
    # The address's own options stay.
    address = trying(f"{database_url}&options=-c%20work_mem%3D8MB", "v1", TENTH)
    with psycopg.connect(address) as session:
        assert session.execute(question).fetchone() == ("v1:1000:trial", "8MB")
