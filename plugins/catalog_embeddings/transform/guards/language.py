"""The guard of language: a draft is written in the language of its record, sentence by sentence.

The record's locale says which; without one, what the record itself is written in; where that is not sure, only a
script that the record does not use is found. Product text is full of names and English trade words, so a sentence is
foreign only where several function words of one other language, and hardly one of its own, stand in it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.language_words import KNOWN, RECORD_SPEAKERS, SPEAKERS
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.sentences import sentences

# A word; the end of an address (startech.com) is none.
_WORD = re.compile(r"(?<![\w.@])[^\W\d_]+(?:['’][^\W\d_]+)?")
# The scripts told apart, by the first word of a letter's Unicode name.
_SCRIPTS = {
    "LATIN": "Latin", "CJK": "Han", "HIRAGANA": "Kana", "KATAKANA": "Kana", "HANGUL": "Hangul", "CYRILLIC": "Cyrillic",
    "ARABIC": "Arabic", "HEBREW": "Hebrew", "GREEK": "Greek", "THAI": "Thai", "DEVANAGARI": "Devanagari",
    "ARMENIAN": "Armenian", "GEORGIAN": "Georgian", "BENGALI": "Bengali", "TAMIL": "Tamil",
}  # fmt: skip
# What a language is written in where that is not Latin. Latin stands beside all of them, for names and units.
_WRITTEN_IN = {
    "zh": {"Han"}, "ja": {"Han", "Kana"}, "ko": {"Hangul", "Han"}, "ar": {"Arabic"}, "fa": {"Arabic"}, "ur": {"Arabic"},
    "he": {"Hebrew"}, "iw": {"Hebrew"}, "el": {"Greek"}, "th": {"Thai"}, "hi": {"Devanagari"}, "mr": {"Devanagari"},
    "ne": {"Devanagari"}, "hy": {"Armenian"}, "ka": {"Georgian"}, "bn": {"Bengali"}, "ta": {"Tamil"},
    **{language: {"Cyrillic"} for language in ("ru", "uk", "bg", "be", "mk", "kk")}, "sr": {"Cyrillic", "Latin"},
}  # fmt: skip
_NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch",
    "pt": "Portuguese", "pl": "Polish", "sv": "Swedish", "da": "Danish", "cs": "Czech", "tr": "Turkish",
    "ro": "Romanian", "hu": "Hungarian", "fi": "Finnish",
}  # fmt: skip
_SPOKEN = {name.casefold(): code for code, name in _NAMES.items()} | {
    "deutsch": "de",
    "français": "fr",
    "español": "es",
}
# Languages so near that their function words do not tell them apart.
_KIN = {"nb": "da", "nn": "da", "no": "da", "sk": "cs", "ca": "es", "gl": "pt", "af": "nl", "lb": "de"}
# Where the record's locale is silent: so many of its words have to speak, and so clearly.
_SURE_WORDS = 3
_SURE_SHARE = 0.6
# What makes a sentence another language's: so many kinds of its function words (in a short sentence without one of its
# own language, fewer), so many words that speak for it, so many times those of its own, so large a share.
_FOREIGN_KINDS = 3
_FOREIGN_KINDS_OF_SHORT = 2
_SHORT = 12
_FOREIGN_WORDS = 3
_FOREIGN_TIMES = 3
_FOREIGN_SHARE = 0.2
_ACRONYM = 5
_FOREIGN_LETTERS = {"Han": 2, "Kana": 2, "Hangul": 2}
_FOREIGN_LETTERS_ELSEWHERE = 3


@dataclass(frozen=True, slots=True)
class _Expected:
    """What a draft may be written in; None where that is not known."""

    language: str | None
    scripts: frozenset[str] | None


def find(draft: Draft, record: Record) -> Iterator[Finding]:
    """Sentences, tags and use cases in another language or script than the record's."""
    expected = _expected(record)
    language = expected.language or _majority(_words(draft.description))
    named = frozenset(_words(record.text))
    for place, text in draft.passages():
        for start, end in sentences(text):
            sentence = text[start:end].strip()
            if sentence and (reason := _foreign(sentence, expected, language, named)):
                yield Finding("language", place, text.index(sentence, start), sentence, reason)


def _foreign(sentence: str, expected: _Expected, language: str | None, named: frozenset[str]) -> str | None:
    if not sentence.isascii() and (script := _foreign_script(sentence, expected, named)):
        return f"written in {script} letters, which the record's language is not"
    if expected.scripts and "Latin" not in expected.scripts:
        letters = Counter(map(_script, filter(str.isalpha, sentence)))
        is_latin = letters["Latin"] > 0.8 * letters.total()
        other = _spoken_in(sentence, None, named) if is_latin else None
        return f"this is {_NAMES[other]}" if other else None
    if language not in KNOWN:
        return None
    other = _spoken_in(sentence, language, named)
    return f"this is {_NAMES[other]}, not {_NAMES[language]}" if other else None


def _spoken_in(sentence: str, own: str | None, named: frozenset[str]) -> str | None:
    """The language that a sentence surely is in, if that is not its own."""
    kinds: dict[str, set[str]] = {}
    spoken: Counter[str] = Counter()
    words = _words(sentence)
    for word in words:
        speakers = RECORD_SPEAKERS.get(word, frozenset())
        # Names of the record may be in any language, and say nothing of the sentence.
        spoken.update(speaker for speaker in speakers if speaker == own or word not in named)
        for speaker in SPEAKERS.get(word, frozenset()) if word not in named else ():
            kinds.setdefault(speaker, set()).add(word)
    for language, count in spoken.most_common(4):
        least = _FOREIGN_KINDS if spoken[own or ""] or len(words) > _SHORT else _FOREIGN_KINDS_OF_SHORT
        if (
            language != own
            and len(kinds.get(language, ())) >= least
            and count >= max(_FOREIGN_WORDS, _FOREIGN_TIMES * spoken[own or ""], _FOREIGN_SHARE * len(words))
        ):
            return language
    return None


def _words(text: str) -> list[str]:
    """The words of a text, without case; letters alone and acronyms (IT, IN, AN) are none."""
    shouts = text.isupper()
    return [
        word.casefold().replace("’", "'")
        for word in _WORD.findall(text)
        if len(word) > 1 and (shouts or not (word.isupper() and len(word) < _ACRONYM))
    ]


def _foreign_script(sentence: str, expected: _Expected, named: frozenset[str]) -> str | None:
    for word in _WORD.finditer(sentence):
        if word[0].isascii():
            continue
        letters = Counter(map(_script, word[0]))
        for script, count in letters.items():
            if script in {"Latin", ""} or count < _FOREIGN_LETTERS.get(script, _FOREIGN_LETTERS_ELSEWHERE):
                continue
            if expected.scripts is not None and script in expected.scripts:
                continue
            if unicodedata.normalize("NFKC", word[0]).casefold() not in named:
                return script
    return None


def _expected(record: Record) -> _Expected:
    if language := _language_of(record.locale):
        scripts = frozenset(_WRITTEN_IN.get(language, {"Latin"}))
        return _Expected(_KIN.get(language, language), scripts)
    values = "\n".join(fact.text for fact in record.facts)
    letters = Counter(_script(char) for char in values if char.isalpha())
    scripts = frozenset(script for script, count in letters.items() if count >= 2) or frozenset({"Latin"})
    foreign = letters.total() - letters["Latin"]
    if foreign > 0.2 * letters.total():
        # Written in another script with Latin names in between; which language that is, the script leaves open.
        return _Expected(None, scripts - {"Latin"} if foreign > 0.5 * letters.total() else scripts)
    # Where the values are names and figures only, the names of the fields may tell.
    language = _majority(_words(values), RECORD_SPEAKERS, 1) or _majority(_words(record.text), RECORD_SPEAKERS)
    return _Expected(language, scripts)


def _language_of(locale: str | None) -> str | None:
    """The language of ``de_DE``, ``de``, ``DE-de`` or ``German``; None for what is no locale."""
    first = re.split(r"[-_.@ ]", (locale or "").strip().casefold(), maxsplit=1)[0]
    if first in _SPOKEN:
        return _SPOKEN[first]
    return first if len(first) == 2 and first.isalpha() else None


def _majority(words: list[str], speakers: dict[str, frozenset[str]] = SPEAKERS, times: int = 2) -> str | None:
    """The language that most of the telling words speak for; None where that is not sure."""
    telling = [word for word in words if word in speakers]
    if len(telling) < _SURE_WORDS:
        return None
    (first, count), *others = Counter(language for word in telling for language in speakers[word]).most_common(2)
    behind = others[0][1] if others else 0
    kinds = sum(1 for word in set(telling) if first in speakers[word])
    is_sure = kinds >= _SURE_WORDS and count >= _SURE_SHARE * len(telling) and count > times * behind
    return first if is_sure else None


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    if char.isascii():
        return "Latin" if char.isalpha() else ""
    name, _, _ = unicodedata.name(char, "").partition(" ")
    return _SCRIPTS.get(name.partition("-")[0], "" if not char.isalpha() else "another script's")
