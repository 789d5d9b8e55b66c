"""What is not prose is found, and what only looks like it, or is the record's own, is not."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.markup import find
from catalog_embeddings.transform.guards.record import Record

RECORD = Record.of(
    {"title": "Null modem [oak] {kit} N/A ★🔌", "attr_n_number_of_cores": 4, "hdd_capacity": 250, "part": "usb_c_cable"}
)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("It is <b>black</b>.", "<b>"),
        ('A <a href="x">link</a>.', '<a href="x">'),
        ("Salt &amp; pepper.", "&amp;"),
        ("```\ncode\n```", "```"),
        ("It is **black**.", "**black**"),
        ("It is *very* black.", "*very*"),
        ("A <item>lamp</item> of glass.", "</item>"),
        ("A [b]black[/b] lamp.", "[b]"),
        ("A ~~red~~ black lamp.", "~~red~~"),
        ("It has: * Glass * Steel", "* Gl"),
        ("# Heading\nText", "# H"),
        ("It works. ## Details follow.", "## D"),
        ("See [this](page).", "[this](page)"),
        ("Use `sudo` now.", "`sudo`"),
        ("- one\n- two", "- one"),
        ("A line\\nand another.", "\\n"),
        ("A \x00 in it.", "\x00"),
        ("A \ufffd in it.", "\ufffd"),
        ("The {{title}} lamp.", "{{title}}"),
        ("The {title} lamp.", "{title}"),
        ("The ${name} lamp.", "${name}"),
        ("The [INSERT BRAND] lamp.", "[INSERT BRAND]"),
        ("Mail [email] now.", "[email]"),
        ("Lorem ipsum dolor.", "Lorem ipsum"),
        ("It weighs undefined.", "undefined"),
        ("It weighs NaN kg.", "NaN"),
        ("Its colour: None.", "None"),
        ("So hot 🔥!", "🔥"),
        ("A cafÃ© lamp.", "Ã©"),
        ("It doesnâ€™t.", "â€™"),
        ("Its attr_n_number_of_cores is 4.", "attr_n_number_of_cores"),
        ("Its hdd_capacity is 250.", "hdd_capacity"),
        ("Tags: lamp, desk.", "Tags:"),
        ("BUY THIS LAMP NOW BEFORE IT IS GONE.", "BUY THIS LAMP NOW BEFORE IT IS GONE"),
    ],
)
def test_what_is_no_prose(text: str, span: str) -> None:
    found = list(find(Draft(text), RECORD))
    assert span in [finding.span for finding in found]
    assert all(text[finding.start :].startswith(finding.span) for finding in found)


@pytest.mark.parametrize(
    "text",
    [
        "It takes 5 < 6 and 7 > 3 volts, <1 ms, AT&T and R&D.",
        "A null modem in [oak], a {kit} and N/A ★🔌.",
        "Its part usb_c_cable is new.",
        "It measures 2 * 3 * 4 cm, snake_case aside.",
        "- a single dash begins this.",
        "USB, HDMI, DVI, VGA and PS/2; LED LCD TFT IPS.",
        "HP® LaserJet™ 5 µm ±2 °C → 3½″ “quoted” C# and #1.",
        "The description: none. A list of tags.",
        "Nan bread is undefinable; none of it is nullified.",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert list(find(Draft(text, ("usb-c", "#1", "c++")), RECORD)) == []
