"""What the answers to a record's requests come to: which of them is believed, and whether to ask once more.

Pure, so that answers which lie in the lake can be judged again by a later release without asking anybody.
"""

import ast
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from catalog_embeddings.domain.enrichment import Checked
from catalog_embeddings.transform import enrichment_answers
from catalog_embeddings.transform.enrichment_answers import AnswerInvalid, read_answer
from catalog_embeddings.transform.guards.record import Record

#: The first request, and one more that names what was wrong.
MOST_ATTEMPTS = 2

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Judged:
    """What one answer comes to. ``errors`` are sentences to remind the model of, ``reason`` is one without the record.

    The sentences may quote the record, so they go to the model alone.
    """

    checked: Checked
    errors: tuple[str, ...] = ()
    reason: str = ""


def judge(
    content: str | None, finish_reason: str | None, refusal: str | None, schema: Mapping[str, Any], record: Record
) -> Judged:
    """Read an answer and hold it against the record."""
    # Its tables of words take as long to import as numpy and pyarrow, and most versions have no enrichment.
    from catalog_embeddings.transform.guards.check import check_draft  # noqa: PLC0415

    try:
        draft = read_answer(content, finish_reason, refusal, schema)
    except AnswerInvalid as invalid:
        return Judged(Checked("rejected", (), None), invalid.reasons, str(invalid))
    checked = check_draft(draft, record)
    rules = dict.fromkeys(finding.rule for finding in checked.findings)
    return Judged(
        checked,
        tuple(dict.fromkeys(finding.reason for finding in checked.findings)),
        ", ".join(rules) if checked.verdict == "rejected" else "",
    )


def settle(judged: Sequence[Judged]) -> Judged | None:
    """The answer to go by, None where the model is to be asked again."""
    accepted = [each for each in judged if each.checked.verdict == "accepted"]
    if accepted:
        return accepted[0]
    return best_of(judged) if len(judged) >= MOST_ATTEMPTS else None


def best_of(judged: Sequence[Judged]) -> Judged:
    """The best of at least one answer: of two usable ones the later, which was told what was wrong with the first."""
    ranks = {"rejected": 0, "repaired": 1, "accepted": 2}
    return max(reversed(judged), key=lambda each: ranks[each.checked.verdict])


@cache
def judging_version() -> str:
    """A hash over all that judges answers, the code of the guards included, but not its comments or layout.

    What was judged under another is judged again.
    """
    files = [*sorted((_FOLDER / "guards").glob("*.py")), Path(enrichment_answers.__file__), Path(__file__)]
    code = "".join(ast.dump(ast.parse(file.read_text(encoding="utf-8"))) for file in files)
    return hashlib.sha256(code.encode()).hexdigest()[:16]
