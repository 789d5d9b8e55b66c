"""Where sentences end, in several languages, and where they do not."""

import pytest

from catalog_embeddings.transform.guards.sentences import sentences


def _split(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "It weighs 1.2 lb. and is black.",
        "It is approx. 5 cm wide.",
        "It is No. 5 of its series.",
        "A U.S. plug and a U.K. plug fit.",
        "Das passt z. B. in ein Regal.",
        "Er wiegt ca. 2,5 kg.",
        "Made for e.g. Windows.",
        "It talks to StarTech.com docks.",
        "Version 2.0 has more.",
        "Wait... there is more",
    ],
)
def test_what_is_one_sentence(text: str) -> None:
    assert _split(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It is black. It weighs 1.2 lb. The plug is new.", ["It is black.", "It weighs 1.2 lb.", "The plug is new."]),
        ("Made by Acme Inc. The lamp is red.", ["Made by Acme Inc.", "The lamp is red."]),
        ("Is it new? No. It is old!", ["Is it new?", "No.", "It is old!"]),
        ("这是键盘。它是黑色的！好", ["这是键盘。", "它是黑色的！", "好"]),
        ("- one\n- two\nThree. Four", ["- one", "- two", "Three.", "Four"]),
        ("First • second • third", ["First", "• second", "• third"]),
        ('He said "yes." Then he left.', ['He said "yes."', "Then he left."]),
    ],
)
def test_what_are_several(text: str, parts: list[str]) -> None:
    assert _split(text) == parts


@pytest.mark.parametrize("text", ["", "   ", "a. B", ". . .", "\n\n", "x" * 10])
def test_together_they_cover_the_text(text: str) -> None:
    assert "".join(text[start:end] for start, end in sentences(text)) == text


@pytest.mark.parametrize("piece", ["a. ", ".", " ", "\n", "A.", "?)", ".)))", "• "])
def test_a_hostile_text_is_divided_too(piece: str) -> None:
    assert sentences(piece * (100_000 // len(piece)) + "a")[-1][1] > 99_000
