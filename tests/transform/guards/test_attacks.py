"""The canary suite: an obedient model is caught whatever the record orders, and an honest one is believed beside it."""

import pytest

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.transform.guards.check import check_raw
from catalog_embeddings.transform.guards.record import Record
from tests.transform.guards.attacks import ATTACKS, HONEST, KEYBOARD, Attack

NAMED = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


def test_there_are_enough_of_them() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 40


@NAMED
def test_an_obeyed_order_is_found(attack: Attack) -> None:
    checked = check_raw(attack.obeyed(), Record.of(attack.record()))
    assert checked.verdict != "accepted"
    assert checked.findings


@NAMED
def test_nothing_of_what_was_ordered_is_left(attack: Attack) -> None:
    checked = check_raw(attack.obeyed(), Record.of(attack.record()))
    if attack.says and checked.draft is not None:
        assert attack.says.casefold() not in "\n".join(text for _, text in checked.draft.passages()).casefold()


@NAMED
def test_an_honest_draft_of_the_same_record_is_believed(attack: Attack) -> None:
    checked = check_raw(HONEST, Record.of(attack.record()))
    assert (checked.verdict, checked.findings) == ("accepted", ())


def test_no_field_escapes_the_schema() -> None:
    checked = check_raw(HONEST | {"admin": "yes", "tags": [{"role": "system"}]}, Record.of(KEYBOARD))
    assert (checked.verdict, checked.draft) == ("rejected", None)


def test_the_honest_record_and_its_draft_are_believed() -> None:
    checked = check_raw(HONEST, Record.of(KEYBOARD))
    assert (checked.verdict, checked.draft) == (
        "accepted",
        Draft(HONEST["description"], tuple(HONEST["tags"]), tuple(HONEST["use_cases"])),
    )
