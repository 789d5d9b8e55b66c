"""Qualities that can be checked (waterproof, leather, wireless, certified) are in the record, or are not written.

Knows what supports a quality and what speaks against it in a record. The words are in `quality_words`,
`quality_features` and `quality_marks`; whether a text affirms or denies what it names is `mentions`', and what a
record says no to is `refusals`'. Numbers, brands and praise are other guards'.
"""

import re
from collections.abc import Iterator
from functools import cache

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.mentions import Mention, mentions
from catalog_embeddings.transform.guards.opposites import contradictions
from catalog_embeddings.transform.guards.quality import Quality
from catalog_embeddings.transform.guards.quality_features import CONNECTIONS, FEATURES
from catalog_embeddings.transform.guards.quality_marks import CERTIFICATES, ORIGINS
from catalog_embeddings.transform.guards.quality_words import MATERIALS, PROTECTION
from catalog_embeddings.transform.guards.record import Fact, Record
from catalog_embeddings.transform.guards.refusals import affirmed_though_refused, refused

# What may stand in a word that is written together, apart or with a hyphen.
_BETWEEN = r"[\s\u00ad\u200b\u2010-\u2015-]?"
_BY_GROUP = {
    f"q{place}": quality
    for place, quality in enumerate(PROTECTION + MATERIALS + CONNECTIONS + FEATURES + CERTIFICATES + ORIGINS)
}

_UNKNOWN = frozenset({"n/a", "na", "unknown", "not specified", "unspecified", "-", "?", "tbd"})
# What may stand beside a quality in the name of a fact that is about it and nothing else.
_OF_A_NAME = """
attr b t n attribute attributes feature features spec specs is has with support supported supports supporting ready
compliant compliance certified certification integrated built in included port ports quantity number of on
connectivity connection technology capable function functionality enabled option available lan display panel s
"""
_SPEAKS_FOR = frozenset({"affirmed", "aside"})
_WORD = re.compile(r"[^\W_]+")
# "No PoE injector", "without the leather strap": what is denied is another thing than the quality.
_PART_OF_IT = re.compile(
    r"[ -](?!(?:on|is|are|or|and|nor|in|at|to|of|for|but|so|support|connections?|connectivity|capability|function"
    r"|ports?|here|built|fitted|included|available|parts?|rated|certified|body|housing|casing|shell|frame|construction"
    r"|design|finish|display|network(?:ing)?|option|either|inside|used|whatsoever|by|free)\b)[^\W\d]",
    re.IGNORECASE,
)
# Things that a product serves have qualities of their own: "charges wireless headsets", "storing USB cables".
_SERVED_BEFORE = re.compile(
    r"\b(?:power(?:s|ing)?|feed(?:s|ing)?|driv(?:es?|ing)|charg(?:es?|ing)|clean(?:s|ing)?|stor(?:es?|ing)"
    r"|sort(?:s|ing)?"
    r"|carry(?:ing)?|carries|holds?|holding|protect(?:s|ing)?|label(?:s|ling)?|mark(?:s|ing)?|such as|beside)"
    r"(?:\s+[\w-]+,?){0,4}\s+$",
    re.IGNORECASE,
)
_SERVED_AFTER = re.compile(r"(?:[ -]\w+)?[ -]\w+[^\Ws]s\b", re.IGNORECASE)
_PLURAL = re.compile(r"[^s]s$", re.IGNORECASE)
# A use names things that are served: "cordless phones and toys", "RAID arrays".
_DEVICES_AFTER = re.compile(
    r"[ -](?:\w+ )?(?:phones|toys|devices|keyboards|mice|headsets|headphones|speakers|tools|printers|cameras"
    r"|laptops|tablets"
    r"|controllers|gadgets|antennas|networks?|routers|clients|microphones|players|peripherals|drives|disks"
    r"|arrays?|spares"
    r"|sets?|systems|servers|cables|enclosures|accessories|equipment|monitors|displays|hubs|switches|storage|machines"
    r"|appliances|products|sensors|lights|lamps|torches|flashlights|remotes)\b",
    re.IGNORECASE,
)
# Things that are had by themselves as well as built in: "connecting a microphone to a mixer".
_SEPARATE = frozenset({"microphone", "webcam", "speakers", "subwoofer", "stylus"})
_JOINED_BEFORE = re.compile(
    r"\b(?:connect|attach|plug|hook|link|mount|join|replac|extend)\w*(?: up| in)? (?:an?|the|your|another)"
    r"(?: [\w-]+){0,2} $",
    re.IGNORECASE,
)
# "Joins two male cables" is of the cables, "joins them by two male plugs" of the item.
_JOINS_BEFORE = re.compile(
    r"\b(?:join|connect|coupl|link|extend|accept)(?:s|es|e|ing)?(?: (?!by|via|with|through|using|its|to)[\w-]+){0,3} $",
    re.IGNORECASE,
)
_JOINED_THINGS_AFTER = re.compile(r" (?:[\w-]+ )?(?:cables|cords|leads|plugs|connectors|ends)\b", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d{4,}")
_NEAR = 60

# A desk, a wall or a floor is of a material too: "for wooden desks", "drills into steel plates".
_SURROUNDINGS_BEFORE = re.compile(
    r"\b(?:such as|on|onto|upon|to|against|under|behind|through|into|over|for|across|between|cuts?|cutting|sanding"
    r"|drill(?:s|ing)?)(?:\s+(?!with\b|made\b)[\w-]+,?){0,3}\s+$",
    re.IGNORECASE,
)
_SURROUNDINGS_AFTER = re.compile(
    r"(?:,\s+\w+){0,3}(?:,? (?:or|and) \w+)?(?:\s+\w+)?\s+(?:desk|table|floor|wall|shel(?:f|ves)|door|window"
    r"|surface|furniture|board|jar|bottle|boxe?|container|pole|worktop|counter|ceiling|fence|frame|plate|sheet|object"
    r"|good|shoe|sofa|jacket|bag|joint|beam|rod|pipe)s?\b"
    r"|\s*,?\s*(?:and|or|&)\s+(?:\w+\s+)?(?:walls?|floors?|surfaces?|furniture)\b",
    re.IGNORECASE,
)


def find(draft: Draft, record: Record) -> Iterator[Finding]:
    """Qualities that the record does not have, denials of those it has, and what it says no to."""
    objection = cache(lambda quality, words, affirmed: _objection(quality, words, record, affirmed=affirmed))
    for place, text in draft.passages():
        for mention in mentions(text, _claims()):
            quality, words = _BY_GROUP[mention.match.lastgroup or ""], mention.match[0]
            in_use = place.startswith("use_cases")
            served = in_use and _of_what_is_used(quality, mention.match, text)
            if not served and _claimed(quality, mention, text):
                reason = objection(quality, words, mention.manner == "affirmed")
                if reason:
                    yield Finding("unsupported_quality", place, mention.match.start(), words, reason)
        # What an item serves, or joins, may be of the other kind.
        for start, end, told in () if place.startswith("use_cases") else contradictions(text, record):
            if _of_what_is_joined(text, start, end):
                continue
            yield Finding("unsupported_quality", place, start, text[start:end], f"the record says {told}")
        for start, end, name in affirmed_though_refused(text, record):
            if not _claims().search(text, start, end):
                yield Finding("unsupported_quality", place, start, text[start:end], f"the record says no to {name}")


def _claimed(quality: Quality, mention: Mention, text: str) -> bool:
    """Whether the text says of the product itself that it has the quality, or that it has not."""
    start, end = mention.match.span()
    if mention.manner == "denied":
        return not _PART_OF_IT.match(text, end)
    return mention.manner == "affirmed" and not (
        (quality.material and _of_surroundings(text, start, end)) or _of_what_is_served(text, start, end)
    )


def _objection(quality: Quality, words: str, record: Record, *, affirmed: bool) -> str | None:
    if quality.code:
        return f"the record does not say {words}" if affirmed and not _has_code(record, words) else None
    if not affirmed:
        return f"the record says {quality.name}" if _affirms(record, quality) and not _denied(record, quality) else None
    says = _says(record, quality)
    if says is None:
        return None if _in_one_fact(words, record) else f"the record does not say {quality.name}"
    return None if says else f"the record says it is not so: {quality.name}"


def _says(record: Record, quality: Quality) -> bool | None:
    """Yes, no, or nothing. What says so in the claim's own words outweighs a no, and a no outweighs other proof."""
    if _affirms(record, quality):
        return True
    if _denied(record, quality):
        return False
    proof = _pattern(quality.proof)
    return True if quality.proof and any(_supports(fact, proof) for fact in record.facts) else None


def _affirms(record: Record, quality: Quality) -> bool:
    claim = _pattern(quality.claim)
    return any(_supports(fact, claim) for fact in record.facts)


def _denied(record: Record, quality: Quality) -> bool:
    claim = _pattern(quality.claim)
    return any(_denies(fact, claim) for fact in record.facts)


def _supports(fact: Fact, pattern: re.Pattern[str]) -> bool:
    """Whether a fact speaks for what the pattern names: in its value, or in its name where the value is no no."""
    if fact.text.strip().casefold() in _UNKNOWN:
        return False
    if any(mention.manner in _SPEAKS_FOR for mention in mentions(fact.text, pattern)):
        return True
    named = next(mentions(fact.name, pattern), None)
    return named is not None and (named.manner in _SPEAKS_FOR) != refused(fact)


def _denies(fact: Fact, claim: re.Pattern[str]) -> bool:
    """Whether a fact speaks against it: in so many words, or by a no to a name that holds nothing else."""
    if any(mention.manner == "denied" for mention in mentions(fact.text, claim)):
        return True
    if not refused(fact):
        return False
    named = next(mentions(fact.name, claim), None)
    if named is None or named.manner != "affirmed":
        return False
    start, end = named.match.span()
    return frozenset(_OF_A_NAME.split()).issuperset(_WORD.findall(f"{fact.name[:start]} {fact.name[end:]}"))


def _in_one_fact(words: str, record: Record) -> bool:
    """Whether the words of a claim, two at least, stand in one fact in any order: `adjustable keyboard height: yes`."""
    stems = {word[:5].casefold() for word in _WORD.findall(words)}
    return len(stems) > 1 and any(
        not refused(fact) and stems <= {word[:5] for word in _WORD.findall(f"{fact.name} {fact.text}".casefold())}
        for fact in record.facts
    )


def _has_code(record: Record, words: str) -> bool:
    """Whether the record has the code, or its letters and a number that is too long to stand there by chance."""
    code, said = _WORD.findall(words.casefold().removesuffix("-rated")), record.folded
    if "".join(code) in "".join(_WORD.findall(said)):
        return True
    number = _LONG_NUMBER.search(words)
    return number is not None and number[0] in said and code[0].rstrip("0123456789") in said


def _of_what_is_served(text: str, start: int, end: int) -> bool:
    plural = text[start:end].endswith("s") or _SERVED_AFTER.match(text, end)
    return bool(plural and _SERVED_BEFORE.search(text[max(0, start - _NEAR) : start]))


def _of_what_is_joined(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _NEAR) : start]
    return bool(_JOINED_THINGS_AFTER.match(text, end) and _JOINS_BEFORE.search(before))


def _of_what_is_used(quality: Quality, match: re.Match[str], text: str) -> bool:
    """Whether a use case speaks of another thing: of several, of a device, of the microphone that is connected."""
    if _PLURAL.search(match[0]) or _DEVICES_AFTER.match(text, match.end()):
        return True
    return quality.name in _SEPARATE and bool(_JOINED_BEFORE.search(text, 0, match.start()))


def _of_surroundings(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    return bool(_SURROUNDINGS_BEFORE.search(before) and _SURROUNDINGS_AFTER.match(after))


@cache
def _claims() -> re.Pattern[str]:
    """Every claim in one pattern; the group says whose it is."""
    return _compiled("|".join(f"(?P<{group}>{quality.claim})" for group, quality in _BY_GROUP.items()))


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return _compiled(words)


def _compiled(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?=\w)(?:{words.replace('~', _BETWEEN)})(?!\w)", re.IGNORECASE)
