"""The number words are those of the text's own language."""

from catalog_embeddings.transform.guards.number_words import NUMBER_WORDS, words_of


def test_compounds_are_worth_what_they_say() -> None:
    assert NUMBER_WORDS["de"].values["einundzwanzig"] == 21
    assert NUMBER_WORDS["en"].values["ninety"] == 90
    assert NUMBER_WORDS["es"].values["treinta"] == 30
    assert "une" not in NUMBER_WORDS["fr"].values


def test_small_words_tell_the_language_and_the_locale_where_they_are_few() -> None:
    assert words_of("Der Drucker ist für das Büro und die Werkstatt.", None) is NUMBER_WORDS["de"]
    assert words_of("It is due at once, and the elf has it.", "it_IT") is NUMBER_WORDS["en"]
    assert words_of("Toner XL", "fr_FR") is NUMBER_WORDS["fr"]
    assert words_of("Toner XL", "nl_NL") is NUMBER_WORDS["en"]
