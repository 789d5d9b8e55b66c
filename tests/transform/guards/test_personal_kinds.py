"""What counts as personal data and as what, and what a catalog holds that only looks like it."""

import pytest

from catalog_embeddings.transform.guards.personal_kinds import KINDS, sightings

PERSONAL = {
    "email": """
        mail john.doe@example.com now
        seller+tag@sub.shop-x.co.uk.
        name (at) example dot com
        name [at] example.com
        name at example dot com
        bob{at}mail{dot}ru
    """,
    "phone": """
        call +49 (0)30 123456
        030/1234567
        (212) 555-0187
        555-123-4567
        +1 415 555 2671
        +44 20 7946 0958
        +33 1 23 45 67 89
        +491711234567
        +86 138 0013 8000
        Tel.: 030 1234567
        phone: 5551234567
        WhatsApp 0044 7700 900123
        Call 555-0199
        call 1-800-555-0199
        01 23 45 67 89
        07700 900123
        0171-1234567
        电话：13800138000
        Тел. +7 495 123-45-67
        8 (495) 123-45-67
        llame al 612 345 678
        five five five one two three four five six seven
    """,
    "card": """
        4111 1111 1111 1111
        4111-1111-1111-1111
        card number 5500005555555559 exp
        3782 822463 10005
    """,
    "iban": """
        DE89 3704 0044 0532 0130 00
        GB82WEST12345698765432
        IBAN: FR1420041010050500013M02606
    """,
    "secret": """
        sk-proj-abcDEF1234567890abcdEFGH_xyz
        AKIAIOSFODNN7EXAMPLE
        ghp_abcdefghijklmnopqrstuvwxyz0123456789
        eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc123DEF
        -----BEGIN RSA PRIVATE KEY----- MIIEow -----END RSA PRIVATE KEY-----
        password: hunter2
        PIN: 7731
        SSN 078-05-1120
        Passwort: geheim
        password is Summer2024!
        api_key=abcd1234efgh
        https://bob:secret@example.com/x
    """,
    "address": """
        Sold by J. Smith, 12 High Street, London SW1A 1AA
        221B Baker Street, London NW1 6XE
        742 Evergreen Terrace, Springfield, IL 62704
        350 Fifth Avenue, New York, NY 10118
        10 Mill Lane, Cambridge CB2 1RX
        Hauptstraße 12, 10115 Berlin
        Hauptstr. 12
        Lindenweg 7, 50667 Köln
        12 rue de Rivoli, 75001 Paris
        Calle Mayor 15, 28013 Madrid
        Via Roma 10, 00184 Roma
        Kalverstraat 12, 1012 NX Amsterdam
        ul. Marszałkowska 10, 00-590 Warszawa
        P.O. Box 1234
        Postfach 10 20 30
        北京市朝阳区建国路88号
    """,
    "account": """
        Instagram: @best_seller
        wa.me/491711234567
        contact me on WeChat: seller88
    """,
}
IMPERSONAL = """
    EAN 4006381333931|UPC 036000291452|ISBN 978-3-16-148410-0|ISBN 9783161484100|GTIN 00012345678905
    |IMEI 356938035643809
    PIN 7 to PIN 8|288-pin: 2400
    1920x1080@60Hz|1440 x 900|100 - 240 V|10,100,1000|802.11a/b/g/n|00:1A:2B:3C:4D:5E|PCI 8086:1234|23000 pages
    2009-12-10T00:00:00Z|12/24/2010|IP67 rated|192.168.1.1|P/N 006R90321|part 1234-5678-9012|PH315-52-7914
    |HP 364XL CN684EE
    3 Way speaker|4 Hard Disk Drive bays|16 Lane PCIe|VIA KT 400|Midnight Club 3 Street Racing|IP Phone 7941 8961
    Password, supervisor, user|Security: Password: Supervisor, User, HDD|Password: none|-20 - +70|+5 V, +12 V, +3.3 V
    2 000 000:1|available at example.com|Works with Office 2010 2013 2016|fax 14400 9600 4800|text 1280 1024 60
    one two three four five six ports|model 18005550199X|4111 1111 1111 1112|Call of Duty 4
"""
HOSTILE = [
    "1 ",
    "1",
    "+",
    "a",
    "@",
    "a@",
    "a.a",
    "0 1",
    "A",
    "Aa ",
    "12 Aa ",
    "(1",
    "tel ",
    "-----BEGIN PRIVATE KEY-----",
    "eyJ",
]
HOSTILE += [
    "password: ",
    "http://a:",
    "one ",
    "北京",
    "Via Roma ",
    "AA11 AAAA ",
    "ab.ab@",
    "sold by ",
    " ",
    "1-",
    "x at ",
    "sk-",
]


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, line.strip()) for kind, lines in PERSONAL.items() for line in lines.strip().splitlines()]
)
def test_what_is_personal(kind: str, text: str) -> None:
    assert [sighting.kind for sighting in sightings(text)] == [kind]


@pytest.mark.parametrize("text", [text.strip() for line in IMPERSONAL.strip().splitlines() for text in line.split("|")])
def test_what_only_looks_like_it(text: str) -> None:
    assert sightings(text) == []


def test_several_stand_in_order_and_apart() -> None:
    text = "Write to a@example.com or call +49 30 1234567; IBAN DE89 3704 0044 0532 0130 00."
    found = sightings(text)
    assert [text[start:end] for _, start, end in found] == [
        "a@example.com",
        "+49 30 1234567",
        "DE89 3704 0044 0532 0130 00",
    ]
    assert {kind for kind, _, _ in found} <= set(KINDS)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + " . a@example.com"
    assert sightings(text)[-1].kind == "email"
