"""Text as a reader's eye takes it, with the way back to where each character stood.

What no eye sees is dropped, wide and styled forms become plain ones, and hidden tag characters become the ASCII they
stand for. Two further views are of the same length: look-alike letters of other alphabets, and digits that stand for
letters, read as Latin.
"""

import unicodedata
from dataclasses import dataclass

_TAG_CHARACTERS = range(0xE0020, 0xE007F)
_LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοκνρυι",
    "ABESIJKMHOPCTYXaesijopcyxhd" + "ABEZHIKMNOPTYXokvpui",
)
_LEET = str.maketrans("013457@$!", "oieastasi")


@dataclass(frozen=True, slots=True)
class Visible:
    """What is seen of a text; ``origin`` has the place of each seen character in it, and its length at the end."""

    text: str
    origin: range | tuple[int, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the seen ``text[start:end]``, which is not empty, stands in the text that was given."""
        return self.origin[start], self.origin[end - 1] + 1


def visible(text: str) -> Visible:
    """The text as it is seen."""
    if text.isascii():
        return Visible(text, range(len(text) + 1))
    seen: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        shown = _shown(char)
        seen.append(shown)
        origin.extend([place] * len(shown))
    return Visible("".join(seen), (*origin, len(text)))


def latinised(text: str) -> str:
    """Cyrillic and Greek letters that look Latin as Latin ones; no longer and no shorter."""
    return text if text.isascii() else text.translate(_LOOK_ALIKES)


def unleeted(text: str) -> str:
    """Digits and signs that stand for letters as those letters: ``1gn0re``; no longer and no shorter."""
    return text.translate(_LEET)


def _shown(char: str) -> str:
    if char.isascii():
        return char
    if ord(char) in _TAG_CHARACTERS:
        return chr(ord(char) - 0xE0000)
    if unicodedata.category(char) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", char)
