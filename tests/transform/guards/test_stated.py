"""What a record states in numbers, whatever the shape it came in."""

from typing import Any

from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.stated import Stated, stated_by
from catalog_embeddings.transform.guards.units import units_named


def _stated(record: dict[str, Any]) -> list[tuple[list[float], set[str]]]:
    return [
        ([reading.value for reading in one.readings], {unit.dimension for unit in one.units})
        for one in stated_by(Record.of(record))
    ]


def test_a_name_gives_a_bare_number_its_unit() -> None:
    assert _stated({"attr_n_weight": 850.0}) == [([850.0], {"mass"})]
    assert _stated({"attr_t_operating_temperature__t_t_": "-20 - 60"}) == [
        ([-20.0], {"temperature"}),
        ([60.0], {"temperature"}),
    ]


def test_numbers_that_only_identify_state_nothing() -> None:
    assert _stated({"id": "636491", "ean": ["0731304238591"], "price": 35, "img_high": "http://x/636-79.jpg"}) == []


def test_a_text_with_the_unit_settles_what_a_name_leaves_open() -> None:
    (_, memory) = stated_by(Record.of({"title": "Printer, 512 MB", "attr_n_internal_memory": 512.0}))
    assert [unit.factor for unit in memory.units] == [1e6]


def test_sides_are_known_by_their_order() -> None:
    stated = stated_by(Record.of({"attr_t_dimensions__wxdxh_": "105 x 95 x 45"}))
    assert ["width" in stated[0].aspects, "depth" in stated[1].aspects, "height" in stated[2].aspects] == [True] * 3


def test_versions_and_dates_are_no_measures() -> None:
    (version,) = stated_by(Record.of({"attr_t_bluetooth_version": "5.0"}))
    assert isinstance(version, Stated)
    assert version.standard == "version"
    assert _stated({"date_released": "2019-05-02T00:00:00Z"}) == [([2019.0], set())]


def test_gigabit_is_a_number() -> None:
    assert ([1.0], {"rate"}) in _stated({"title": "Gigabit switch"})


def test_a_printers_memory_is_in_megabytes() -> None:
    def factors(record: dict[str, Any]) -> set[float]:
        return {
            unit.factor for one in stated_by(Record.of(record)) if one.name == "internal memory" for unit in one.units
        }

    assert factors({"attr_n_internal_memory": 64.0, "attr_n_number_of_print_cartridges": 4.0}) == {1e6}
    assert factors({"attr_n_internal_memory": 8.0, "attr_n_number_of_print_cartridges": 4.0}) == {1e6, 1e9}
    assert factors({"attr_n_internal_memory": 64.0}) == {1e6, 1e9}
    told = {"title": "Plotter with 64 GB", "attr_n_internal_memory": 64.0, "attr_n_number_of_print_cartridges": 4.0}
    assert factors(told) == {1e9}


def test_so_many_times_a_thing_is_a_count_of_it() -> None:
    [twelve, *_] = stated_by(Record.of({"outlets": "12x Schuko"}))
    assert units_named("piece")[0] in twelve.units
    [zoom] = stated_by(Record.of({"lens": "12x zoom"}))
    assert units_named("piece")[0] not in zoom.units


def test_a_carton_s_side_has_no_unit_from_the_title() -> None:
    found = stated_by(Record.of({"title": "12in cable", "package_height": 12.0, "package_width": 90.0}))
    assert [unit.system for one in found if one.name == "package height" for unit in one.units].count("si")
