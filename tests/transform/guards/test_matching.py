"""A stated number bears out a claim of the same worth and of a unit that may be the same."""

from typing import Any

import pytest

from catalog_embeddings.transform.guards.matching import comparable, same_number, supports
from catalog_embeddings.transform.guards.number_words import NUMBER_WORDS
from catalog_embeddings.transform.guards.quantities import quantities
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.stated import stated_by


def _borne_out(record: dict[str, Any], claim: str) -> bool:
    (claimed,) = quantities(claim, NUMBER_WORDS["en"])
    return any(supports(stated, claimed, "") for stated in stated_by(Record.of(record)))


@pytest.mark.parametrize(
    ("record", "claim"),
    [
        ({"attr_n_weight": 33.0}, "1.2 oz"),
        ({"attr_n_mystery": 33.0}, "33 inches"),
        ({"ports": "4-port"}, "four devices"),
        ({"attr_n_number_of_processing_die_transistors": 820.0}, "820 million transistors"),
        ({"title": "Screen 1400 x 1050"}, "1050 pixels"),
    ],
)
def test_what_bears_out(record: dict[str, Any], claim: str) -> None:
    assert _borne_out(record, claim)


@pytest.mark.parametrize(
    ("record", "claim"),
    [
        ({"attr_n_weight": 33.0}, "33 inches"),
        ({"attr_n_weight": 850.0}, "850 kg"),
        ({"weight": "2 kg"}, "2 TB"),
        ({"weight": "5 kg"}, "five compartments"),
        ({"attr_n_media_sheets_per_package": 25.0}, "25 pages"),
        ({"attr_t_bluetooth_version": "5.0"}, "5 hours"),
    ],
)
def test_what_does_not(record: dict[str, Any], claim: str) -> None:
    assert not _borne_out(record, claim)


def test_numbers_that_measure_alike_may_be_taken_for_each_other() -> None:
    width, weight = stated_by(Record.of({"attr_n_width": 210.0, "attr_n_weight": 210.0}))
    (claim,) = quantities("210 mm", NUMBER_WORDS["en"])
    assert comparable(width, claim)
    assert not comparable(weight, claim)
    assert same_number(claim, weight)
