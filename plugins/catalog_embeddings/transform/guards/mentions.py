"""How a text speaks of a thing it names: says it is so, says it is not, or says neither.

Knows the words around a mention: negations, comparisons, conditions, imitations, in English, German, French, Spanish
and Italian. What is named, and what follows from it, is left to the guards.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

#: affirmed: it is so. denied: it is not. aside: of another thing (unlike it, beside it, only if). doubtful: an
#: imitation, or within the reach of a negation.
Manner = Literal["affirmed", "denied", "aside", "doubtful"]

# Nothing further away than this speaks of a mention.
_BEFORE, _AFTER = 120, 60

_NEGATION = (
    r"(?:\b(?:not|no|non|without|lack(?:s|ing)?|never|neither|nor|cannot|free (?:of|from)|devoid of|omits?|excludes?"
    r"|absence of|instead of being|kein(?:e[nmrs]?)?|nicht|ohne|sans|pas|aucune?|sin|senza|ni|niente)\b|n['’]t\b"
    r"|\bnon-)"
)
# Between a negation and what it denies; any other word may turn the sentence round: "no fuss, wireless".
_FILLER = (
    r"(?:a|an|any|the|its|built|in|integrated|internal|onboard|native|dedicated|real|genuine|true|truly|fully"
    r"|completely|entirely|actual"
    r"|actually|have|has|having|include[sd]?|including|offer(?:s|ed)?|provide[sd]?|support(?:s|ed|ing)?|come|with"
    r"|made|of|from|be"
    r"|being|is|are|been|claim(?:s|ed)?|to|rated|described|listed|considered|as|feature[sd]?|equipped|contain(?:s"
    r"|ed)?"
    r"|use[sd]?|using|officially|work|run|for|extra|separate|additional|de|du|d|le|la|les|un|une|en|ist|hat|el|es"
    r"|está)"
)
_DENIED_BEFORE = re.compile(rf"{_NEGATION}(?:[\s'’-]*{_FILLER}\b)*[\s'’-]*$", re.IGNORECASE)
# "no single word I can name": a negation near by, without a word between that ends its reach.
_TURN = (
    r"but|because|thanks|since|so|while|which|that|only|just|merely|need(?:s|ed|ing)?|matter|more|less|doubt"
    r"|wonder|fuss"
    r"|hassle|mess|messy|clutter|compromise|cables?|wires?|cords?|problem|longer|and|yet|sondern|mais|pero"
)
_NEGATED_NEARBY = re.compile(
    rf"{_NEGATION}(?:[\s'’-]+(?!(?:{_TURN})\b)[\w'’/]+){{0,5}}(?:,?\s+(?:or|nor|oder|noch|ou|ni"
    rf"|o)(?:\s+\w+)?)?[\s-]*$"
    rf"|{_NEGATION}(?:[\s-]+(?!(?:{_TURN})\b)[\w'’/-]+,?){{0,7}}\s+(?:or|nor)(?:\s+\w+)?[\s-]*$",
    re.IGNORECASE,
)
_ASIDE_BEFORE = re.compile(
    r"\b(?:unlike|instead of|rather than|than|as opposed to|versus|vs\.?|compared (?:to|with)|contrary to"
    r"|alternatives? to|substitutes? for|replacements? for|replac(?:es?|ing)|beside|alongside|next to|near"
    r"|pair(?:s|ed|ing)?(?: (?:it|well|nicely|this))* with|combine[ds]?(?: it)? with|nothing (?:about|on)"
    r"|no word on|mentions? of|resembl(?:es|ing)|reminiscent of|(?:looks?|feels?|acts?|much|almost|a bit|rather) like"
    r"|statt|anstatt|anders als|im gegensatz zu|im vergleich zu|contrairement (?:à|au|aux)|au lieu (?:de|du|d)"
    r"|plutôt que|a diferencia de|en lugar de|a differenza di|invece di)"
    r"(?:[\s'’-]+(?!(?:but|this|which|offers|has|is)\b)[\w'’]+){0,4}[\s'’-]*$"
    r"|\b(?:whether|unless|if|should you|ob|falls)(?:[\s'’-]+[\w'’]+){0,4}[\s'’-]*$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"(?:-|\s)free\b"
    r"|(?:(?:[ -]\w+){0,2}?|(?:[ -]\w+){0,2}(?:, [\w-]+(?: [\w-]+)?){0,3},? (?:and|or|und|et) [\w-]+(?: [\w-]+){0,2}?)"
    r"\s+(?:is|are|was|were|it|they|does|do|ist|sind|n['’]est|no)\s*"
    r"(?:not|n['’]t|nicht|kein\w*|pas|está|missing|absent|lacking|excluded|omitted|left out|unsupported"
    r"|unavailable)\b"
    r"|\s*[:=]\s*(?:no|none|n|false|nein|non)\b|\s+(?:nicht (?:vorhanden|enthalten)|not (?:included|supported"
    r"|available))\b",
    re.IGNORECASE,
)
# "Which leather it is made of is not stated": of which kind, not whether.
_KIND_BEFORE = re.compile(r"\b(?:which|what)(?: (?:kind|type|sort|grade)s? of)? $", re.IGNORECASE)
_LEFT_OPEN_AFTER = re.compile(
    r"(?:[ -][\w'’-]+){0,6} (?:(?:is|are|was|were) not|isn['’]t|aren['’]t|remains?|is|are)(?: \w+ly)? "
    r"(?:specified|stated|given|named|said|listed|known|mentioned|disclosed|recorded|unspecified|unknown|unstated|open)\b",
    re.IGNORECASE,
)
_IMITATED_BEFORE = re.compile(
    r"\b(?:imitat(?:es|ing|ion)|faux|fake|vegan|artificial|synthetic|simulated|mock|similicuir|simili)[\s-]+$",
    re.IGNORECASE,
)
_IMITATED_AFTER = re.compile(
    r"[ -](?:look|effect|style|like|grain(?:ed)?|colou?r(?:ed)?|imitation|optik|imitat|effekt)\b", re.IGNORECASE
)
_ASIDE_AFTER = re.compile(
    r"(?:[ -]\w+){0,2}?\s+(?:(?:is|are) )?(?:sold separately|optional(?:ly)?\b|available separately)"
    r"|\s+(?:would|cannot|can['’]t|could not|fails?|falls short)\b",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"\s*(?:,|/|&|\b(?:or|nor|and|oder|noch|und|ou|et|ni|o|y|e)\b)(?:\s|\b(?:or|nor|and|any|an?|of|also|with"
    r"|built-in)\b)*",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.;:!?]\s|[\n()\u2013\u2014]|\s-\s")


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a text names a thing: the match, and how it is spoken of."""

    match: re.Match[str]
    manner: Manner


def mentions(text: str, pattern: re.Pattern[str]) -> Iterator[Mention]:
    """Every place where the pattern stands, in order, with how the text speaks of it there."""
    end: int = 0
    manner: Manner = "affirmed"
    for match in pattern.finditer(text):
        start = match.start()
        own = manner_at(text, start, match.end())
        if own == "affirmed" and manner != "affirmed" and _LINK.fullmatch(text, end, start):
            own = "doubtful" if manner == "denied" else manner
        manner, end = own, match.end()
        yield Mention(match, own)


def manner_at(text: str, start: int, end: int) -> Manner:
    """How the text speaks of what stands at this place in it, by the words before and after."""
    before = _STOP.split(text[max(0, start - _BEFORE) : start])[-1]
    after = text[end : end + _AFTER]
    if _IMITATED_BEFORE.search(before) or _IMITATED_AFTER.match(after):
        return "doubtful"
    if _ASIDE_BEFORE.search(before) or _ASIDE_AFTER.match(after):
        return "aside"
    if _KIND_BEFORE.search(before) and _LEFT_OPEN_AFTER.match(after):
        return "aside"
    if _DENIED_BEFORE.search(before) or _DENIED_AFTER.match(after):
        return "denied"
    return "doubtful" if _NEGATED_NEARBY.search(before) else "affirmed"
