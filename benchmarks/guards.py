"""What the guards of enrichment find: precision and recall over drafts that were written and labelled by hand.

    python benchmarks/guards.py [--catalog FILE] [--drafts FILE] [--split dev|held] [--show] [--json]

The drafts (tests/transform/guards/labelled_drafts.jsonl) were written of real records before the guards were read. A
fault counts as found where a finding of any rule touches its words, and as found by its own rule where that rule did
it; length, language and repetition speak of a whole passage, so there the same rule in the same place is enough. A
finding is right where it answers a fault so. A false alarm is a faithful draft that is anything but accepted.
``--show`` lists what was missed or wrong.
"""

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from catalog_embeddings.domain.enrichment import Checked, Draft, Finding, Rule
from catalog_embeddings.transform.guards.check import check_draft
from catalog_embeddings.transform.guards.record import Record

ROOT = Path(__file__).resolve().parents[1]
CATALOG = ROOT.parent / "shared/data/icecat/products.jsonl.gz"
DRAFTS = ROOT / "tests/transform/guards/labelled_drafts.jsonl"
RULES: tuple[Rule, ...] = get_args(Rule)
#: What these find is a whole passage, and no words of it.
OF_A_PASSAGE: frozenset[Rule] = frozenset({"language", "length", "repetition"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What was planted: the rule that it breaks, where, and the very words."""

    rule: Rule
    place: str
    span: str


@dataclass(frozen=True, slots=True)
class LabelledDraft:
    """A draft of one item with what is wrong in it; nothing, where it is faithful. ``split``: ``dev`` or ``held``."""

    id: str
    split: str
    item_id: str
    draft: Draft
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class RuleScore:
    """One rule: faults planted and found, findings made and right."""

    rule: str
    planted: int
    found: int
    by_its_own_rule: int
    findings: int
    right: int

    @property
    def recall(self) -> float | None:
        """The share of planted faults that were found at all."""
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """The share of this rule's findings that are right."""
        return self.right / self.findings if self.findings else None


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a set of drafts: a score for each rule, the faithful ones not accepted, and what went wrong."""

    scores: tuple[RuleScore, ...]
    faithful: int
    false_alarms: tuple[str, ...]
    gone_wrong: tuple[str, ...]

    @property
    def false_alarm_rate(self) -> float:
        """The share of faithful drafts that were not accepted."""
        return len(self.false_alarms) / self.faithful if self.faithful else 0.0


def labelled_drafts(path: Path = DRAFTS) -> list[LabelledDraft]:
    """The labelled set, in its order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_labelled(json.loads(line)) for line in lines]


def records_of(drafts: Iterable[LabelledDraft], catalog: Path = CATALOG) -> dict[str, Record]:
    """The records that the drafts were written of, by item_id, as the feed has them."""
    wanted = {draft.item_id for draft in drafts}
    with gzip.open(catalog, "rt", encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines)
        return {row["id"]: Record.of(row) for row in rows if row["id"] in wanted}


def measure(drafts: Iterable[LabelledDraft], records: Mapping[str, Record]) -> Measured:
    """Check every draft against its record, and count."""
    planted, found, by_its_own_rule, findings, right = (Counter[str]() for _ in range(5))
    alarms: list[str] = []
    gone_wrong: list[str] = []
    faithful = 0
    for labelled in drafts:
        checked = check_draft(labelled.draft, records[labelled.item_id])
        faithful += not labelled.faults
        if not labelled.faults and checked.verdict != "accepted":
            alarms.append(labelled.id)
        passages = dict(labelled.draft.passages())
        for fault in labelled.faults:
            rules = {finding.rule for finding in checked.findings if _answers(finding, fault, passages)}
            planted[fault.rule] += 1
            found[fault.rule] += bool(rules)
            by_its_own_rule[fault.rule] += fault.rule in rules
        for finding in checked.findings:
            findings[finding.rule] += 1
            right[finding.rule] += any(_answers(finding, fault, passages) for fault in labelled.faults)
        gone_wrong += _gone_wrong(labelled, checked, passages)
    scores = tuple(
        RuleScore(rule, planted[rule], found[rule], by_its_own_rule[rule], findings[rule], right[rule])
        for rule in RULES
    )
    return Measured(scores, faithful, tuple(alarms), tuple(gone_wrong))


def table(measured: Measured) -> str:
    """The scores in Markdown, a line for each rule, and the false alarms below."""
    lines = [
        "| rule | planted | found | by its own rule | recall | findings | precision |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {score.rule} | {score.planted} | {score.found} | {score.by_its_own_rule} | {_share(score.recall)}"
        f" | {score.findings} | {_share(score.precision)} |"
        for score in measured.scores
    ]
    alarms = len(measured.false_alarms)
    lines += ["", f"False alarms: {alarms} of {measured.faithful} faithful drafts ({measured.false_alarm_rate:.1%})."]
    return "\n".join(lines)


def _labelled(line: dict[str, Any]) -> LabelledDraft:
    written = line["draft"]
    return LabelledDraft(
        line["id"],
        line["split"],
        line["item_id"],
        Draft(written["description"], tuple(written["tags"]), tuple(written["use_cases"])),
        tuple(Fault(**fault) for fault in line["faults"]),
    )


def _answers(finding: Finding, fault: Fault, passages: Mapping[str, str]) -> bool:
    if finding.place != fault.place:
        return False
    if finding.rule == fault.rule and fault.rule in OF_A_PASSAGE:
        return True
    end = finding.start + len(finding.span)
    # What is repeated stands more than once.
    return any(
        finding.start < start + len(fault.span) and start < end
        for start in _starts(passages.get(fault.place, ""), fault.span)
    )


def _starts(passage: str, span: str) -> Iterator[int]:
    start = passage.find(span)
    while start >= 0:
        yield start
        start = passage.find(span, start + 1)


def _gone_wrong(labelled: LabelledDraft, checked: Checked, passages: Mapping[str, str]) -> Iterator[str]:
    who = f"{labelled.id} {labelled.split} item {labelled.item_id}"
    for fault in labelled.faults:
        if not any(_answers(finding, fault, passages) for finding in checked.findings):
            yield f"{who}: missed {fault.rule} {fault.place} {fault.span!r}"
    for finding in checked.findings:
        if not any(_answers(finding, fault, passages) for fault in labelled.faults):
            said = f"{finding.rule} {finding.place} {finding.span!r} ({finding.reason})"
            yield f"{who}: wrong{'' if labelled.faults else ', in a faithful draft'}: {said}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def main() -> None:
    """Measure, and print the table or one JSON object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--catalog", type=Path, default=CATALOG)
    parser.add_argument("--drafts", type=Path, default=DRAFTS)
    parser.add_argument("--split", choices=["dev", "held"])
    parser.add_argument("--show", action="store_true", help="list what was missed, and what was wrong")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    drafts = [draft for draft in labelled_drafts(asked.drafts) if asked.split in (None, draft.split)]
    measured = measure(drafts, records_of(drafts, asked.catalog))
    if asked.json:
        rates = {"false_alarm_rate": measured.false_alarm_rate, "drafts": len(drafts)}
        scores = [asdict(score) | {"recall": score.recall, "precision": score.precision} for score in measured.scores]
        print(json.dumps(asdict(measured) | {"scores": scores} | rates, ensure_ascii=False))
        return
    print(table(measured))
    if asked.show:
        print("", *measured.gone_wrong, sep="\n")


if __name__ == "__main__":
    main()
