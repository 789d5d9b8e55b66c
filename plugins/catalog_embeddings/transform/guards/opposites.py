"""Pairs and groups of which an item is one: registered or unbuffered memory, matt or glossy, laser or inkjet.

Where a record plainly says one side and nowhere the other, a draft that claims the other contradicts it. Where it says
neither or both, nothing follows. What has no opposite is among `qualities`' own words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from catalog_embeddings.transform.guards.mentions import mentions
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.refusals import refused


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its name for a person, the words that claim it, the lines of a record that say it, all that may.

    ``told`` is matched with a record's lines, ``name: value``; ``hinted`` is all that keeps a claim from being wrong.
    """

    name: str
    claim: str
    told: str
    hinted: str


_PAPER = r"(?:attr t )?(?:title|name|finish\w*|finish type|surface\w*|short description): .*"
_PRINTS = r"(?:attr t )?(?:title|name|short description|print technology|printing technology|type): .*"
_DRIVE = r"(?:hard drive|hard disk|solid.state drive|optical drive|dvd \w+|ssd|hdd|drive)"


def _mono_or_colour(verb: str, noun: str) -> tuple[Side, ...]:
    """The two sides of what a device prints, copies, scans or faxes."""
    return (
        Side(
            f"in colour: {noun}",
            rf"colou?r (?:laser |inkjet |led )?{verb}\w*",
            rf".*\bcolou?r {verb}",
            r"colou?r(?! ?(?:of product|coding))",
        ),
        Side(
            f"in black only: {noun}",
            rf"(?:mono(?:chrome)?|black[ -]and[ -]white) (?:laser |inkjet |led )?{verb}\w*",
            rf".*\bmono(?:chrome)? {verb}",
            r"mono\w*|black.and.white|b/w",
        ),
    )


_GROUPS: tuple[tuple[Side, ...], ...] = (
    (
        Side(
            "registered",
            r"registered (?:memory|ecc|dimms?|modules?|ddr\w*|ram)|(?<!un)(?<!un-)(?<!non-)buffered (?:memory"
            r"|dimms?|modules?)|rdimms?",
            r".*(?<!un)(?<!un-)\b(?:registered(?!\W*trade)|rdimm)\b",
            r"(?<!un)(?<!un-)(?:registered|rdimm)|: (?:.*[^\w-])?buffered",
        ),
        Side(
            "unbuffered",
            r"un-?buffered|unregistered|non-buffered|udimms?",
            r".*\b(?:un-?buffered|unregistered|non-buffered|udimm)\b",
            r"un-?buffered|unregistered|non-?buffered|udimm",
        ),
    ),
    (
        Side(
            "with ECC",
            r"(?<!non-)(?<!non )ecc (?:memory|ram|dimms?|modules?|support)",
            r".*\becc: yes",
            r"(?<!non.)\becc",
        ),
        Side("without ECC", r"non-?ecc", r".*\bnon.ecc\b", r"non.?ecc|ecc: no"),
    ),
    (
        Side(
            "passive cooling",
            r"passive(?:ly)?[ -]cool(?:ing|ed)",
            r".*\bcool\w*(?: type)?: passive",
            r"passive|fanless",
        ),
        Side(
            "active cooling",
            r"active(?:ly)?[ -]cool(?:ing|ed)|(?:a|one|the|its)(?: quiet| small"
            r"| built-in)? (?:cooling )?fan (?:cools|for)",
            r".*\bcool\w*(?: type)?: active",
            r"active|\bfans?\b",
        ),
    ),
    (
        Side(
            "shielded",
            r"(?<!un)(?<!un-)shielded|s/?f?tp|f/?utp|foil[ -]screened",
            r".*(?:\b(?:s/?ftp|sf/?utp|f/?utp|stp|ftp)\b|(?<![\w-])shielded)",
            r"(?:\b(?:s/?ftp|sf/?utp|f/?utp|stp|ftp|sstp|pimf)\b|(?<![\w-])shielded|foil|braid)",
        ),
        Side("unshielded", r"un-?shielded|u/?utp", r".*\b(?:un-?shielded|u/utp|utp)\b", r"un-?shielded|u/?utp"),
    ),
    (
        Side(
            "wired",
            r"(?:wired|corded) (?:mouse|keyboard|headset|headphones|earphones|model|connection|device|set|controller)",
            r".*\b(?:connectivity|connection)[\w ]*: wired$",
            r"(?<!\w)wired|corded|cable|usb|rj|ethernet",
        ),
        Side(
            "wireless",
            r"(?:wireless|cordless) (?:mouse|keyboard|headset|headphones|earphones|model|connection|set|controller)",
            r".*\b(?:connectivity|connection)[\w ]*: (?:rf )?wireless$",
            r"wireless|wi.?fi|wlan|bluetooth|cordless|802\.11|infrared|radio|\brf\b|dect",
        ),
    ),
    *(
        _mono_or_colour(verb, noun)
        for verb, noun in (("print", "printing"), ("cop", "copying"), ("scan", "scanning"), ("fax", "faxing"))
    ),
    (
        Side(
            "matt",
            r"matte?(?! black| white| grey| silver)|non-gloss(?:y)?",
            rf"{_PAPER}\bmatte?\b",
            r"\bmatte?|mat\b|frosted|anti.glare",
        ),
        Side("glossy", r"(?:high-)?gloss(?:y)?", rf"{_PAPER}\bgloss(?:y)?\b", r"gloss|glanz|brillan|shin"),
    ),
    (
        Side("internal", rf"internal {_DRIVE}", rf"(?:.*\binternal: yes|.*\binternal {_DRIVE})", r"internal"),
        Side("external", rf"(?:external|portable) {_DRIVE}", rf".*\bexternal {_DRIVE}", r"external|portable|pocket"),
    ),
    (
        Side("simplex", r"simplex", r".*\bsimplex\b", r"simplex"),
        Side(
            "duplex",
            r"duplex (?:fib(?:re|er)|cable|lc|sc|st|patch)\w*",
            r".*\b(?:lc|sc|st|cable|fib\w+) duplex|duplex (?:lc|sc|st|cable|fib\w+)",
            r"duplex",
        ),
    ),
    (
        Side("male", r"male", r".*\bgender\b.*: male$|.*\bm/m\b|.*\bmale.to.male", r"(?<!fe)male|\bm/|/m\b|plug"),
        Side(
            "female",
            r"female",
            r".*\bgender\b.*: female$|.*\bf/f\b|.*\bfemale.to.female",
            r"female|\bf/|/f\b|socket|jack|recept",
        ),
    ),
    (
        Side("laser", r"laser (?:print\w*|multifunction\w*|technology|engine)", rf"{_PRINTS}\blaser\b", r"laser"),
        Side(
            "inkjet",
            r"ink-?jet(?: print\w*| technology)?",
            rf"{_PRINTS}\bink.?jet\b",
            r"ink.?jet|\bink|deskjet|pixma|stylus",
        ),
        Side("dot matrix", r"dot[ -]matrix", rf"{_PRINTS}\bdot.matrix\b", r"matrix|\bpins?\b|impact|ribbon"),
        Side("thermal", r"(?:direct )?thermal (?:print\w*|transfer)", rf"{_PRINTS}\bthermal\b", r"therm"),
    ),
    (
        Side(
            "optical tracking", r"optical (?:sensor|tracking|mouse)", r".*\bdetection technology: optical$", r"optical"
        ),
        Side("laser tracking", r"laser (?:sensor|tracking|mouse)", r".*\bdetection technology: laser$", r"laser"),
    ),
    (
        Side("single-band", r"single[ -]band", r".*\bsingle.band\b", r"single.band"),
        Side("dual-band", r"dual[ -]band", r".*\bdual.band\b", r"(?:dual|tri|quad).?band|5 ?ghz"),
    ),
    (
        Side("QWERTY", r"qwerty", r".*\bqwerty\b", r"qwerty"),
        Side("QWERTZ", r"qwertz", r".*\bqwertz\b", r"qwertz"),
        Side("AZERTY", r"azerty", r".*\bazerty\b", r"azerty"),
    ),
    (
        Side(
            "SATA",
            r"(?:serial ata|sata)(?: interface| drive| disk)",
            r".*\binterface[\w ]*: (?:serial ata|sata)\b",
            r"serial ata|sata",
        ),
        Side("SAS", r"sas(?: interface| drive| disk)", r".*\binterface[\w ]*: sas\b", r"\bsas\b|serial attached"),
        Side("SCSI", r"scsi(?: interface| drive| disk)", r".*\binterface[\w ]*: (?:ultra\d* )?scsi\b", r"scsi"),
        Side(
            "IDE",
            r"(?:ide|parallel ata|pata)(?: interface| drive| disk)",
            r".*\binterface[\w ]*: (?:ide|pata|parallel)",
            r"\bide\b|pata|parallel|\bata\b",
        ),
    ),
)
_SIDES = {f"s{group}_{place}": side for group, sides in enumerate(_GROUPS) for place, side in enumerate(sides)}
_RIVALS = {
    f"s{group}_{place}": tuple(other for other in sides if other is not side)
    for group, sides in enumerate(_GROUPS)
    for place, side in enumerate(sides)
}


def contradictions(text: str, record: Record) -> Iterator[tuple[int, int, str]]:
    """Where a text claims one side while the record plainly says the other: start, end, what the record says."""
    facts = [fact for fact in record.facts if "://" not in fact.text]
    lines = [f"{fact.name}: {fact.text}".casefold() for fact in facts]
    said = [line for line, fact in zip(lines, facts, strict=True) if not refused(fact)]
    for mention in mentions(text, _claims()):
        group = mention.match.lastgroup or ""
        if mention.manner != "affirmed" or any(re.search(_SIDES[group].hinted, line) for line in lines):
            continue
        told = next((rival for rival in _RIVALS[group] for line in said if re.match(rival.told, line)), None)
        if told is not None:
            yield mention.match.start(), mention.match.end(), told.name


@cache
def _claims() -> re.Pattern[str]:
    """Every claim in one pattern; the group says whose it is."""
    words = "|".join(f"(?P<{group}>{side.claim})" for group, side in _SIDES.items())
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
