"""The command enrich: a verdict or a scrubbed record a line, bad lines named, no database and no key needed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from catalog_embeddings.cli.enrich_command import enrich
from catalog_embeddings.errors import InputError
from tests.cli.conftest import Ended

RECORD = {"title": "Aurora desk lamp", "brand": "Aurora", "weight": "1.2 lb"}
HONEST = "The Aurora desk lamp weighs 1.2 lb."


def _run(*arguments: str, stdin: bytes = b"") -> Result:
    app = Typer()
    app.command()(enrich)
    return CliRunner().invoke(app, list(arguments), input=stdin)


def _lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def written(*lines: Any) -> str:
        path = tmp_path / "drafts.jsonl"
        path.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
        return str(path)

    return written


def test_a_verdict_a_line(write: Callable[..., str]) -> None:
    drafts = [
        {"id": "a", "record": RECORD, "draft": {"description": HONEST, "tags": ["lamp"], "use_cases": []}},
        {"id": 2, "record": RECORD, "draft": {"description": f"{HONEST} It weighs 2 lb.", "tags": ["lamp", "Lamps"]}},
        {"id": {"n": 3}, "record": RECORD, "draft": "I'm sorry, but I cannot help with that."},
        {"record": RECORD, "draft": 7},
    ]
    result = _run("--check", write(*drafts))
    assert result.exit_code == 0, result.output
    accepted, repaired, rejected, unreadable = _lines(result)
    assert accepted == {"id": "a", "verdict": "accepted", "findings": []}
    assert (repaired["id"], repaired["verdict"]) == (2, "repaired")
    assert repaired["draft"] == {"description": HONEST, "tags": ["lamp"], "use_cases": []}
    claim, again = repaired["findings"]
    assert (claim["rule"], claim["span"], claim["place"], claim["start"]) == (
        "numeric_claim",
        "2 lb",
        "description",
        46,
    )
    assert again == {
        "rule": "repetition",
        "span": "Lamps",
        "reason": "the same as 'lamp'",
        "place": "tags[1]",
        "start": 0,
    }
    assert (rejected["id"], rejected["verdict"], "draft" in rejected) == ({"n": 3}, "rejected", False)
    assert (unreadable["id"], unreadable["verdict"]) == (None, "rejected")
    assert "4 drafts: 1 accepted, 2 rejected, 1 repaired" in result.stderr


def test_a_bad_line_is_named_and_the_others_are_judged(write: Callable[..., str]) -> None:
    good = {"id": 1, "record": RECORD, "draft": HONEST}
    bad = [b"{no json", b"[1]", b"\xff\xfe", {"id": 2, "draft": HONEST}, {"id": 3, "record": 5, "draft": HONEST}]
    bad += [{"id": 4, "record": RECORD}, b'{"id": NaN}', b"[" * 100_000]
    result = _run("--check", write(good, *bad, b"", good))
    assert isinstance(result.exception, InputError)
    assert "8 of its lines" in str(result.exception)
    assert [line["verdict"] for line in _lines(result)] == ["accepted", "accepted"]
    reasons = [line.partition(", line ")[2] for line in result.stderr.splitlines() if ", line " in line]
    assert [reason.partition(":")[0] for reason in reasons] == [str(number) for number in range(2, 10)]
    assert "it is no JSON" in reasons[0]
    assert "it has no record" in reasons[3]
    assert "it has no draft" in reasons[5]


def test_records_are_scrubbed_and_what_was_is_counted(write: Callable[..., str]) -> None:
    text = "Lamp. Call +49 30 1234567 or write to a@example.com, b@example.com"
    result = _run(
        "--scrub", write({"id": 9, "record": {"title": text, "n": 1}}, {"title": "Lamp"}, {"id": "x", "t": text})
    )
    assert result.exit_code == 0, result.output
    scrubbed = "Lamp. Call [phone] or write to [email], [email]"
    assert _lines(result) == [
        {"id": 9, "record": {"title": scrubbed, "n": 1}, "scrubbed": {"email": 2, "phone": 1}},
        {"record": {"title": "Lamp"}, "scrubbed": {}},
        {"id": "x", "record": {"id": "x", "t": scrubbed}, "scrubbed": {"email": 2, "phone": 1}},
    ]
    assert "3 records: 1 left as they are, 2 scrubbed (email 4, phone 2)" in result.stderr


def test_standard_input_is_read_too() -> None:
    line = json.dumps({"id": "ü", "record": RECORD, "draft": HONEST}, ensure_ascii=False)
    result = _run("--check", "-", stdin=b"\xef\xbb\xbf" + line.encode())
    assert _lines(result)[0]["id"] == "ü"


@pytest.mark.parametrize("arguments", [(), ("--check", "a", "--scrub", "b"), ("--check", "/does/not/exist")])
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...]) -> None:
    assert isinstance(_run(*arguments).exception, InputError)


def test_the_program_has_it_and_needs_no_environment(program: Callable[..., Ended], write: Callable[..., str]) -> None:
    file = write({"id": 1, "record": RECORD, "draft": HONEST}, b"{")
    ended = program("enrich", "--check", file, CATALOG_EMBEDDINGS_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert ended.code == 2
    assert json.loads(ended.out)["verdict"] == "accepted"
    assert "line 2: it is no JSON" in ended.err
