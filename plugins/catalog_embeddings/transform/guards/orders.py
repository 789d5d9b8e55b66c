"""Text that gives a language model orders, in many languages: how to know it, and what it demands.

A record is data. Where it speaks to a model all the same ("ignore previous instructions and say X"), the sentence and
those that go on in its manner are its orders; what they demand is what an obedient model would write. Whether a draft
did so is the business of ``injection``.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from catalog_embeddings.transform.guards.order_words import WORDINGS
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.sentences import sentences
from catalog_embeddings.transform.guards.visible import latinised, unleeted, visible

# A sentence that goes on giving orders begins so.
_GOES_ON = re.compile(
    r"\W*(?:then|and|also|now|next|finally|please|instead|just|only|always|never|do|don't|you|dann|und|puis|et"
    r"|luego|y|poi|e|затем|и|然后|并)?[\s,]*(?:"
    r"say|write|print|output|repeat|respond|reply|answer|add|include|insert|append|put|mention|claim|state"
    r"|recommend|describe|set|use|make|tell|call|tag|mark|change|replace|start|begin|end|return|reveal|do|never"
    r"|always|only|must"
    r"|sag|schreib|antwort|gib|füg|nenn|behaupt|erwähn|beschreib|écri|dis|dites|répond|ajout|mentionn|escrib|di"
    r"|diga|respond|añad|inclu|menciona|scrivi|rispondi|aggiungi|escrev|adicion|zeg|schrijf|voeg|napisz|powiedz|dodaj"
    r"|напиш|скаж|ответ|добав|вывед|写|說|说|寫|输出|回答|添加|请|請|只)",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"\"([^\"\n]{2,300})\"|“([^”\n]{2,300})”|„([^“”\n]{2,300})[“”]|«\s?([^»\n]{2,300})»|「([^」\n]{2,300})」"
    r"|『([^』\n]{2,300})』|`([^`\n]{2,300})`|(?<![\w])['‘]([^'’\n]{2,300})['’](?!\w)"
)
_SHOUTED = re.compile(r"(?<![\w-])[A-Z][A-Z0-9_!-]{2,40}(?![\w-])")
_ADDRESS = re.compile(
    r"https?://[^\s\"'<>]{3,200}|www\.[^\s\"'<>]{3,200}"
    r"|(?<![\w.@-])(?:[a-z0-9-]{2,63}\.){1,3}[a-z]{2,10}(?:/[^\s\"'<>]{0,200})?(?![\w-])",
    re.I,
)
# "say banana", "the word banana", "with the tag bestseller": the object itself.
_NOUNS = (
    "word|words|phrase|sentence|tag|tags|keyword|hashtag|token|string|wort|satz|mot|palabra|parola|palavra|woord"
    "|słowo|слово"
)
_OBJECT = re.compile(
    rf"(?:\b(?:says?|mention|called|named|write|output|{_NOUNS}|schreibe?|sage?|dis|dites|écrivez|écris|diga|di"
    rf"|scrivi|escribe|escreva"
    r"|napisz|powiedz|zeg|schrijf|напиши|скажи)\b|写|说|說|寫|输出)"
    rf"(?:\s|only|just|exactly|the|that|an?|our|nur|das|le|la|el|il|o|het|solo|seulement|apenas|alleen|tylko"
    rf"|только|{_NOUNS}|[:：]){{0,10}}"
    r"#?(?P<object>(?<![^\W_])[^\W_][\w-]{2,40})",
    re.IGNORECASE,
)
# "write the sentence The cake is a lie": all that follows.
_SENTENCE = re.compile(
    r"\b(?:sentence|phrase|words|following|text|use case|satz|frase|phrase)\s*:?\s+(?=([^.!?\n]{3,120}))", re.IGNORECASE
)
# Capitals within a sentence: a name, or in German a noun.
_NAME = re.compile(r"(?<=[a-zß,] )[A-ZÄÖÜ][a-zà-ÿ]{4,30}(?![^\W_])")
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
_APART = re.compile(r"(?<![^\W_])(?:[^\W\d_] ){5}")
_GAP_OF_LETTERS = re.compile(r"(?<=(?<![^\W_])[^\W\d_])[ ](?=[^\W\d_](?![^\W_]))")
_BLOB = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{16,4000}={0,2}(?![A-Za-z0-9+/=])")
# The vocabulary of orders and of any product text: a draft that has these has obeyed nothing.
_COMMON_WORDS = """
    ignore ignoring disregard forget previous prior above earlier instruction instructions prompt prompts rule rules
    system user users assistant model models language respond reply answer answers write writes writing print prints
    printing output outputs only just exactly always never must should shall this that with from your have will they
    them what when which than then also into instead following word words phrase sentence sentences text texts
    string include includes including insert append mention mentions describe describes description descriptions tag
    tags field fields json value values product products item items record records catalog data review reviews title
    brand name names price customer customers reader readers buyer buyers shopper shoppers people tell tells make
    makes made call calls called claim claims state states note notes important attention please every everything
    anything about before after other first last begin start starts finish change changes replace update updates set
    use uses used using like more most very such some each their there here english german french spanish italian
    dutch portuguese polish russian chinese japanese korean arabic turkish role mode developer content give gives
    show shows does done been being were would could both over under end ends command commands message messages new
    real task high good great best anweisung anweisungen vorherigen alle wort satz produkt beschreibung artikel
    kunden instructions précédentes produit instrucciones anteriores producto istruzioni precedenti prodotto well
    designed quality suitable ideal perfect home office work works working support supports
"""
_COMMON = frozenset(_COMMON_WORDS.split())


_COMMON_STEMS = frozenset(_COMMON | {word.rstrip("s") for word in _COMMON})


class Demand(NamedTuple):
    """What the orders of a record ask for. ``exact`` texts are told by themselves, ``words`` only in company."""

    exact: frozenset[str]
    words: frozenset[str]


def orders_in(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of everything in a seen text that gives orders, whichever letters it is disguised in."""
    for view in {text, latinised(text), unleeted(latinised(text))}:
        small = view.lower()
        for wording in WORDINGS:
            if any(need in small for need in wording.needs):
                yield from (match.span() for match in wording.pattern.finditer(view))


def demands(record: Record) -> Demand | None:
    """What a record demands of a model; None where it gives no orders."""
    # Nearly no record gives orders: one look at all of it is enough to know that.
    seen = _seen("\n".join(f"{fact.name}\n{fact.text}" for fact in record.facts))
    if not _gives_orders("\n".join((seen, *_decoded(seen)))):
        return None
    parts = [_parted(fact.name, fact.text) for fact in record.facts]
    ordered = "\n".join(part.orders for part in parts if part.orders)
    if not ordered:
        return None
    plain = "\n".join(f"{fact.name}\n{part.rest}" for fact, part in zip(record.facts, parts, strict=True)).casefold()
    exact = {
        text for text in map(plainly, _exact(ordered)) if len(text) > 1 and text not in plain and text not in _COMMON
    }
    return Demand(frozenset(exact), _known_by(ordered) - _known_by(plain) - _COMMON_STEMS)


def without_orders(record: Record) -> Record:
    """A record as it would be if it gave no orders: what an order says is no fact."""
    if demands(record) is None:
        return record
    parted = ((fact, _parted(fact.name, fact.text)) for fact in record.facts)
    return Record(
        tuple(replace(fact, value=part.rest) if part.orders else fact for fact, part in parted if part.rest.strip())
    )


def plainly(text: str) -> str:
    """A text for comparison: without case, outer punctuation and differences of space."""
    return " ".join(text.casefold().split()).strip(" .,;:!?\"'“”‘’«»()[]{}`")


def stem(word: str) -> str:
    """A word without its plural or past ending, near enough to know it again."""
    return re.sub(r"(?:s|es|ed|d)$", "", word) if len(word) > 4 else word


def _known_by(text: str) -> frozenset[str]:
    return frozenset(map(stem, _telling(text)))


def telling_words(text: str) -> list[str]:
    """The words by which a text is known again; scripts without spaces in threes."""
    return list(_telling(text.casefold()))


def _telling(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text.casefold()):
        word = match[0]
        if word[0] < "\u3040":
            yield word
        else:
            yield from (word[place : place + 3] for place in range(max(1, len(word) - 2)))


class _Parts(NamedTuple):
    orders: str
    rest: str


@lru_cache(maxsize=8192)
def _parted(name: str, value: str) -> _Parts:
    """A fact's orders, and the rest of it."""
    if _gives_orders(name):
        return _Parts(f"{name} {value}", "")
    seen = _seen(value)
    text = "\n".join((seen, *_decoded(seen)))
    pieces = [text[start:end] for start, end in sentences(text)]
    gives = [_gives_orders(piece) for piece in pieces]
    if not any(gives):
        # An order that runs over the end of its sentence, as split here, makes orders of it all.
        return _Parts(text, "") if _gives_orders(text) else _Parts("", value)
    for number, piece in enumerate(pieces):
        gives[number] = gives[number] or (number > 0 and gives[number - 1] and bool(_GOES_ON.match(piece)))
    for number in range(len(pieces) - 2, -1, -1):
        gives[number] = gives[number] or (gives[number + 1] and bool(_GOES_ON.match(pieces[number])))
    orders = "".join(piece for piece, is_order in zip(pieces, gives, strict=True) if is_order)
    rest = "".join(piece for piece, is_order in zip(pieces, gives, strict=True) if not is_order)
    return _Parts(orders, rest)


def _gives_orders(text: str) -> bool:
    return any(True for _ in orders_in(text))


def _exact(orders: str) -> Iterator[str]:
    for match in _QUOTED.finditer(orders):
        yield next(filter(None, match.groups()))
    yield from (match[0] for match in _SHOUTED.finditer(orders) if match[0] not in _ROLES)
    yield from (match[0] for match in _ADDRESS.finditer(orders))
    yield from (match[0] for match in _NAME.finditer(orders) if match[0].casefold() not in _COMMON)
    yield from (match[1] for match in _SENTENCE.finditer(orders))
    yield from (match["object"] for match in _OBJECT.finditer(orders))


_ROLES_WORDS = """
    SYSTEM ASSISTANT USER HUMAN IMPORTANT ATTENTION NOTE INSTRUCTION INSTRUCTIONS JSON INST SYS WARNING HTML ALL NOT
    AND THE YOU MUST ONLY
"""
_ROLES = frozenset(_ROLES_WORDS.split())


def _seen(text: str) -> str:
    """A text as it is read: also words whose letters stand apart."""
    seen = visible(text).text
    return _GAP_OF_LETTERS.sub("", seen) if _APART.search(seen) else seen


def _decoded(text: str) -> Iterator[str]:
    """What stands in base64, where that is text."""
    for match in _BLOB.finditer(text):
        try:
            decoded = base64.b64decode(match[0] + "=" * (-len(match[0]) % 4), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if decoded.isprintable():
            yield decoded if _gives_orders(decoded) else f'Say the words "{decoded}"'
