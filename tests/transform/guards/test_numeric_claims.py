"""Numbers in drafts: what the record bears out in any unit, spelling or language, and what it does not."""

from typing import Any

import pytest

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.numeric_claims import find
from catalog_embeddings.transform.guards.record import Record

_RECORDS: dict[str, dict[str, Any]] = {
    "lamp": {
        "title": "Lamp ABX-9000, Black, 1.2 lb",
        "brand": "Acme",
        "category": "lighting",
        "attributes": {
            "power": "10-30 V",
            "cable_length": "1.5 m",
            "bulbs": 5,
            "warranty": "2 years",
            "colours": "Black, White",
            "luminous flux": "1,100 lm",
            "dimensions": "30 x 20 x 10 cm",
            "operating temperature": "0 to 40 °C",
            "rating": "IP44",
            "launched": "2019-05-02",
        },
        "tags": ["lamp"],
    },
    "notebook": {
        "title": 'HP ProBook 5310m Notebook PC 33.8 cm (13.3") 1366 x 768 pixels Intel® Celeron® 2 GB DDR3-SDRAM '
        "250 GB Intel® GMA 4500MHD Windows 7 Home Premium",
        "short_description": 'Intel Celeron SU2300 (1.2GHz, 1MB L2, 800MHz), 13.3" LED HD BrightView (1366 x 768), '
        "1 x 2048MB DDR3 SDRAM, 250GB SATA 7200 rpm, Intel GMA 4500MHD, "
        "Broadcom 802.11b/g, Bluetooth 2.1, 2MP webcam, 2-in-1, Windows 7 Home Premium 32-bits",
        "attr_n_weight": 1730.0,
        "attr_n_usb_2_0_ports_quantity": 3.0,
        "attr_t_hdmi_version": "1.4",
        "attr_n_battery_life__max_": 7.0,
        "attr_t_processor_cores": "2",
        "attr_n_display_diagonal": 13.3,
    },
    "german": {
        "title": "Drucker X100",
        "attributes": {
            "gewicht": "12,5 kg",
            "seiten": "2.500 Seiten",
            "breite": "45 cm",
            "garantie": "2 Jahre",
            "farben": 4,
            "temperatur": "10 bis 32,5 °C",
        },
        "locale": "de_DE",
    },
    "french": {
        "title": "Imprimante",
        "attributes": {"poids": "1,5 kg", "capacité": "250 feuilles", "garantie": "2 ans"},
        "locale": "fr_FR",
    },
    "spanish": {
        "title": "Impresora",
        "attributes": {"peso": "1,5 kg", "hojas": "250 hojas", "garantía": "2 años"},
        "locale": "es_ES",
    },
    "italian": {
        "title": "Stampante",
        "attributes": {"peso": "1,5 kg", "fogli": "250 fogli", "garanzia": "2 anni"},
        "locale": "it_IT",
    },
    "hub": {
        "title": "StarTech.com 4 Port USB to RS232 Serial DB9 Adapter Hub",
        "short_description": "4 Port - Bus Powered - DB9 (9-pin)",
    },
    "box": {
        "title": "Box",
        "attr_n_width": 210.0,
        "attr_n_height": 297.0,
        "attr_n_depth": 50.0,
        "attr_n_package_width": 230.0,
        "attr_n_package_weight": 1200.0,
        "attr_n_weight": 1000.0,
        "attr_n_quantity_per_pack": 500.0,
    },
    "case": {
        "title": 'Case Logic 9" Sport In-Car DVD Player Case',
        "attr_t_material": "Nylon",
        "attr_b_waterproof": True,
    },
}
_FAITHFUL = [
    ("lamp", "The ABX-9000 weighs 544 g."),
    ("lamp", "It weighs about half a kilo."),
    ("lamp", "It weighs just over a pound, about 0.54 kg."),
    ("lamp", "A lamp with five bulbs."),
    ("lamp", "Runs on 10–30 V."),
    ("lamp", "Runs on anything from 10 to 30 volts."),
    ("lamp", "A 1.5 m cable."),
    ("lamp", "The cable is one and a half metres long."),
    ("lamp", "A 150 cm cable"),
    ("lamp", "A 4.9 ft cable"),
    ("lamp", "Two-year warranty."),
    ("lamp", "24 months of warranty."),
    ("lamp", "2-year guarantee"),
    ("lamp", "Two colours: black and white."),
    ("lamp", "1100 lumens of light."),
    ("lamp", "1,100 lm"),
    ("lamp", "30 × 20 × 10 cm"),
    ("lamp", "300 x 200 x 100 mm"),
    ("lamp", "11.8 x 7.9 x 3.9 inches"),
    ("lamp", "Works between 0 and 40 °C, that is 32 to 104 °F."),
    ("lamp", "IP44-rated."),
    ("lamp", "Launched in 2019."),
    ("lamp", "Launched on 2 May 2019."),
    ("lamp", "One of the best lamps for any desk, 24/7."),
    ("lamp", "A second lamp? One lamp is enough."),
    ("lamp", "First choice for a home office, all in one."),
    ("lamp", "On the one hand bright, on the other gentle."),
    ("lamp", "Zero in on what matters."),
    ("lamp", "Lights both sides of a desk."),
    ("lamp", "A couple of clicks and you are done."),
    ("lamp", "In two words: bright light."),
    ("lamp", "It is a one-stop answer."),
    ("lamp", "A lamp at a glance, ready in one step"),
    ("lamp", "up to 40 °C"),
    ("lamp", "Suits one or two people."),
    ("notebook", "The 13.3-inch display (33.8 cm) shows 1366 x 768 pixels."),
    ("notebook", "13.3″ screen"),
    ("notebook", "A 13-inch laptop."),
    ("notebook", "2 GB of DDR3 memory"),
    ("notebook", "2048 MB of RAM"),
    ("notebook", "A 250 GB hard drive spinning at 7,200 rpm."),
    ("notebook", "A dual-core 1.2 GHz Celeron SU2300."),
    ("notebook", "1200 MHz"),
    ("notebook", "It weighs 1.73 kg (3.8 lb)."),
    ("notebook", "three USB 2.0 ports"),
    ("notebook", "3 USB ports"),
    ("notebook", "HDMI 1.4"),
    ("notebook", "Wi-Fi 802.11b/g and Bluetooth 2.1"),
    ("notebook", "802.11g"),
    ("notebook", "Windows 7 Home Premium"),
    ("notebook", "32-bit Windows 7"),
    ("notebook", "2-megapixel webcam"),
    ("notebook", "a 2-in-1"),
    ("notebook", "Up to seven hours of battery life"),
    ("notebook", "800 MHz bus"),
    ("notebook", "1 MB of L2 cache"),
    ("notebook", "1.7 kg"),
    ("notebook", "under 2 kg"),
    ("notebook", "The ProBook 5310m"),
    ("notebook", "around 1 megapixel of resolution"),
    ("german", "Der Drucker wiegt 12,5 kg und ist 45 cm breit."),
    ("german", "Das Gerät druckt 2.500 Seiten und hat eine Garantie von zwei Jahren."),
    ("german", "Mit vier Farben und 450 mm Breite."),
    ("german", "Er arbeitet bei 10 bis 32,5 °C."),
    ("german", "Rund 12 Kilo."),
    ("german", "Ein Drucker für das Büro, eine gute Wahl."),
    ("german", "Die Garantie gilt zwei Jahre."),
    ("french", "L'imprimante pèse 1,5 kg et contient 250 feuilles."),
    ("french", "Une garantie de deux ans pour la maison."),
    ("french", "Elle pèse 1 500 g."),
    ("french", "C'est un bon choix pour la maison et le bureau."),
    ("spanish", "La impresora pesa 1,5 kg y tiene dos años de garantía."),
    ("spanish", "Una impresora para el hogar."),
    ("italian", "La stampante pesa 1,5 kg e ha due anni di garanzia."),
    ("hub", "A 4-port hub connects four devices over DB9."),
    ("hub", "Four RS-232 ports with 9-pin connectors"),
    ("hub", "A four-port hub"),
    ("hub", "a RS232 adapter"),
    ("box", "210 mm wide, 297 mm high and 50 mm deep."),
    ("box", "It measures 210 x 297 x 50 mm."),
    ("box", "It weighs 1 kg; packed, 1.2 kg."),
    ("box", "The package is 230 mm wide and weighs 1.2 kg."),
    ("box", "8.3 x 11.7 x 2 inches"),
    ("box", "A pack of 500."),
    ("box", "500 sheets"),
    ("box", "width of 21 cm and a height of 29.7 cm"),
    ("box", "500 pieces in each pack"),
    ("case", "A 9-inch case."),
    ("case", 'A 9" DVD player case for long trips'),
    ("case", "Fits 9-inch players"),
    ("case", "Two hands free"),
]
_WRONG = [
    ("lamp", "The ABX-9001 weighs 544 g.", ["ABX-9001"]),
    ("lamp", "It weighs 2 lb.", ["2 lb"]),
    ("lamp", "It weighs 1.2 kg.", ["1.2 kg"]),
    ("lamp", "It weighs 1.2 oz.", ["1.2 oz"]),
    ("lamp", "A lamp with six bulbs.", ["six"]),
    ("lamp", "Runs on 10–40 V.", ["40 V"]),
    ("lamp", "A 15 m cable.", ["15 m"]),
    ("lamp", "A 1.5 ft cable.", ["1.5 ft"]),
    ("lamp", "Three-year warranty.", ["Three-year"]),
    ("lamp", "2-month warranty", ["2-month"]),
    ("lamp", "Three colours.", ["Three colours"]),
    ("lamp", "11,000 lm", ["11,000 lm"]),
    ("lamp", "1100 W", ["1100 W"]),
    ("lamp", "30 x 20 x 15 cm", ["15 cm"]),
    ("lamp", "30 x 20 x 10 mm", ["30", "20", "10 mm"]),
    ("lamp", "Works down to -10 °C.", ["10 °C"]),
    ("lamp", "IP68-rated.", ["IP68-rated"]),
    ("lamp", "Launched in 2021.", ["2021"]),
    ("lamp", "A dozen bulbs.", ["A dozen"]),
    ("lamp", "Saves 80% energy.", ["80%"]),
    ("lamp", "Lasts 25,000 hours.", ["25,000 hours"]),
    ("lamp", "Bluetooth 5.0 inside.", ["Bluetooth 5.0"]),
    ("lamp", "Holds 12.", ["12"]),
    ("lamp", "A third of the lamp; twenty-five settings", ["twenty-five"]),
    ("lamp", "quad-core", ["quad"]),
    ("notebook", "A 15.6-inch display.", ["15.6-inch"]),
    ("notebook", "4 GB of memory", ["4 GB"]),
    ("notebook", "2 GB hard drive", ["2 GB"]),
    ("notebook", "2 TB drive", ["2 TB"]),
    ("notebook", "250 MB hard drive", ["250 MB"]),
    ("notebook", "1.8 GHz", ["1.8 GHz"]),
    ("notebook", "1.2 MHz", ["1.2 MHz"]),
    ("notebook", "It weighs 1.37 kg", ["1.37 kg"]),
    ("notebook", "two USB 2.0 ports", ["two"]),
    ("notebook", "USB 3.0", ["USB 3.0"]),
    ("notebook", "HDMI 2.1", ["HDMI 2.1"]),
    ("notebook", "Bluetooth 4.0", ["Bluetooth 4.0"]),
    ("notebook", "802.11ac", ["802.11ac"]),
    ("notebook", "Wi-Fi 6", ["Wi-Fi 6"]),
    ("notebook", "Windows 10", ["Windows 10"]),
    ("notebook", "64-bit Windows", ["64-bit"]),
    ("notebook", "5-megapixel webcam", ["5-megapixel"]),
    ("notebook", "Up to 17 hours of battery life", ["17 hours"]),
    ("notebook", "quad-core processor", ["quad"]),
    ("notebook", "DDR5", ["DDR5"]),
    ("notebook", "1920 x 1080", ["1920", "1080"]),
    ("notebook", "4K", ["4K"]),
    ("notebook", "1080p", ["1080p"]),
    ("notebook", "5400 rpm", ["5400 rpm"]),
    ("notebook", "ProBook 5320m", ["5320m"]),
    ("notebook", "seven USB ports", ["seven"]),
    ("notebook", "PCIe 4.0", ["PCIe 4.0"]),
    ("notebook", "1 GB of L2 cache", ["1 GB"]),
    ("notebook", "a three-year warranty", ["three-year"]),
    ("notebook", "nearly 3 kg", ["3 kg"]),
    ("notebook", "over 500 GB", ["500 GB"]),
    ("notebook", "10th generation", ["10th"]),
    ("german", "Der Drucker wiegt 15,2 kg.", ["15,2 kg"]),
    ("german", "Das Gerät druckt 25.000 Seiten und mehr.", ["25.000 Seiten"]),
    ("german", "Mit sechs Farben und der Kraft für das Büro.", ["sechs Farben"]),
    ("german", "Eine Garantie von drei Jahren für das Gerät.", ["drei Jahren"]),
    ("german", "Die Breite ist 54 cm.", ["54 cm"]),
    ("german", "Der Drucker hat einundzwanzig Modi und ist mit der Zeit gut.", ["einundzwanzig"]),
    ("french", "Elle pèse 2,5 kg.", ["2,5 kg"]),
    ("french", "Une garantie de trois ans pour la maison.", ["trois ans"]),
    ("french", "Un bac de 500 feuilles.", ["500 feuilles"]),
    ("spanish", "La impresora pesa 3 kg.", ["3 kg"]),
    ("spanish", "Tiene once años de garantía.", ["once años"]),
    ("italian", "La stampante pesa 3 kg.", ["3 kg"]),
    ("italian", "Ha tre anni di garanzia.", ["tre anni"]),
    ("hub", "An 8-port hub", ["8-port"]),
    ("hub", "DB25 connector", ["DB25"]),
    ("hub", "RS-485", ["RS-485"]),
    ("hub", "15-pin", ["15-pin"]),
    ("box", "297 mm wide", ["297 mm"]),
    ("box", "210 mm high", ["210 mm"]),
    ("box", "It weighs 1.2 kg", ["1.2 kg"]),
    ("box", "230 mm wide", ["230 mm"]),
    ("box", "A pack of 250.", ["250"]),
    ("box", "21 inches wide", ["21 inches"]),
    ("box", "A height of 210 mm and a width of 297 mm.", ["210 mm", "297 mm"]),
    ("case", "A 10-inch case", ["10-inch"]),
    ("case", "Three pockets", ["Three"]),
    ("case", 'Fits 7" players', ['7"']),
    ("case", "holds twenty discs", ["twenty"]),
]


def _found(record: str, draft: Draft) -> list[Finding]:
    return list(find(draft, Record.of(_RECORDS[record])))


@pytest.mark.parametrize(("record", "text"), _FAITHFUL)
def test_what_the_record_says_in_other_words_is_believed(record: str, text: str) -> None:
    assert _found(record, Draft(text)) == []


@pytest.mark.parametrize(("record", "text", "spans"), _WRONG)
def test_what_the_record_does_not_say_is_found(record: str, text: str, spans: list[str]) -> None:
    assert [finding.span for finding in _found(record, Draft(text))] == spans


def test_tags_and_use_cases_are_read_too_and_spans_are_the_draft_s_own_words() -> None:
    draft = Draft("It weighs\u00a012\u202flb — ½ m long.", ("2 kg", "lamp"), ("desks", "nine bulbs"))
    found = _found("lamp", draft)
    passages = dict(draft.passages())
    assert [finding.place for finding in found] == ["description", "description", "tags[0]", "use_cases[1]"]
    assert all(passages[one.place][one.start : one.start + len(one.span)] == one.span for one in found)
    assert found[0].span == "12\u202flb"
    assert "12 lb" in found[0].reason


_ROWS = ("1 " * 10000, "1" * 20000, "1," * 10000, "5 x " * 5000, "USB " * 5000, " " * 20000, "a1-" * 7000)


@pytest.mark.parametrize("row", _ROWS)
def test_long_rows_of_digits_and_spaces_come_to_an_end(row: str) -> None:
    assert len(_found("lamp", Draft(row))) <= len(row)
    assert list(find(Draft("It weighs 5 kg."), Record.of({"title": row, "attr_n_weight": 5000.0}))) == []


_OFFICE: dict[str, Any] = {
    "title": 'Acme MX-5 multifunctional 22" 24 ppm',
    "short_description": "MX-5 - 24 ppm, 480 Mbps, Bluetooth 5.1, 3 ATM, DDR3 2133/1600",
    "attr_n_print_speed__black_": 24.0,
    "attr_n_print_speed__colour_": 6.0,
    "attr_n_maximum_printing_width__columns_": 42.0,
    "attr_n_data_transfer_rate__max_": 0.48,
    "attr_n_usb_3_2_gen_1__3_1_gen_1__type_a_ports_quantity": 5.0,
    "attr_n_number_of_processors_supported": 2.0,
    "attr_n_number_of_fans": 4.0,
    "attr_n_maximum_weight_capacity": 10.0,
    "attr_n_cable_length": 3.05,
    "attr_n_power_consumption__printing_": 32.0,
    "attr_n_power_consumption__sleep_": 2.7,
    "attr_n_printing_material_opacity": 0.96,
    "attr_n_battery_capacity": 5000.0,
    "attr_n_battery_voltage": 12.0,
    "attr_n_package_weight": 2500.0,
    "attr_n_case_or_master_carton_weight": 12.5,
    "attr_n_package_depth": 14.0,
    "attr_n_package_width": 559.0,
    "attr_n_display_diagonal": 24.0,
    "attr_t_memory_channels": "Dual-channel",
    "attr_t_awg_wire_size": "26",
    "attr_n_page_yield": 9000.0,
    "attr_n_quantity_per_pack": 6.0,
    "attr_t_copier_resize": "25 - 300",
}
_OFFICE_RECORD = Record.of(_OFFICE)


@pytest.mark.parametrize(
    "text",
    [
        "It is just under 3.1 m, say three metres.",
        "Colour comes at 6 a minute, black at 24.",
        "Up to 42 columns are printed.",
        "Data moves at 480 megabits each second.",
        "The five USB-A 3.1 ports are at the back.",
        "It takes ten kilograms.",
        "At work it uses 32 watts, and asleep 2.7.",
        "The film is 96 per cent opaque.",
        "The battery stores 60 Wh.",
        "A pack weighs 2.5 kg, and a full carton of them 12.5 kg.",
        "Dual-channel memory is used, at 2133 MHz.",
        "The wires are AWG 26.",
        "That is 1,500 pages each.",
        "It is safe to 3 ATM.",
        "Copies grow to three times the size.",
    ],
)
def test_what_a_reader_works_out_is_borne_out(text: str) -> None:
    assert _spans_of(text, _OFFICE_RECORD) == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Colour comes at 24 a minute.", "24 a minute"),
        ("Data moves at 480 MB per second.", "480 MB per second"),
        ("Four processors fit.", "Four"),
        ("It takes 10 lb.", "10 lb"),
        ("Cables of 36 cm fit.", "36 cm"),
        ("A 22-inch... no, a 10-inch screen.", "10-inch"),
        ("The battery stores 90 Wh.", "90 Wh"),
        ("That is 1,800 pages each.", "1,800 pages"),
        ("The wires are AWG 24.", "24"),
        ("Copies grow to four times the size.", "four times"),
    ],
)
def test_what_a_reader_would_work_out_otherwise_is_found(text: str, span: str) -> None:
    assert span in _spans_of(text, _OFFICE_RECORD)


def _spans_of(text: str, record: Record) -> list[str]:
    return [finding.span for finding in find(Draft(text), record)]
