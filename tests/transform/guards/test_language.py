"""A draft in another language than its record's is found, a sentence at a time, and names of products are not."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.language import find
from catalog_embeddings.transform.guards.record import Record

PRINTER = Record.of(
    {
        "title": "Norwick LP-20 printer",
        "short_description": "A compact laser printer with USB for the small office",
        "attr_t_product_colour": "Black",
    }
)
ENGLISH = "The LP-20 is a compact laser printer."
FOREIGN = {
    "German": "Dieser Drucker ist schwarz.",
    "French": "Cette imprimante noire convient aux petits bureaux.",
    "Spanish": "Impresora negra con conexión USB para oficinas.",
    "Italian": "Questa stampante è nera e dispone di una porta USB.",
    "Dutch": "De printer is zwart en past in een klein kantoor.",
    "Portuguese": "Uma impressora preta com USB para escritórios.",
    "Polish": "Drukarka jest czarna i ma port USB.",
    "Swedish": "Skrivaren är svart och passar för det lilla kontoret.",
    "Cyrillic": "Это компактный лазерный принтер.",
    "Han": "这是一款小型激光打印机。",
    "Kana": "コンパクトなプリンタです",
    "Hangul": "소형 레이저 프린터입니다",
}


@pytest.mark.parametrize(("name", "sentence"), FOREIGN.items())
def test_a_sentence_of_another_language_is_found_and_no_other(name: str, sentence: str) -> None:
    found = list(find(Draft(f"{ENGLISH} {sentence}"), PRINTER))
    assert [finding.span for finding in found] == [sentence]
    assert name in found[0].reason
    assert f"{ENGLISH} {sentence}"[found[0].start :] == sentence


@pytest.mark.parametrize(
    "text",
    [
        "The LP-20 prints in black and connects by USB.",
        "Compact laser printer.",
        "Crème de la crème of printers, à la carte.",
        "Works with El Capitan, IT departments and an AN-20 cable.",
        "Black laser toner, USB, 600 dpi, 5 µm, 32 Ω, α7.",
        "Plug and play.",
    ],
)
def test_english_with_foreign_words_is_english(text: str) -> None:
    assert list(find(Draft(text, (text[:20],)), PRINTER)) == []


def test_the_locale_decides() -> None:
    record = Record.of({"title": "Kettle", "locale": "de-DE"})
    english, german = "This is a kettle for the kitchen.", "Der Kessel ist schwarz und leicht."
    assert [finding.span for finding in find(Draft(f"{english} {german}"), record)] == [english]
    assert [
        finding.span for finding in find(Draft(f"{english} {german}"), Record.of({"title": "x", "locale": "en"}))
    ] == [german]


@pytest.mark.parametrize("locale", ["xx", "12", "C", "sw-KE"])
def test_a_locale_that_is_not_known_finds_nothing_in_latin_letters(locale: str) -> None:
    assert list(find(Draft("Der Kessel ist schwarz und leicht."), Record.of({"locale": locale, "title": "x"}))) == []


def test_other_scripts_have_latin_names_beside_them_and_no_latin_sentences() -> None:
    record = Record.of({"title": "ケトル", "locale": "ja"})
    english = "This is a kettle for the kitchen and it boils."
    assert [finding.span for finding in find(Draft(f"{english} 黒いケトルです。USB 2.0 HP LaserJet。"), record)] == [
        english
    ]


def test_without_any_hint_the_draft_need_only_be_of_one_language() -> None:
    record = Record.of({"title": "QX-11 7000"})
    german = "Der Kessel ist schwarz und leicht, und er passt in die Küche. Die Farbe ist auf dem Bild zu sehen."
    assert list(find(Draft(german), record)) == []
    french = "Cette bouilloire est noire et légère."
    assert [finding.span for finding in find(Draft(f"{german} {french}"), record)] == [french]
    assert len(list(find(Draft("Компактный чайник"), record))) == 1


def test_words_that_the_record_has_are_no_sign() -> None:
    record = Record.of({"title": "Die Siedler von Catan", "locale": "en"})
    assert list(find(Draft("Die Siedler von Catan is a board game."), record)) == []
    assert list(find(Draft("Die Siedler von Catan, ein Klassiker: die Siedler."), record)) == []


@pytest.mark.parametrize("piece", ["der die das ", "a", "я", "я. ", "中", "の "])
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    list(find(Draft(piece * (100_000 // len(piece))), PRINTER))
