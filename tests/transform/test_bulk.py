"""How much fits into one batch: OpenAI's limits, ours, and what may be paid for."""

import pytest

from catalog_embeddings.transform.bulk import MAX_ANSWER_BYTES, MAX_BATCH_INPUTS, MAX_FILE_BYTES, MAX_LINES, BatchRoom


def _filled(room: BatchRoom, sizes: tuple[int, ...], line_bytes: int) -> int:
    """How many such lines it takes."""
    for taken in range(MAX_LINES + 2):
        if not room.take(sizes, line_bytes):
            return taken
    raise AssertionError("it has no end")


@pytest.mark.parametrize(
    ("room", "sizes", "line_bytes", "lines"),
    [
        (BatchRoom(dims=1), (1,), 1, MAX_LINES),
        (BatchRoom(dims=1), (1,) * 128, 1, MAX_BATCH_INPUTS // 128),
        (BatchRoom(dims=1), (1,), 1_000_000, MAX_FILE_BYTES // 1_000_000),
        (BatchRoom(dims=1, text_bytes=1_000), (10, 20), 1, 33),
        (BatchRoom(dims=1, text_bytes=29), (10, 20), 1, 0),
    ],
)
def test_a_batch_is_full_when_the_first_limit_is_reached(
    room: BatchRoom, sizes: tuple[int, ...], line_bytes: int, lines: int
) -> None:
    assert _filled(room, sizes, line_bytes) == lines


def test_the_answers_fit_into_memory() -> None:
    # 3,072 numbers of four bytes, in base64.
    inputs = _filled(BatchRoom(dims=3_072), (1,), 1)
    assert 0.98 * MAX_ANSWER_BYTES < inputs * 3_072 * 4 * 4 / 3 <= MAX_ANSWER_BYTES


def test_a_line_that_does_not_fit_takes_no_room() -> None:
    room = BatchRoom(dims=8, text_bytes=100)
    assert room.take((60,), 10)
    assert not room.take((60,), 10)
    assert room.take((40,), 10)
    assert (room.lines, room.inputs, room.file_bytes, room.text_bytes) == (2, 2, 20, 0)
