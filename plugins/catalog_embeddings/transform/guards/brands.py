"""A brand that the record does not name is allowed only as a comparison: "lighter than most models from Sony".

Knows how a name is told from a word, what a record names with it, and what a comparison reads like. That something
works with another brand's product is a fact like any other. The names are in `brand_names`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.brand_names import LINES, PLAIN, SAME, WORDS
from catalog_embeddings.transform.guards.record import Record

# How far back a comparison may have begun.
_REACH = 90

_COMPARED = re.compile(
    r"(?:\b(?:unlike|than|versus|vs\.?|compar(?:ed|able|es?|ing|ison) (?:to|with)|similar to|in contrast to"
    r"|contrary to|as opposed to"
    r"|alternatives? (?:to|for)|instead of|rather than|in place of|reminiscent of|rival(?:s|ling)?"
    r"|competitors? (?:to|of|from|such as|like)"
    r"|competes with|on (?:a )?par with"
    r"|(?<!devices )(?<!features )(?<!brands )(?<!products )(?<!services )(?<!platforms )(?<!systems )(?<!consoles )"
    r"(?<!phones )(?<!technologies )(?<!apps )(?<!makers )(?<!names )like(?! (?:other|all|its|every|any other|the other"
    r"|most other)\b)|not (?:a|an|the|from|by|made by|to be confused with)"
    r"|no|neither|nor|anders als|im vergleich zu|im gegensatz zu|ähnlich wie|statt|als|alternative zu"
    r"|contrairement (?:à|aux?)"
    r"|comparé à|par rapport (?:à|aux?)|similaire à|au lieu de|plutôt que|a diferencia de|en comparación con"
    r"|similar a|en lugar de"
    r"|frente a|a differenza di|rispetto a|invece di)\b)(?:[\s’'/-]+(?!(?:but|because|it|is|has|works"
    r"|fits)\b)[\w’'+&-]+){0,6}?[\s’'/-]*$"
    r"|\bas \w+(?: \w+)? as(?: [\w’'-]+){0,5}\s*$",
    re.IGNORECASE,
)
_COMPARED_AFTER = re.compile(
    r"[- ](?:style|like|inspired|esque)\b"
    r"|(?:(?:,|,? and|,? or)\s[\w&’'-]+(?:\s[A-Z][\w&’'-]+)?){0,3}\s(?:also |both |all )?(?:makes?|offers?"
    r"|builds?|sells?|has|have)"
    r"\s(?:\w+ )?(?:comparable|similar|equivalent|competing|rival|alternative|like)\b",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?:['’]s)?(?:\s+\w+)?\s*(?:,|/|&|\b(?:or|and|oder|und|ou|et|o|y)\b)+\s*(?:the |a |from |or |and )*", re.IGNORECASE
)
_STOP = re.compile(r"[.;:!?]\s|\n")

# A name that is also a word begins a sentence with a capital too; what follows tells: a model, a possessive, a name.
_BEGINS = re.compile(r"(?:^|[.;:!?\n\"“(]\s*)$")
_NAMED_BEFORE = re.compile(r"\b(?:by|from|von|par|por|than|unlike) $", re.IGNORECASE)
_LOWER_CASE = re.compile(r"\b[a-zß-öø-ÿ]{4,}\b")
_NAMED_AFTER = re.compile(r"['’]s\b|[®™]|\s+(?:[A-Z]{2,}|[A-Z]?[\w-]*\d)")

# Written together, so many letters do not stand in a text by chance.
_TELLING_LENGTH = 8
_TRADE_MARK = re.compile(r"tm(?=[\W\d]|$)|[®™]")

# A maker nobody has heard of is still a claim about who made it.
_MADE_BY = re.compile(
    r"\b(?i:made|manufactured|produced|built|designed|engineered|developed|crafted|hergestellt|fabriqué|fabricado"
    r"|prodotto)"
    r"\s+(?i:by|von|par|por|da)\s+(?!(?i:the|a|an|hand)\b)(?P<maker>[A-Z][\w&’'+-]*(?:\s+[A-Z][\w&’'+-]*){0,2})"
)


def find(draft: Draft, record: Record) -> Iterator[Finding]:
    """Names of brands that the record does not give, where they are not only compared with."""
    named = cache(lambda name: _named(record, name))
    for place, text in draft.passages():
        compared_until = -1
        for match in _names().finditer(text):
            start, end = match.span()
            if match.lastgroup == "word" and not _is_a_name(text, start, end):
                continue
            if _compared(text, start, end) or (compared_until >= 0 and _LINK.fullmatch(text, compared_until, start)):
                compared_until = end
            elif not named(match[0]):
                yield Finding("brand", place, start, match[0], f"the record does not name {match[0]}")
        yield from _unknown_makers(place, text, record)


def _unknown_makers(place: str, text: str, record: Record) -> Iterator[Finding]:
    for match in _MADE_BY.finditer(text):
        maker = match["maker"].removesuffix("'s").removesuffix("’s")
        if not _stands(maker.split()[0], record) and not _names().match(maker):
            yield Finding("brand", place, match.start("maker"), maker, f"the record does not name {maker} as the maker")


def _is_a_name(text: str, start: int, end: int) -> bool:
    """Whether a word that is also a brand stands as a name: with a capital that neither sentence nor title gave it."""
    if _NAMED_AFTER.match(text, end) or _NAMED_BEFORE.search(text[max(0, start - 8) : start]):
        return True
    return not _BEGINS.search(text[max(0, start - 4) : start]) and bool(_LOWER_CASE.search(text))


def _compared(text: str, start: int, end: int) -> bool:
    before = _STOP.split(text[max(0, start - _REACH) : start])[-1]
    return bool(_COMPARED.search(before) or _COMPARED_AFTER.match(text, end))


def _named(record: Record, name: str) -> bool:
    """Whether the record has the name, another of the same maker's, a line of that maker, or its maker as its own."""
    key = _key(name)
    if any(_stands(spelling, record) for spelling in _spellings().get(key, (name,))):
        return True
    maker = _makers().get(key)
    return maker is not None and any(_key(brand).startswith(maker) for brand in record.brands)


def _stands(name: str, record: Record) -> bool:
    """Whether the record has the name: as a word, with a trade mark's letters, or written together ("Core™2Duo")."""
    if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!(?!tm\b)[^\W\d_])", record.folded):
        return True
    key = _key(name)
    return len(key) >= _TELLING_LENGTH and key in _key(_TRADE_MARK.sub("", record.folded))


@cache
def _names() -> re.Pattern[str]:
    """Every name in one pattern, the longest first; the group ``word`` is a name that is also a word."""
    words = _listed(WORDS)
    plain = {*_listed(PLAIN), *(line for lines in LINES.values() for line in _listed(lines))}.difference(words)
    return re.compile(rf"(?<![\w.@/-])(?:(?i:{_alternatives(plain)})|(?P<word>{_alternatives(words)}))(?![\w@])")


@cache
def _makers() -> Mapping[str, str]:
    """The maker of a line, both by key: who names HP as the maker may speak of a LaserJet."""
    return {_key(line): _key(maker) for maker, lines in LINES.items() for line in _listed(lines)}


@cache
def _spellings() -> Mapping[str, tuple[str, ...]]:
    """What names a brand in a record, by the key of the brand."""
    found: dict[str, list[str]] = {}
    for maker, lines in LINES.items():
        found.setdefault(_key(maker), [maker]).extend(_listed(lines))
    for names in SAME:
        every = [spelling for name in names for spelling in found.get(_key(name), [name])]
        for name in names:
            found[_key(name)] = [name, *every]
    return {key: tuple(dict.fromkeys(spellings)) for key, spellings in found.items()}


def _alternatives(names: Iterable[str]) -> str:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return "|".join(re.escape(name).replace(r"\ ", r"[\s-]").replace("'", "['’]") for name in longest_first)


def _listed(names: str) -> list[str]:
    return [name for entry in names.split(",") if (name := " ".join(entry.split()))]


def _key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
