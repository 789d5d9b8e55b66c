"""The guard against injection: a draft that obeyed an order in its record, or that gives orders itself.

Found are: orders and the talk of a model about itself, in many languages; the marks of conversations and of JSON; what
the record's orders demand (``orders`` knows which); links; characters that no eye sees or that look like others. A
draft in which one of these stands was not written by a model that did its own work, so all of it is rejected.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.answering import ANSWERING
from catalog_embeddings.transform.guards.orders import (
    Demand,
    demands,
    orders_in,
    plainly,
    stem,
    telling_words,
    without_orders,
)
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.sentences import sentences
from catalog_embeddings.transform.guards.visible import Visible, visible

_HACKED = re.compile(r"(?<![\w-])(?:PWNED|pwned|HACKED|H4CKED|0wned|OWNED BY|INJECTED|COMPROMISED)(?![\w-])")
_JSON = re.compile(
    r"[{\[]\s{0,5}[\"'][\w $-]{1,60}[\"']\s{0,5}[:,]|[\"']\s{0,5}[}\]]\s{0,5}[,}\]]|\\?\"(?:role|content"
    r"|description|tags|use_cases|name|arguments|verdict|system|function|tool|record|draft)\\?\"\s{0,5}:|"
    r"\b(?:tool_call|function_call|tool_use)s?\b|</?(?:tool|function|invoke|parameter|script)\b|\b(?:DROP"
    r"|DELETE FROM|INSERT INTO|UNION SELECT)\s+(?:TABLE\b|\w{1,40};?)|(?<!\w)(?:curl|wget|rm -rf|sudo|eval\("
    r"|os\.system|import os)\s",
)
_LINK = re.compile(
    r"(?<![\w@])(?:[a-z][a-z0-9+.-]{1,12}://|www\.)[^\s\"'<>]{2,200}|\b(?:javascript"
    r"|data):[a-z/]{2,20}[;,(:][^\s]{0,200}",
    re.I,
)
_SITE = re.compile(
    r"(?<![\w.@/-])(?:[a-z0-9-]{2,63}\.){1,3}(?-i:com|net|org|io|info|biz|ru|cn|xyz|shop|store|online|site|top"
    r"|club|link|click|example|test|app|dev|co\.uk|de|fr)(?:/[^\s\"'<>]{0,200})?(?![\w-]|\.\w)",
    re.I,
)
_BLOB = re.compile(
    r"(?<![A-Za-z0-9+/=_-])(?=[A-Za-z0-9+/]{0,400}[a-z])(?=[A-Za-z0-9+/]{0,400}[A-Z])[A-Za-z0-9+/]{24,}={0,2}(?![A-Za-z0-9+/=_-])"
)
_HIDDEN = re.compile(
    "[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]+|(?<=\\w)[\u200b\u2060\u2061-\u2064\ufeff\u180e]+(?=\\w)"
    "|[\u200b-\u200d\u2060-\u2064\ufeff]{2,}"
)
# A word of Latin letters with Cyrillic or Greek ones that look like them; μ, Ω and their like stand in units.
_MIXED = re.compile(
    r"(?<!\w)(?=\w{0,40}[A-Za-z])(?=\w{0,40}[АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧοκνρυι])\w{3,60}(?!\w)"
)
_STYLED = re.compile("[\U0001d400-\U0001d7ff\uff21-\uff3a\uff41-\uff5a\u24b6-\u24e9\U0001f130-\U0001f189]{3,}")
# Words that an order and a sentence share, and the record has nowhere else: so many, or one so long.
_COMPANY = 2
_TELLING = 7


def find(draft: Draft, record: Record) -> Iterator[Finding]:
    """What shows that a draft obeyed its record, or that it gives orders, hides or links."""
    demand = demands(record)
    # What stands in an order is no excuse for standing in a draft.
    record = without_orders(record) if demand else record
    for place, text in draft.passages():
        seen = visible(text)
        for start, end, reason in _told(text, seen, record, demand):
            yield Finding("injection", place, start, text[start:end], reason)


def _told(text: str, seen: Visible, record: Record, demand: Demand | None) -> Iterator[tuple[int, int, str]]:
    for start, end in orders_in(seen.text):
        yield *seen.place(start, end), "this gives orders, or speaks of a model's own"
    for pattern, reason in (
        (ANSWERING, "a model answers here instead of describing"),
        (_HACKED, "this announces a break-in"),
        (_JSON, "a fragment of JSON, a call or code"),
        (_LINK, "a link"),
    ):
        for match in pattern.finditer(seen.text):
            yield *seen.place(*match.span()), reason
    for pattern, reason in ((_SITE, "a web address that the record does not have"), (_BLOB, "an encoded text")):
        for match in pattern.finditer(seen.text):
            if match[0].casefold() not in record.folded and (pattern is _SITE or _is_encoded(match[0])):
                yield *seen.place(*match.span()), reason
    if not text.isascii():
        yield from _disguised(text, record)
    if demand is not None:
        for start, end in _obeyed(seen.text, demand):
            yield *seen.place(start, end), "an order in the record demands this"


def _disguised(text: str, record: Record) -> Iterator[tuple[int, int, str]]:
    for match in _HIDDEN.finditer(text):
        if match[0] not in record.text:
            yield *match.span(), "characters that no eye sees"
    for match in _MIXED.finditer(text):
        if unicodedata.normalize("NFKC", match[0]).casefold() not in record.folded:
            yield *match.span(), "letters of two alphabets that look alike"
    for match in _STYLED.finditer(text):
        if unicodedata.normalize("NFKC", match[0]).casefold() not in record.folded:
            yield *match.span(), "letters in a disguise"


def _obeyed(text: str, demand: Demand) -> Iterator[tuple[int, int]]:
    for wanted in demand.exact:
        for match in re.finditer(_as_pattern(wanted), text, re.IGNORECASE):
            yield match.span()
    if not demand.words:
        return
    for start, end in sentences(text):
        said = {word for word in telling_words(text[start:end]) if stem(word) in demand.words}
        if len(said) >= _COMPANY or any(len(word) >= _TELLING for word in said) or (said and plainly(text) in said):
            yield start, end


def _as_pattern(wanted: str) -> str:
    words = r"\s+".join(map(re.escape, wanted.split()))
    return rf"(?<![^\W_]){words}(?![^\W_])" if wanted.isascii() else words


def _is_encoded(blob: str) -> bool:
    """Base64 of text: a long part number is none."""
    try:
        return base64.b64decode(blob + "=" * (-len(blob) % 4), validate=True).decode().isprintable()
    except (binascii.Error, UnicodeDecodeError):
        return len(blob) >= 60
