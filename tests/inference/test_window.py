"""The window: additive up, a little down, never outside its bounds, and steady where refusals come at random."""

import random

from catalog_embeddings.inference.window import Window


def test_it_begins_where_it_is_told_and_never_leaves_its_bounds() -> None:
    window = Window(10, 10)
    assert window.size == 10
    window.grow(10)
    assert window.size == 10
    for _ in range(500):
        window.shrink()
    assert window.size == 1


def test_it_opens_again_within_a_few_dozen_answers() -> None:
    window = Window(10, 1)
    answers = 0
    while window.size < 10:
        window.grow(window.size)
        answers += 1
    assert 10 <= answers <= 40


def test_an_answer_that_was_asked_for_with_room_to_spare_says_nothing() -> None:
    window = Window(10, 4)
    for _ in range(100):
        window.grow(3)
    assert window.size == 4
    window.grow(4)
    window.grow(4)
    assert window.size == 5


def test_random_refusals_do_not_close_it() -> None:
    dice, window, sizes = random.Random(7), Window(10, 10), []
    for _ in range(5_000):
        if dice.random() < 0.3:
            window.shrink()
        else:
            window.grow(window.size)
        sizes.append(window.size)
    assert sum(sizes) / len(sizes) > 9


def test_refusals_of_whatever_goes_beyond_a_limit_bring_it_down_to_that_limit() -> None:
    window = Window(10, 10)
    for _ in range(2_000):
        # Of the requests in flight four are answered, and the others refused.
        for place in range(window.size):
            if place < 4:
                window.grow(window.size)
            else:
                window.shrink()
    assert 4 <= window.size <= 7


def test_after_an_outage_it_begins_with_one() -> None:
    window = Window(10, 10)
    window.restart()
    assert window.size == 1
