"""Vectors in binary form: every bit arrives, whatever their dims."""

import numpy as np
import psycopg
import pytest

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.halfvecs import Halfvec, halfvecs


def _sent(connection: Connection, sent: list[Halfvec]) -> list[list[float]]:
    """The vectors as the database understands them, copied as the load does it."""
    connection.execute("create temporary table sent (place int, vector halfvec)")
    with connection.cursor() as cursor, cursor.copy("copy sent from stdin with (format binary)") as copy:
        copy.set_types(["int4", "bytea"])
        for row in enumerate(sent):
            copy.write_row(row)
    return [row[0] for row in connection.execute("select vector::real[] from sent order by place")]


@pytest.mark.parametrize("dims", [1, 3, 1_024, 4_000, 16_000])
def test_vectors_arrive_as_they_were_rounded(connection: Connection, dims: int) -> None:
    vectors = np.random.default_rng(dims).standard_normal((3, dims)).astype(np.float32)
    arrived = np.array(_sent(connection, halfvecs(vectors)), dtype=np.float16)
    assert np.array_equal(arrived, vectors.astype(np.float16))


def test_no_vectors_are_none() -> None:
    assert halfvecs(np.empty((0, 4), dtype=np.float32)) == []


def test_what_a_halfvec_cannot_hold_is_refused_by_the_database(connection: Connection) -> None:
    with pytest.raises(psycopg.DataError, match="infinite"), np.errstate(over="ignore"):
        _sent(connection, halfvecs(np.array([[1e6]], dtype=np.float32)))
