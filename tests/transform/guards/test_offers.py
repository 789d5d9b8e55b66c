"""Offers: stock, price, delivery and guarantee are found even if the record has them; words like them are not."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.offers import find
from catalog_embeddings.transform.guards.record import Record

LABELS = {
    "title": "Discount labels for shipping boxes, free shipping",
    "price": 49.99,
    "availability": "in stock",
    "description": "$49.99, in stock",
}


def _spans(text: str, record: dict = LABELS) -> list[str]:
    return [finding.span for finding in find(Draft(text), Record.of(record))]


@pytest.mark.parametrize(
    "text",
    [
        "It delivers 300 lumens and 10 hours of light.",
        "It ships with a strap and is delivered in one piece.",
        "Labels for shipping boxes, price tags and envelopes.",
        "A price tag holder beside the cash register, a stock pot and sheet stock.",
        "Useful in stock rooms, in stores and for a sales team.",
        "In order to print, an order of magnitude less ink is used.",
        "It prints discount labels.",
        "Only two ports are available on the back.",
        "The price of speed is noise.",
        "It weighs 2 pounds and takes a Euro plug.",
        "Power delivery of 100 W is supported.",
        "Available in black.",
        "For keeping spare ribbons in stock.",
        "Writing prices at a garden sale.",
        "Er reduziert Reflexionen.",
    ],
)
def test_everyday_words_are_allowed(text: str) -> None:
    assert _spans(text) == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("It is in stock.", "in stock"),
        ("Only 3 left.", "Only 3 left"),
        ("With free shipping.", "free shipping"),
        ("Ships within 24 hours.", "Ships within 24 hours"),
        ("Yours for $49.99.", "$49.99"),
        ("It costs 20 euros.", "20 euros"),
        ("It was 99 now 79.", "was 99 now 79"),
        ("A discounted box.", "discounted"),
        ("The cheapest price around.", "cheapest price"),
        ("An affordable box.", "affordable"),
        ("Money-back guarantee.", "Money-back guarantee"),
        ("Next-day delivery.", "Next-day delivery"),
        ("A limited time offer.", "limited time offer"),
        ("Available now.", "Available now"),
        ("Auf Lager, versandkostenfrei.", "Auf Lager"),
        ("Livraison gratuite.", "Livraison gratuite"),
        ("Envío gratis.", "Envío gratis"),
        ("Spedizione gratuita.", "Spedizione gratuita"),
    ],
)
def test_offers_are_found_whatever_the_record_says(text: str, span: str) -> None:
    assert span in _spans(text)


def test_a_warranty_is_a_fact_where_the_record_gives_one() -> None:
    text = "It comes with a two-year warranty."
    assert _spans(text, {"title": "box"}) != []
    assert _spans(text, {"title": "box", "attributes": {"warranty": "2 years"}}) == []


def test_a_finding_names_its_place_and_reason() -> None:
    found = list(find(Draft("A box.", use_cases=("offices", "now on sale")), Record.of(LABELS)))
    assert [(finding.rule, finding.place, finding.start, finding.span, finding.reason) for finding in found] == [
        ("offer", "use_cases[1]", 4, "on sale", "what it costs changes and is never described")
    ]
