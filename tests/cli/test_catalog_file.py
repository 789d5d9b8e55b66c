"""Finding out how a catalog file wants to be read."""

import json
from pathlib import Path

import pytest

from catalog_embeddings.cli.catalog_file import CatalogFile
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.resources import SAMPLE_CATALOG

ICECAT = {
    "id": "3920564",
    "title": "A toner cartridge",
    "short_description": "Toner, 6 in a box",
    "supplier": "Xerox",
    "img_high": "http://images.example/high.jpg",
    "price": 12.5,
    "attr_t_colour": "black",
}


def _write(path: Path, *lines: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_our_own_fields_need_no_preset(tmp_path: Path) -> None:
    assert CatalogFile.recognised(SAMPLE_CATALOG).preset is None
    assert CatalogFile.recognised(_write(tmp_path / "c.jsonl", {"item_id": "1", **ICECAT})).preset is None


def test_another_feed_with_an_id_is_not_taken_for_a_preset(tmp_path: Path) -> None:
    assert CatalogFile.recognised(_write(tmp_path / "c.jsonl", {"id": "1", "title": "A pan"})).preset is None


def test_icecat_is_known_by_its_first_line(tmp_path: Path, connection: Connection) -> None:
    catalog = CatalogFile.recognised(_write(tmp_path / "c.jsonl", ICECAT, {"title": "no key"}, {**ICECAT, "id": "2"}))
    assert catalog.preset == "icecat"
    assert catalog.first_item_ids(10) == ["3920564", "2"]
    assert catalog.first_item_ids(1) == ["3920564"]

    file = _write(tmp_path / "good.jsonl", ICECAT)
    assert CatalogFile.recognised(file).bring_in(connection).inserted == 1
    row = connection.execute("select item_id, brand, attributes from analytics.catalog_features_raw").fetchone()
    assert row == ("3920564", "Xerox", {"colour": "black"})


def test_a_preset_that_a_person_names_is_taken_at_their_word(tmp_path: Path) -> None:
    file = _write(tmp_path / "c.jsonl", {"item_id": "1", "title": "A pan"})
    assert CatalogFile.recognised(file, "icecat").preset == "icecat"
    with pytest.raises(InputError, match="there is no preset 'icekat'"):
        _ = CatalogFile.recognised(file, "icekat").options
