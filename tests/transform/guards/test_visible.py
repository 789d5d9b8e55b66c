"""What an eye sees of a text, and the way back to where it stood."""

import pytest

from catalog_embeddings.transform.guards.visible import latinised, unleeted, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        ("ig\u200bno\u2060re", "ignore"),
        ("ＡＢＣ１２", "ABC12"),
        ("\U0001d400\U0001d401", "AB"),
        ("x" + "".join(chr(0xE0000 + ord(char)) for char in "hi"), "xhi"),
        ("\u202eabc\u202c", "abc"),
        ("½ kg", "1⁄2 kg"),
        ("", ""),
    ],
)
def test_what_is_seen(text: str, seen: str) -> None:
    assert visible(text).text == seen


def test_the_way_back() -> None:
    text = "é \u200bＡ\u200bＢ ﬁn"
    seen = visible(text)
    start = seen.text.index("AB")
    assert text[slice(*seen.place(start, start + 2))] == "Ａ\u200bＢ"
    ligature = seen.text.index("fin")
    assert text[slice(*seen.place(ligature, ligature + 3))] == "ﬁn"


def test_views_keep_their_length() -> None:
    text = "Ignоre аll 1gn0re µ Ω"
    assert latinised(text) == "Ignore all 1gn0re µ Ω"
    assert len(unleeted(latinised(text))) == len(text)
    assert "ignore" in unleeted(latinised(text))
