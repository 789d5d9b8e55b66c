"""How much fits into one batch: OpenAI's limits, ours, and what may be paid for."""

from decimal import Decimal

import pytest

from catalog_embeddings.transform.bulk import (
    MAX_ANSWER_BYTES,
    MAX_BATCH_INPUTS,
    MAX_FILE_BYTES,
    MAX_LINES,
    BatchRoom,
    completion_bytes,
    vector_bytes,
)


def _filled(room: BatchRoom, inputs: int, line_bytes: int, answer_bytes: int = 1) -> int:
    """How many such lines it takes, each at a cent."""
    for taken in range(MAX_LINES + 2):
        if not room.take(inputs, line_bytes, answer_bytes, Decimal("0.01")):
            return taken
    raise AssertionError("it has no end")


@pytest.mark.parametrize(
    ("room", "inputs", "line_bytes", "lines"),
    [
        (BatchRoom(), 1, 1, MAX_LINES),
        (BatchRoom(), 128, 1, MAX_BATCH_INPUTS // 128),
        (BatchRoom(), 1, 1_000_000, MAX_FILE_BYTES // 1_000_000),
        (BatchRoom(Decimal("0.335")), 1, 1, 33),
        (BatchRoom(Decimal("0.009")), 1, 1, 0),
    ],
)
def test_a_batch_is_full_when_the_first_limit_is_reached(
    room: BatchRoom, inputs: int, line_bytes: int, lines: int
) -> None:
    assert _filled(room, inputs, line_bytes) == lines


def test_the_answers_fit_into_memory() -> None:
    # 3,072 numbers of four bytes, in base64.
    inputs = _filled(BatchRoom(), 1, 1, vector_bytes(3_072))
    assert 0.98 * MAX_ANSWER_BYTES < inputs * 3_072 * 4 * 4 / 3 <= MAX_ANSWER_BYTES
    # A token is about four letters, and more than two bytes each only where it is hardly any.
    assert 4 * 700 < completion_bytes(700) < 16 * 700


def test_a_line_that_does_not_fit_takes_no_room() -> None:
    room = BatchRoom(Decimal(1))
    assert room.take(1, 10, 5, Decimal("0.6"))
    assert not room.take(1, 10, 5, Decimal("0.6"))
    assert room.take(1, 10, 5, Decimal("0.4"))
    assert (room.lines, room.inputs, room.file_bytes, room.answer_bytes, room.usd) == (2, 2, 20, 10, Decimal(0))
