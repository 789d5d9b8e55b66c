"""A record as guards read it: nested JSON becomes named facts, brand and locale are found whatever the feed's words."""

from catalog_embeddings.transform.guards.record import Fact, Record


def test_nested_json_becomes_named_facts() -> None:
    record = Record.of(
        {"title": "Lamp", "attributes": {"Power_source": {"Volts": 230}, "dimmable": False}, "tags": ["a", "b"]}
    )
    assert record.facts == (
        Fact("title", "Lamp"),
        Fact("attributes power source volts", 230),
        Fact("attributes dimmable", False),
        Fact("tags", "a"),
        Fact("tags", "b"),
    )
    assert "attributes dimmable: no" in record.text


def test_what_says_nothing_is_no_fact() -> None:
    assert Record.of({"title": None, "description": "", "tags": [], "attributes": {}}).facts == ()


def test_text_is_composed_so_that_one_spelling_stands_for_all() -> None:
    assert Record.of({"title": "e\u0301cran 17\u00bd\u2033 \uff15"}).facts[0].value == "écran 17 1⁄2′′ 5"


def test_the_maker_is_found_under_the_feed_s_own_word() -> None:
    assert Record.of({"supplier": "Lenovo", "attributes": {"manufacturer": "LCFC"}}).brands == ("Lenovo", "LCFC")
    assert Record.of({"locale": "de_DE"}).locale == "de_DE"


def test_a_line_end_that_was_escaped_twice_divides_words() -> None:
    assert Record.of({"certificates": "CE\\nFCC"}).facts[0].value == "CE\nFCC"
