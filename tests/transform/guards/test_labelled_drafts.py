"""The guards against drafts that were written and labelled by hand: what is found, and what is a false alarm.

``python benchmarks/guards.py --show`` lists what was missed, draft by draft.
"""

from collections import Counter
from pathlib import Path

import pytest
from benchmarks.guards import RULES, LabelledDraft, Measured, labelled_drafts, measure, records_of, table

from catalog_embeddings.domain.enrichment import Rule


@pytest.fixture(scope="module")
def drafts() -> list[LabelledDraft]:
    return labelled_drafts()


@pytest.fixture(scope="module")
def measured(drafts: list[LabelledDraft], shared_data: Path) -> Measured:
    return measure(drafts, records_of(drafts, shared_data / "icecat" / "products.jsonl.gz"))


def test_every_planted_fault_stands_where_its_label_says(drafts: list[LabelledDraft]) -> None:
    astray = [
        (labelled.id, fault)
        for labelled in drafts
        for fault in labelled.faults
        if fault.rule not in RULES or not fault.span or fault.span not in dict(labelled.draft.passages())[fault.place]
    ]
    assert not astray


def test_the_set_is_large_half_of_it_faithful_and_breaks_every_rule(drafts: list[LabelledDraft]) -> None:
    faithful = sum(not labelled.faults for labelled in drafts)
    broken = Counter(rule for labelled in drafts for rule in {fault.rule for fault in labelled.faults})
    assert len(drafts) == len({labelled.id for labelled in drafts}) >= 320
    assert faithful >= len(drafts) / 2
    assert broken["numeric_claim"] >= 90
    assert all(broken[rule] >= 8 for rule in RULES)
    assert all(4 <= len(labelled.draft.tags) <= 6 and labelled.draft.use_cases for labelled in drafts)


def test_the_drafts_of_an_item_are_all_in_one_half(drafts: list[LabelledDraft]) -> None:
    halves = {(labelled.item_id, labelled.split) for labelled in drafts}
    assert len(halves) == len({item_id for item_id, _ in halves})


@pytest.mark.parametrize("rule", RULES)
def test_planted_faults_are_found(measured: Measured, rule: Rule) -> None:
    (score,) = (score for score in measured.scores if score.rule == rule)
    goal = 0.98 if rule == "numeric_claim" else 0.9
    assert (score.recall or 0.0) >= goal, "\n".join(line for line in measured.gone_wrong if f"missed {rule} " in line)


def test_faithful_drafts_are_accepted(measured: Measured) -> None:
    assert measured.false_alarm_rate <= 0.02, "\n".join(line for line in measured.gone_wrong if "faithful" in line)


def test_the_table_has_a_line_for_every_rule(measured: Measured) -> None:
    printed = table(measured)
    assert all(f"| {rule} | " in printed for rule in RULES)
    assert f"of {measured.faithful} faithful drafts" in printed
