"""The page: everything in one file, nothing from outside, and no more claimed than was found."""

import re
from html.parser import HTMLParser

import pytest

from catalog_embeddings.domain.evaluation import EvaluationReport
from catalog_embeddings.transform.evaluation_page import change_in_words, evaluation_page, p_in_words
from tests.transform.evaluation_reports import change, judged, report


class _Outline(HTMLParser):
    """Which tags there are, whether each is closed, and the text between them."""

    # Shapes are empty, save for a bar, which holds its name.
    VOID = ("meta", "line", "circle", "rect")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {"src", "href"} & {name for name, _ in attrs}
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _outline(found: EvaluationReport) -> _Outline:
    page = evaluation_page(found)
    assert not re.search(r"https?:|@import|url\(", page)
    return _Outline(page)


def test_a_comparison_has_plots_and_words() -> None:
    outline = _outline(report(judged(0.05, 0.04)))
    assert outline.tags.count("svg") == 5
    assert "Version v8 against v7" in outline.text
    assert "NDCG@10 is 0.550, +0.050 beside v7 (95 % interval +0.030 to +0.070, p = 0.04)." in outline.text
    assert "Gate: passed." in outline.text
    assert "Left out: 3 queries without a relevant candidate, 1 judgments" in outline.text
    assert "two-proportion test p = 0.074" in outline.text
    assert "list price unknown" in outline.text
    assert "v7 has the same recipe: nothing was paid for it" in outline.text


def test_what_people_typed_is_text_and_no_markup() -> None:
    outline = _outline(report(judged(0.05)))
    assert "script" not in outline.tags
    assert "<script>lamp</script>" in outline.text


@pytest.mark.parametrize("against", ["v7", None])
def test_without_judgments_the_vectors_still_speak(against: str | None) -> None:
    outline = _outline(report(None, against))
    assert "What people judged" not in outline.text
    assert "Gate" not in outline.text
    assert "90 (90.0 %)" in outline.text
    assert outline.tags.count("svg") == (2 if against else 1)


def test_a_version_alone_is_judged_alone() -> None:
    text = _outline(report(judged(0.05), against=None)).text
    assert "Gate" not in text
    assert "paired t-test" not in text


def test_a_difference_that_may_be_chance_is_said_to_be() -> None:
    assert "cannot tell the two apart" in change_in_words(change(0.01), "NDCG@10", "v7")
    assert "cannot tell" not in change_in_words(change(-0.05), "NDCG@10", "v7")


@pytest.mark.parametrize(
    ("p_value", "words"), [(None, "p undefined"), (0.00001, "p < 0.0001"), (0.0421, "p = 0.042"), (0.5, "p = 0.5")]
)
def test_p_values_have_as_many_digits_as_they_deserve(p_value: float | None, words: str) -> None:
    assert p_in_words(p_value) == words
