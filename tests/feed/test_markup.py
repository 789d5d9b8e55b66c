"""HTML goes, text stays: what only looks like a tag is text, and no text takes longer than its length asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_embeddings.feed.markup import strip_markup


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("5 < 6", "5 < 6"),
        ("a <b> c", "a  c"),
        ("x<y and y>z", "x<y and y>z"),
        ("<3 this kettle <-- see --> there", "<3 this kettle <-- see --> there"),
        ("mail <info@example.org>", "mail <info@example.org>"),
        ("<ul><li>Toner</li><li>Black</li></ul>", "Toner  Black"),
        ("Core™2 <br />(6M Cache)", "Core™2  (6M Cache)"),
        ("<p class='x' style=\"color: red\">One</p><P>Two</P>", "One  Two"),
        ("<b>W</b>ord", "Word"),
        ("Fish &amp; Chips", "Fish & Chips"),
        ("R&D, AT&T, ?a=1&copy=2", "R&D, AT&T, ?a=1&copy=2"),
        ("caf&eacute; &#8364;5 &#x20AC;6", "café €5 €6"),
        ("&lt;b&gt;Bold&lt;/b&gt; 5 &lt; 6", "Bold 5 < 6"),
        ("&bogus; &;", "&bogus; &;"),
        ("before<script>alert('<p>')</script>after", "beforeafter"),
        ("a<style type='text/css'>p {}</style>b</script>c", "abc"),
        ("a<!-- <p>hidden</p> -->b", "ab"),
        ("a<!-- never closed", "a"),
        ("a<comment>b", "a<comment>b"),
        ("&#0;&#xD800;", "\ufffd\ufffd"),
        ("", ""),
        ("<p></p>", ""),
        ("  plain  ", "  plain  "),
    ],
)
def test_markup_becomes_plain_text(text: str, plain: str) -> None:
    assert strip_markup(text) == plain


@given(st.text().filter(lambda text: "<" not in text and "&" not in text))
def test_text_without_markup_is_left_alone(text: str) -> None:
    assert strip_markup(text) == text


@given(st.text(alphabet="<>/!-&;pbscript \"'"))
def test_anything_at_all_is_read(text: str) -> None:
    assert len(strip_markup(text)) <= 2 * len(text)


@pytest.mark.parametrize("piece", ["<", "<p ", "<script>", "<!--", "</style>", "&", "&a", "<p '\"", "-->"])
def test_hostile_repetition_is_no_trap(piece: str) -> None:
    # With a step that is quadratic, this would not end within the time a test may take.
    assert len(strip_markup(piece * 200_000)) <= len(piece) * 200_000
