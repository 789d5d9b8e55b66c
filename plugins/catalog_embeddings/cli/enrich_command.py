"""The command ``enrich``: drafts of a person's own checked by the guards, records scrubbed; one JSON line each.

What a line says is judged by itself: one that cannot be read is named on standard error, the others still count, and
the command ends with the exit code of bad input.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NoReturn

import typer

from catalog_embeddings.cli.output import JsonFlag, notes
from catalog_embeddings.cli.run_commands import VersionOption
from catalog_embeddings.cli.sample_command import recheck as recheck_stored
from catalog_embeddings.cli.sample_command import try_sample
from catalog_embeddings.domain.enrichment import Finding
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.register import DEFAULT_ENRICHMENT_MODEL
from catalog_embeddings.transform.guards.check import check_raw
from catalog_embeddings.transform.guards.personal_data import scrub
from catalog_embeddings.transform.guards.record import Record

_STANDARD_INPUT = "-"


def enrich(  # noqa: PLR0913, PLR0917 - an option each
    check: Annotated[
        Path | None,
        typer.Option("--check", help='JSON lines of {"id", "record", "draft"}; - reads standard input.'),
    ] = None,
    scrub_file: Annotated[
        Path | None,
        typer.Option("--scrub", help='JSON lines of {"id", "record"}, or of records; - reads standard input.'),
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, max=1_000, help="Say what enriching so many items costs.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="With --sample: ask, and lay the drafts beside their records.")
    ] = False,
    recheck: Annotated[
        bool,
        typer.Option("--recheck", help="Check stored answers again by the guards of this release, without a call."),
    ] = False,
    version: VersionOption = None,
    enrichment: Annotated[
        str | None, typer.Option(help="With --sample: an enrichment that no version has yet, such as review.v1.")
    ] = None,
    enrichment_model: Annotated[
        str, typer.Option(help="The language model; only with --enrichment.")
    ] = DEFAULT_ENRICHMENT_MODEL,
    as_json: JsonFlag = False,
) -> None:
    """Try an enrichment on a few items, or check and scrub files: these two need no database and no key."""
    match check, scrub_file, sample, recheck:
        case Path(), None, None, False:
            _check_file(check)
        case None, Path(), None, False:
            _scrub_file(scrub_file)
        case None, None, int(), False:
            try_sample(sample, version, enrichment, enrichment_model, show=show, as_json=as_json)
        case None, None, None, True:
            recheck_stored(version, as_json=as_json)
        case _:
            raise InputError("say what to do: --check FILE, --scrub FILE, --sample N or --recheck, one of them")


def _check_file(file: Path) -> None:
    verdicts: Counter[str] = Counter()
    rules: Counter[str] = Counter()

    def judged(line: Mapping[str, Any]) -> dict[str, Any]:
        if "draft" not in line:
            raise ValueError("it has no draft")
        checked = check_raw(line["draft"], Record.of(_record_of(line)))
        verdicts[checked.verdict] += 1
        rules.update({finding.rule for finding in checked.findings})
        verdict = {"id": line.get("id"), "verdict": checked.verdict, "findings": list(map(_told, checked.findings))}
        return verdict | ({"draft": asdict(checked.draft)} if checked.verdict == "repaired" and checked.draft else {})

    with _summary("drafts", verdicts, rules):
        _answer_lines(file, judged)


def _scrub_file(file: Path) -> None:
    read: Counter[str] = Counter()
    kinds: Counter[str] = Counter()

    def scrubbed(line: Mapping[str, Any]) -> dict[str, Any]:
        record, counts = scrub(line["record"] if isinstance(line.get("record"), dict) else line)
        read["scrubbed" if counts else "left as they are"] += 1
        kinds.update(counts)
        identity = {"id": line["id"]} if "id" in line else {}
        return identity | {"record": record, "scrubbed": dict(sorted(counts.items()))}

    with _summary("records", read, kinds):
        _answer_lines(file, scrubbed)


def _answer_lines(file: Path, answer: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """A line of JSON on standard output for every line that can be read.

    Raises:
        InputError: some could not.
    """
    name = "standard input" if str(file) == _STANDARD_INPUT else str(file)
    bad = 0
    with _opened(file) as lines:
        for number, raw in enumerate(lines, start=1):
            if not raw.strip():
                continue
            try:
                answered = answer(_object(raw))
            except (ValueError, RecursionError) as reason:
                bad += 1
                why = "it is nested too deep" if isinstance(reason, RecursionError) else str(reason)
                notes.print(f"{name}, line {number}: {why}", markup=False, highlight=False, soft_wrap=True)
            else:
                sys.stdout.write(json.dumps(answered) + "\n")
    if bad:
        raise InputError(f"{name}: {bad} of its lines could not be read; each is named above")


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == _STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        lines = file.open("rb")
    except OSError as error:
        raise InputError(f"{file} cannot be opened: {error.strerror}") from None
    with lines:
        yield lines


@contextmanager
def _summary(noun: str, outcomes: Counter[str], details: Counter[str]) -> Iterator[None]:
    """What came of the lines, on standard error, also where some were bad."""
    try:
        yield
    finally:
        parts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
        told = ", ".join(f"{name} {count:,}" for name, count in details.most_common())
        text = f"{outcomes.total():,} {noun}" + (f": {parts}" if parts else "") + (f" ({told})" if told else "")
        notes.print(text, markup=False, highlight=False, soft_wrap=True)


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse)
    except ValueError:
        raise ValueError("it is no JSON") from None
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - the line is wrong, not the program
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _record_of(line: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(line.get("record"), dict):
        raise ValueError("it has no record, which is an object")  # noqa: TRY004 - the same
    record: Mapping[str, Any] = line["record"]
    return record


def _told(finding: Finding) -> dict[str, Any]:
    return {key: getattr(finding, key) for key in ("rule", "span", "reason", "place", "start")}
