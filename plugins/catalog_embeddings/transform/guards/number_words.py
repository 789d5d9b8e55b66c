"""Numbers written as words, in English, German, French, Spanish and Italian. It knows no units and no sentences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True, slots=True)
class Words:
    """The number words of a language; `halves` and `articles` count only before a measure."""

    values: Mapping[str, float]
    multipliers: Mapping[str, float]
    halves: frozenset[str]
    articles: frozenset[str]
    decimal: str = ","


def _counted(small: str, tens: str, first: int) -> dict[str, float]:
    """Words from zero upwards (`_`: an article, left out) and of the tens from `first`."""
    words = {word: float(value) for value, word in enumerate(small.split()) if word != "_"}
    return words | {word: float(first + 10 * place) for place, word in enumerate(tens.split())}


def _german() -> dict[str, float]:
    small = (
        "null _ zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
        "achtzehn neunzehn"
    )
    tens = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
    ones = ["ein", *small.split()[2:10]]
    both = product(enumerate(ones, start=1), enumerate(tens.split(), start=2))
    compounds = {f"{unit}und{ten}": float(10 * place + one) for (one, unit), (place, ten) in both}
    halves = {"anderthalb": 1.5, "eineinhalb": 1.5, "zweieinhalb": 2.5, "dreieinhalb": 3.5, "dutzend": 12.0}
    return _counted(small, tens, 20) | compounds | halves


#: The language of a text has its own words: "once" is eleven in Spanish alone, "due" two in Italian.
NUMBER_WORDS: Mapping[str, Words] = {
    "en": Words(
        _counted(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen",
            "twenty thirty forty fifty sixty seventy eighty ninety",
            20,
        )
        | {"trio": 3.0, "triplets": 3.0},
        {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "dozen": 12.0},
        frozenset({"half"}),
        frozenset({"a", "an"}),
        decimal=".",
    ),
    "de": Words(
        _german(),
        {"hundert": 100.0, "tausend": 1e3, "million": 1e6, "millionen": 1e6, "milliarden": 1e9, "mio": 1e6},
        frozenset({"halbe", "halber", "halbes", "halben"}),
        frozenset({"ein", "eine", "einem", "einen", "einer", "eines"}),
    ),
    "fr": Words(
        _counted(
            "zéro _ deux trois quatre cinq six sept huit _ dix onze douze treize quatorze quinze seize",
            "vingt trente quarante cinquante soixante",
            20,
        )
        | {"douzaine": 12.0, "quatre-vingts": 80.0},
        {"cent": 100.0, "cents": 100.0, "mille": 1e3, "million": 1e6, "millions": 1e6},
        frozenset({"demi"}),
        frozenset({"un", "une"}),
    ),
    "es": Words(
        _counted(
            "cero _ dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
            "diecisiete dieciocho diecinueve veinte",
            "treinta cuarenta cincuenta sesenta setenta ochenta noventa",
            30,
        )
        | {"docena": 12.0, "veinticuatro": 24.0, "veinticinco": 25.0},
        {"cien": 100.0, "ciento": 100.0, "mil": 1e3, "millones": 1e6},
        frozenset({"medio"}),
        frozenset({"un", "una"}),
    ),
    "it": Words(
        _counted(
            "zero _ due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
            "diciassette diciotto diciannove venti",
            "trenta quaranta cinquanta sessanta settanta ottanta novanta",
            30,
        )
        | {"dozzina": 12.0, "ventiquattro": 24.0, "venticinque": 25.0},
        {"cento": 100.0, "mille": 1e3, "mila": 1e3, "milioni": 1e6},
        frozenset({"mezzo"}),
        frozenset({"un", "una", "uno"}),
    ),
}

#: Words before a noun that say how many: "dual-core", "quad band"; much the same in every language.
PREFIXES: Mapping[str, float] = {
    "dual": 2.0,
    "duo": 2.0,
    "twin": 2.0,
    "pair": 2.0,
    "triple": 3.0,
    "tri": 3.0,
    "quad": 4.0,
    "quadruple": 4.0,
    "hexa": 6.0,
    "octa": 8.0,
    "deca": 10.0,
}

_WORD = re.compile(r"[^\W\d_]+")
_MARKS_OF = {
    "en": "the and of with for is it a to on from your this that has by in are its an at as or can be you",
    "de": "der die das und mit für ist ein eine von den dem zu auf im sich bietet",
    "fr": "le la les et avec pour est un une des du de dans sur par cette ce",
    "es": "el la los las y con para es un una de del en por su este",
    "it": "il lo la gli e con per è un una di del della in da questo che",
}
_MARKS = {language: frozenset(words.split()) for language, words in _MARKS_OF.items()}


def words_of(text: str, locale: str | None) -> Words:
    """The number words of a text's language: what its small words say; where they say little, the locale's."""
    told = (locale or "en")[:2].lower()
    usual = told if told in NUMBER_WORDS else "en"
    words = [word.casefold() for word in _WORD.findall(text)]
    seen = {language: sum(word in marks for word in words) for language, marks in _MARKS.items()}
    best = max(seen, key=lambda language: (seen[language], language == usual))
    return NUMBER_WORDS[best if seen[best] > seen[usual] + 1 else usual]
