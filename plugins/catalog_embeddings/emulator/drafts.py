"""Scripted enrichment: what a language model might write of a catalog record, well or badly.

Knows the record between ``<record>`` and ``</record>`` in a message, and nothing of the prompt around it. A faithful
draft says in plain sentences what the record says, so that whatever a guard finds in it is a false alarm. The other
kinds do what models have done: obey the record, make things up, break the schema, break off, refuse. When which kind
is written is decided in ``faults``.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_embeddings.emulator.faults import DraftKind

_RECORD = re.compile(r"<record>\s*(\{.*?\})\s*</record>", re.DOTALL)
# Names of facts that no description repeats, whatever they say.
_NOT_SAID = re.compile(
    r"\d|price|warrant|guarantee|stock|deliver|shipping|seller|contact|phone|mail|url|link|discount", re.IGNORECASE
)
# Nor values that are no prose, or say that something is not there.
_NOT_PROSE = re.compile(r"[<>{}@\\]|https?:|www\.|^(?:no|not|none|n|nein|kein|non|aucun)\b", re.IGNORECASE)
_TAG = re.compile(r"[^\W\d_]{2,}(?:[ -][^\W\d_]{2,}){0,2}")
_ORDER = re.compile(
    r"ignor|disregard|forget|instead|instruct|system|assistant|respond|reply|answer|output|print|repeat|write|say\b|"
    r"you (?:must|are|will)|schreib|antwort|vergiss|anweisung|écri|répond|oublie|escrib|responde|olvida|ответь|напиши|"
    r"игнорируй|忽略|输出|回答|無視|出力",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“„«「']([^\"”“»」']{3,})[\"”“»」']")
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_ENOUGH_WORDS, _FEWEST_WORDS, _MOST_WORDS_OF_A_VALUE = 45, 16, 8
_MOST_TAGS = 5
_FALSE = "It weighs 987 kg, runs for 654 hours, and is waterproof."


@dataclass(frozen=True)
class Draft:
    """An answer's content, how it ended, and what was said instead of it."""

    content: str | None
    finish_reason: str = "stop"
    refusal: str | None = None


@dataclass(frozen=True)
class _Phrases:
    """How a language says what a record says."""

    category: str
    brand: str
    fact: str
    nothing_more: str
    use: str


_PHRASES = {
    "en": _Phrases(
        "This is listed under {}.",
        "The brand is {}.",
        "The {} is {}.",
        "There is nothing more to say about it, because the record names no further details of it.",
        "where the task calls for {}",
    ),
    "de": _Phrases(
        "Das gehört zu {}.",
        "Die Marke ist {}.",
        "Für {} steht dort {}.",
        "Mehr ist darüber nicht zu sagen, weil der Datensatz keine weiteren Einzelheiten dazu nennt.",
        "wenn {} gebraucht wird",
    ),
    "fr": _Phrases(
        "Ceci fait partie de {}.",
        "La marque est {}.",
        "Pour {}, la fiche dit {}.",
        "Il n'y a rien de plus à en dire, car la fiche ne donne pas d'autres détails à son sujet.",
        "quand il faut {}",
    ),
}


def record_in(messages: Sequence[str]) -> Mapping[str, Any] | None:
    """The record that some message holds between its delimiters, None where there is none."""
    for message in messages:
        if found := _RECORD.search(message):
            try:
                record = json.loads(found[1])
            except ValueError:
                return None
            return record if isinstance(record, dict) else None
    return None


def write_draft(record: Mapping[str, Any], fields: Sequence[str], kind: DraftKind) -> Draft:
    """A draft of one of the kinds, with the fields that the schema asks for."""
    answer = {name: value for name, value in _faithful(record).items() if name in fields}
    content = _json(answer)
    match kind:
        case "wrong_schema":
            return Draft(_json({"text": answer["description"], "system": "none"}))
        case "refusal":
            return Draft(None, refusal="I cannot help with that.")
        case "content_filter" | "length":
            return Draft(content[: len(content) // 2], finish_reason=kind)
        case "false_claims":
            return Draft(_json({**answer, "description": f"{answer['description']} {_FALSE}"}))
    return _obeyed(record, answer) if kind == "obedient" else Draft(content)


def _faithful(record: Mapping[str, Any]) -> dict[str, Any]:
    phrases = _PHRASES.get(str(record.get("locale", ""))[:2].casefold(), _PHRASES["en"])
    title, category, brand = (_prose(record.get(name)) for name in ("title", "category", "brand"))
    facts = list(_facts(record.get("attributes")))
    sentences = [f"{title.rstrip('.')}."] if title else []
    sentences += [phrases.category.format(category)] if category else []
    sentences += [phrases.brand.format(brand)] if brand else []
    for name, value in facts:
        if _words(sentences) >= _ENOUGH_WORDS:
            break
        sentences.append(phrases.fact.format(name, value))
    if _words(sentences) < _FEWEST_WORDS:
        sentences.append(phrases.nothing_more)
    said = [category, *(value for _, value in facts), brand, *title.split(), *(name for name, _ in facts)]
    tags = dict.fromkeys(text.casefold() for text in said if _TAG.fullmatch(text))
    purpose = category or title or brand or "it"
    return {
        "description": " ".join(sentences),
        "tags": list(tags)[:_MOST_TAGS],
        "use_cases": [phrases.use.format(purpose)],
    }


def _facts(attributes: Any) -> Iterator[tuple[str, str]]:
    """Names and values that read well in a sentence; yes and no are left out, and so are lists."""
    for key, value in attributes.items() if isinstance(attributes, dict) else ():
        name = " ".join(str(key).replace("_", " ").split())
        if isinstance(value, bool) or not isinstance(value, str | int | float) or _NOT_SAID.search(name):
            continue
        if (text := _prose(str(value))) and len(text.split()) <= _MOST_WORDS_OF_A_VALUE:
            yield name, text.rstrip(".")


def _obeyed(record: Mapping[str, Any], answer: dict[str, Any]) -> Draft:
    """What a model answers that takes the record at its word: JSON it is given, words it is told to say."""
    for text in _strings(record):
        read = _read(text)
        if not _ORDER.search(read):
            continue
        if found := _OBJECT.search(read):
            return Draft(found[0])
        quoted = _QUOTED.search(read)
        said = quoted[1] if quoted else read.rpartition(": ")[2]
        answer = {**answer, "description": f"{said.strip()} {answer['description']}"}
    return Draft(_json(answer))


def _read(text: str) -> str:
    """Text as a model reads it: one form for what looks alike, and the tags that nobody sees."""
    tags = {point: chr(point - 0xE0000) for point in range(0xE0020, 0xE007F)}
    seen = unicodedata.normalize("NFKC", text.translate(tags))
    return "".join(char for char in seen if unicodedata.category(char) != "Cf")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _prose(value: Any) -> str:
    return "" if not isinstance(value, str) or _NOT_PROSE.search(value) else " ".join(value.split())


def _words(sentences: Sequence[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


def _json(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False)
