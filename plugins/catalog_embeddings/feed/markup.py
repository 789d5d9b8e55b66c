"""Taking HTML out of text: tags go, entities become what they stand for, and a ``<`` that is no tag stays.

Only the names of real elements count as tags, so "5 < 6" and "<mail@shop>" stay. Everything here takes time in
proportion to the text, whatever stands in it.
"""

import html
import re

_NAMES_OF_BLOCKS = (
    "address article aside blockquote body br caption center dd div dl dt figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 head header hr html iframe img input li main nav ol option p pre section select table tbody td tfoot th "
    "thead title tr ul"
)
_NAMES_WITHIN_LINES = (
    "a abbr acronym b bdi bdo big button cite code del dfn em embed font i ins kbd label link mark meta nobr object "
    "o:p q s samp small span strike strong sub sup svg tt u var video wbr"
)
# Where a block stands there is a gap; the others stand within words.
_BLOCKS = frozenset(_NAMES_OF_BLOCKS.split())
_INLINES = frozenset(_NAMES_WITHIN_LINES.split())
# What stands inside these is not for readers.
_COMMENT = "!--"
_HIDDEN = frozenset((_COMMENT, "script", "style"))

_TAG = re.compile(r"<!--|-->|<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:]*)(?:\s[^<>]*|/)?>")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def strip_markup(text: str) -> str:
    """Plain text. Entities go first: feeds in XML hold their HTML escaped, ``&lt;b&gt;`` for a tag."""
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return _without_tags(text) if "<" in text else text


def _without_tags(text: str) -> str:
    shown: list[str] = []
    hidden: str | None = None
    at = 0
    for tag in _TAG.finditer(text):
        name, closes = _name_of(tag)
        if hidden is not None:
            hidden = None if closes and name == hidden else hidden
        elif name in _BLOCKS or name in _INLINES or (name in _HIDDEN and tag[0] != "-->"):
            shown.append(text[at : tag.start()])
            shown.append(" " if name in _BLOCKS else "")
            hidden = name if name in _HIDDEN and not closes else None
        else:
            continue
        at = tag.end()
    if hidden is None:
        shown.append(text[at:])
    return "".join(shown).strip() if at else text


def _name_of(tag: re.Match[str]) -> tuple[str, bool]:
    """What a tag is called, and whether it closes."""
    if tag["name"] is None:
        return _COMMENT, tag[0] == "-->"
    return tag["name"].lower(), bool(tag["end"])
