"""Vectors as one parameter: every bit arrives, in the order of the pieces, whatever their dims."""

import numpy as np
import psycopg
import pytest

from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.halfvec_array import halfvec_array


@pytest.mark.parametrize("dims", [1, 3, 1_024, 4_000, 16_000])
def test_vectors_arrive_as_they_were_rounded(connection: Connection, dims: int) -> None:
    vectors = np.random.default_rng(dims).standard_normal((3, dims)).astype(np.float32)
    rows = connection.execute(
        "select vector::real[] from unnest(%b::halfvec[]) with ordinality as sent (vector, place) order by place",
        [halfvec_array(connection, [vectors[:1], vectors[1:]])],
    ).fetchall()
    assert np.array_equal(np.array([row[0] for row in rows], dtype=np.float16), vectors.astype(np.float16))


def test_no_vectors_are_an_empty_array(connection: Connection) -> None:
    row = connection.execute("select cardinality(%b::halfvec[])", [halfvec_array(connection, [])]).fetchone()
    assert row == (0,)


def test_what_a_halfvec_cannot_hold_is_refused_by_the_database(connection: Connection) -> None:
    with pytest.raises(psycopg.DataError, match="infinite"), np.errstate(over="ignore"):
        connection.execute(
            "select %b::halfvec[]", [halfvec_array(connection, [np.array([[1e6]], dtype=np.float32)])]
        ).fetchall()
