"""Personal data in drafts is found, and in records replaced, wherever it stands and however it is disguised."""

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.personal_data import find, scrub
from catalog_embeddings.transform.guards.record import Record

RECORD = Record.of({"title": "Lamp", "description": "Call +49 30 1234567"})


def test_it_is_found_even_where_the_record_has_it() -> None:
    draft = Draft("A lamp. Call +49 30 1234567 now.", ("lamp", "a@example.com"), ("Ask ０３０／１２３４５６７",))
    found = list(find(draft, RECORD))
    assert [(finding.place, finding.span) for finding in found] == [
        ("description", "+49 30 1234567"),
        ("tags[1]", "a@example.com"),
        ("use_cases[0]", "０３０／１２３４５６７"),
    ]
    assert found[0].reason == "this looks like a phone number"
    assert draft.description[found[0].start :].startswith(found[0].span)


def test_a_record_is_scrubbed_in_every_text_and_in_nothing_else() -> None:
    record = {
        "id": 7,
        "mail a@example.com": "key",
        "seller": {
            "lines": ["Sold at 12 High Street, London SW1A 1AA", "or j\u200bo@exam\u200bple.com", 4111111111111111]
        },
        "ean": "4006381333931",
        "nothing": None,
        "yes": True,
    }
    scrubbed, counts = scrub(record)
    assert scrubbed["seller"]["lines"] == ["Sold at [address]", "or [email]", 4111111111111111]
    assert scrubbed["mail a@example.com"] == "key"
    assert (scrubbed["ean"], scrubbed["nothing"], scrubbed["yes"]) == ("4006381333931", None, True)
    assert counts == {"address": 1, "email": 1}


def test_what_is_scrubbed_needs_no_second_time() -> None:
    scrubbed, _ = scrub("Tel. 030 1234567, a@example.com, password: hunter2")
    assert scrubbed == "Tel. [phone], [email], [secret]"
    assert scrub(scrubbed) == (scrubbed, {})


def test_a_clean_record_is_left_as_it_is() -> None:
    record = {"title": "HP 364XL CN684EE", "pages": 550, "size": "1440 x 900", "names": ["a", "b"]}
    assert scrub(record) == (record, {})
