"""What a person may write as a slice, and which buckets it holds."""

from decimal import Decimal

import pytest

from catalog_embeddings.domain.slice import BUCKETS, Slice


@pytest.mark.parametrize(
    ("text", "buckets", "shown"),
    [
        ("5%", 500, "5%"),
        (" 5.0 % ", 500, "5%"),
        ("0.5%", 50, "0.5%"),
        ("0.01%", 1, "0.01%"),
        ("0.57%", 57, "0.57%"),  # 0.57 * 100 is 56.99999999999999 in binary
        ("10%", 1_000, "10%"),
        ("100%", 10_000, "100%"),
    ],
)
def test_a_share_is_read_exactly_and_shown_as_it_is_read(text: str, buckets: int, shown: str) -> None:
    cut = Slice.parse(text, "pilot")
    assert (cut.buckets, str(cut), cut.salt) == (buckets, shown, "pilot")
    assert Slice.parse(str(cut), "pilot") == cut


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0%", "more than 0 % and at most 100 %"),
        ("0.00%", "more than 0 %"),
        ("100.01%", "at most 100 %"),
        ("1000000%", "at most 100 %"),
        ("0.001%", "a hundredth of a percent"),
        ("-5%", "'-5%' is no slice: write a percentage such as 5%"),
        *((text, "is no slice") for text in ("5", "0.05", "%", "", "5%%", "five%", "1e2%", "nan%", "٥%", "5,5%")),
    ],
)
def test_what_is_no_share_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Slice.parse(text, "pilot")


def test_a_smaller_slice_lies_within_a_larger_one() -> None:
    five, quarter, whole = (
        {bucket for bucket in range(BUCKETS) if Slice(Decimal(percent), "pilot").contains(bucket)}
        for percent in (5, 25, 100)
    )
    assert five < quarter < whole == set(range(BUCKETS))
    assert (len(five), len(quarter)) == (500, 2_500)
