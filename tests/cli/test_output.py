"""One way to answer: one JSON object on standard output, or a rendering for a person."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from catalog_embeddings.cli.output import answer, notes


def test_json_is_one_object_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    value = {
        "text": "two\nlines [red]",
        "org_id": UUID(int=1),
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "usd": Decimal("0.1"),
    }
    notes.print("a note")
    answer(value, True, lambda console: console.print("never shown"))
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert json.loads(said.out) == {
        "text": "two\nlines [red]",
        "org_id": "00000000-0000-0000-0000-000000000001",
        "at": "2026-01-01 00:00:00+00:00",
        "usd": "0.1",
    }
    assert said.err == "a note\n"


def test_a_person_gets_the_rendering_only(capsys: pytest.CaptureFixture[str]) -> None:
    answer({"hidden": 1}, False, lambda console: console.print("shown"))
    assert capsys.readouterr() == ("shown\n", "")
