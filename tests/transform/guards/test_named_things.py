"""A measure that is tied to a thing is that thing's, where the record has a fact of it."""

from typing import Any

import pytest

from catalog_embeddings.transform.guards.evidence import Evidence
from catalog_embeddings.transform.guards.named_things import thing_given_otherwise
from catalog_embeddings.transform.guards.number_words import NUMBER_WORDS
from catalog_embeddings.transform.guards.quantities import quantities
from catalog_embeddings.transform.guards.record import Record

_RECORD: dict[str, Any] = {
    "attr_n_maximum_weight_capacity": 80.0,
    "attr_n_maximum_weight_per_shelf": 20.0,
    "attr_n_power_consumption__typical_": 48.0,
    "attr_n_bulb_power": 9.0,
    "attr_n_ac_adapter_power": 65.0,
    "attr_n_speaker_power": 3.0,
    "attr_n_rms_rated_power": 6.0,
    "attr_n_internal_memory": 12.0,
    "attr_n_discrete_graphics_adapter_memory": 4.0,
}


def _other(text: str, record: dict[str, Any]) -> str | None:
    evidence = Evidence(Record.of(record))
    claim = next(one for one in quantities(text, NUMBER_WORDS["en"]) if one.units)
    return thing_given_otherwise(claim, text, evidence, evidence.supporters(claim, ""))


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Each shelf bears 80 kg.", "maximum weight per shelf"),
        ("It holds 80 kg per shelf.", "maximum weight per shelf"),
        ("A 48 W bulb shines.", "bulb power"),
        ("It has a bulb of 48 W.", "bulb power"),
        ("The 48 W AC adapter is small.", "ac adapter power"),
        ("Its Radeon has 12 GB of its own memory.", "discrete graphics adapter memory"),
        ("A GeForce with 12 GB of dedicated memory.", "discrete graphics adapter memory"),
    ],
)
def test_the_number_of_another_thing_is_found(text: str, fact: str) -> None:
    assert _other(text, _RECORD) == fact


@pytest.mark.parametrize(
    "text",
    [
        "The rack bears 80 kg.",
        "Each shelf bears 20 kg.",
        "Each rack bears 80 kg.",
        "A 9 W bulb shines.",
        "It draws 48 W.",
        "A 48 W device with a bulb.",
        "The 65 W AC adapter is small.",
        "A 6 W speaker is built in.",
        "Its Radeon has 4 GB of its own memory.",
        "It has 12 GB of memory.",
        "The laptop has 12 GB of its own memory.",
    ],
)
def test_the_right_thing_or_none_is_no_finding(text: str) -> None:
    assert _other(text, _RECORD) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [("Each shelf bears 80 kg.", "Rack, 80 kg per shelf"), ("A 48 W bulb shines.", "Lamp with 48 W bulb")],
)
def test_a_text_of_the_record_that_may_say_so_bears_it_out(text: str, title: str) -> None:
    assert _other(text, {**_RECORD, "title": title}) is None


def test_a_record_without_the_fact_is_not_contradicted() -> None:
    assert _other("A 48 W bulb shines.", {"attr_n_power_consumption__typical_": 48.0}) is None
