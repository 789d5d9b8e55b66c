"""The guard against what is not prose: tags, Markdown, code, placeholders, names of fields, broken characters, emoji.

What the record itself has, the null modem and a name in curly braces, is no placeholder.
"""

import re
import unicodedata
from collections.abc import Iterator

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.record import Record

_ELEMENTS = (
    "a abbr article aside b blockquote body br button code dd div dl dt em font footer form h1 h2 h3 h4 h5 h6 "
    "head header hr "
    "html i iframe img input li link main mark meta nav object ol option p pre q s script section select small "
    "span strike "
    "strong style sub sup svg table tbody td textarea tfoot th thead title tr u ul video"
)
_ALWAYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "HTML",
        re.compile(
            rf"</?(?:{'|'.join(_ELEMENTS.split())})(?:\s[^<>]{{0,2000}})?/?>|<!--|-->|<!DOCTYPE|<!\[CDATA\[|<\?xml",
            re.I,
        ),
    ),
    (
        "an HTML entity",
        re.compile(
            r"&(?:#\d{2,7}|#x[0-9a-f]{2,6}|amp|lt|gt|quot|apos|nbsp|[aeiou](?:uml|acute|grave|circ)|szlig|reg"
            r"|copy|trade|deg|euro|ndash|mdash|hellip|bull|rsquo|lsquo|[lr]dquo);",
            re.I,
        ),
    ),
    ("XML", re.compile(r"</[a-z][\w:.-]{0,40}>|<[a-z][\w:.-]{0,40}\s?/>", re.IGNORECASE)),
    (
        "BBCode or LaTeX",
        re.compile(
            r"\[/?(?:b|i|u|s|url|img|color|size|list|quote|code)(?:=[^\[\]\n]{0,100})?\]"
            r"|\\(?:textbf|textit|emph|begin|end|item|section|href)\b|~~(?=\S)[^~\n]{1,200}~~",
            re.IGNORECASE,
        ),
    ),
    ("a code fence", re.compile(r"```|~~~")),
    (
        "Markdown",
        re.compile(
            r"(?<![\w*])\*\*(?=[^\s*])[^*\n]{1,300}\*\*|(?<![\w_])__(?=[^\s_])[^_\n]{1,300}__|^[ ]{0,3}#{1,6} \S"
            r"|(?<!\S)#{2,6} \S|!?\[[^\[\]\n]{0,300}\]\([^()\s]{1,300}\)|(?<!`)`[^`\n]{1,200}`(?!`)"
            r"|^\|.{0,500}\|[ ]*$|^[ ]{0,3}(?:-{3,}|={3,}|\*{3,})[ ]*$",
            re.M,
        ),
    ),
    (
        "a label",
        re.compile(
            r"(?:^|(?<=[.!?] )|(?<=\n))(?:product )?(?:description|tags|use[ _]cases|keywords|output|summary)\s?:",
            re.IGNORECASE,
        ),
    ),
    ("an escape sequence", re.compile(r"(?<!:)\\[nrt]|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\\"")),
    ("a broken character", re.compile(r"[\ufffd\ud800-\udfff\ue000-\uf8ff]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")),
)
_BULLET = re.compile(r"^[ ]{0,3}[-*+][ \t]+\S[^\n]{0,80}|(?<=\s)\* [A-Z][a-z]", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])[^*\n]{1,100}(?<=[^\s*])\*(?![\w*])")

# These are fine where the record has them too.
_UNLESS_IN_RECORD: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "a placeholder",
        re.compile(
            r"\{\{[^{}]{0,200}\}\}|\{%[^{}%]{0,200}%\}|\$\{[^{}]{0,200}\}|(?<![\w{])\{[a-z_][\w .]{0,60}\}"
            r"|<<?(?:insert|your|product|brand|item|title|name|model)[^<>\n]{0,60}>|%\([a-z_]{1,40}\)s|(?<![\w%])%s\b",
            re.I,
        ),
    ),
    (
        "a placeholder",
        re.compile(
            r"\[(?:insert|your|product|brand|item|title|name|model|price|colou?r|placeholder|add|enter|todo|tbd"
            r"|company|customer|email|phone|card|iban|secret|address|account|feature|description|link"
            r"|here)\b[^\[\]\n]{0,60}\]",
            re.I,
        ),
    ),
    (
        "a filler",
        re.compile(
            r"\blorem ipsum\b|\bdolor sit amet\b|\[object Object\]|\bplaceholder text\b|\bsample text\b"
            r"|\btext goes here\b",
            re.I,
        ),
    ),
    (
        "a value that was missing",
        re.compile(
            r"(?<![\w-])(?:undefined|null|NULL|NaN|N/A|n/a|TBD|TBA|TO[D]O|FIX[M]E|XX[X]|(?<=[:=] )None)(?![\w-])"
        ),
    ),
    (
        "emoji",
        re.compile(
            "[\U0001f000-\U0001faff\u2600-\u26ff\u2705\u2728\u274c\u2753-\u2757\u2764\u2795-\u2797\u27a1\u2b05-\u2b07\u2b50\u2b55]"
        ),
    ),
    # UTF-8 that somebody read as Latin-1: Ã© for é, â€™ for ’.
    (
        "broken characters",
        re.compile(
            r"[ÃÂ][\u0080-\u00bf\u0192\u0160-\u0161\u0178\u2018-\u2022\u201a-\u201e\u2026\u20ac\u2122]|â(?:€"
            r"|\u0080)[\u0080-\u00bf\u0152-\u0153\u02dc\u2013-\u2122]|ï»¿|ï¿½"
        ),
    ),
)
_FIELD = re.compile(r"(?<![\w/.-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+_?(?![\w/-])")
_CAPITALS = re.compile(r"(?<![\w-])[^\W\d_]+(?:[’'-][^\W\d_]+)*(?![\w-])")
# So many words in capitals, one after another, are shouted; names of models and standards are fewer or hold digits.
_SHOUTED = 6


def find(draft: Draft, record: Record) -> Iterator[Finding]:
    """Everything in a draft that is not plain text."""
    fields = {fact.name for fact in record.facts}
    for place, text in draft.passages():
        # What one name covers another may cover, too; it is told once.
        for match, what in {match.span(): (match, what) for what, match in _matches(text, record)}.values():
            yield Finding("markup", place, match.start(), match[0], f"{what}, not prose")
        for match in _FIELD.finditer(text):
            is_field = match[0].count("_") > 1 or match[0].replace("_", " ").strip() in fields
            if is_field and match[0] not in record.folded:
                yield Finding("markup", place, match.start(), match[0], "the name of a field, not prose")
        if shout := _shout(text, record):
            yield Finding("markup", place, shout[0], text[slice(*shout)], "all in capitals")


def _matches(text: str, record: Record) -> Iterator[tuple[str, re.Match[str]]]:
    for what, pattern in _ALWAYS:
        yield from ((what, match) for match in pattern.finditer(text))
    for what, pattern in _UNLESS_IN_RECORD:
        for match in pattern.finditer(text):
            if unicodedata.normalize("NFKC", match[0]).casefold() not in record.folded:
                yield what, match
    bullets = list(_BULLET.finditer(text))
    if len(bullets) > 1:
        yield from (("a list in Markdown", bullet) for bullet in bullets)
    for match in _EMPHASIS.finditer(text):
        if match[0].casefold() not in record.folded:
            yield "Markdown", match


def _shout(text: str, record: Record) -> tuple[int, int] | None:
    start = end = count = 0
    for match in _CAPITALS.finditer(text):
        if match[0].isupper() and len(match[0]) > 1:
            start, end, count = (start if count else match.start()), match.end(), count + 1
        elif len(match[0]) > 1 or match[0].islower():
            if count >= _SHOUTED:
                break
            count = 0
    shouted = count >= _SHOUTED and text[start:end].casefold() not in record.folded
    return (start, end) if shouted else None
