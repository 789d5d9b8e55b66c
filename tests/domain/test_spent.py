"""What was spent between two looks at the counters."""

from catalog_embeddings.domain.spent import Spent


def test_nothing_is_spent_at_first() -> None:
    assert Spent() == Spent(requests=0, retries=0, tokens=0)


def test_a_difference_is_taken_count_by_count() -> None:
    assert Spent(requests=9, retries=4, tokens=700) - Spent(requests=2, retries=1, tokens=300) == Spent(7, 3, 400)
