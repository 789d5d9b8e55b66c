"""One flood of bad input through the whole river, by every way in.

An item ends with the vector of its own text or with a stable reason; no innocent is lost; nothing that is said
meanwhile repeats what an item says; and whatever was loaded can be asked for by its id.
"""

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.app import main
from catalog_embeddings.domain.version import Chunking
from catalog_embeddings.emulator.serve import background
from catalog_embeddings.emulator.vectors import hashed
from catalog_embeddings.pipeline.import_catalog import ImportOptions, ImportReport
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.transform.chunking import split_text
from tests.faults import bad_input
from tests.faults.bad_catalog import FEED, ORG, PROSE, WAYS, Sent, as_literal, sent_by, stored, write_file
from tests.river.conftest import River

DIMS = 512

Rows = list[tuple[Any, ...]]


@dataclass
class Flood:
    """What was sent each way, how every item had ended after the first run, and all that was said meanwhile."""

    river: River
    folder: Path
    sent: dict[str, list[Sent]]
    refused_lines: dict[str, dict[int, str]] = field(default_factory=dict)
    reports: dict[str, ImportReport] = field(default_factory=dict)
    first: dict[str, Any] = field(default_factory=dict)
    held: dict[tuple[str, str], NDArray[np.float16]] = field(default_factory=dict)
    dead: dict[tuple[str, str], str] = field(default_factory=dict)
    log: io.StringIO = field(default_factory=io.StringIO)

    def ask(self, question: str, *parameters: object) -> Rows:
        return self.river.connection.execute(question.encode(), parameters or None).fetchall()

    def feed(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self.river.connection.cursor() as cursor:
            cursor.executemany(statement.encode(), rows)


@pytest.fixture(scope="module")
def flood(postgres_server: str, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flood]:
    """The flood, and one run over it."""
    folder = tmp_path_factory.mktemp("flood")
    with connect(postgres_server) as server, pytest.MonkeyPatch.context() as patch, background() as emulator:
        server.execute(f"create database bad_input template {migrated_template}".encode())
        address = urlsplit(postgres_server)._replace(path="/bad_input").geturl()
        patch.setenv("CATALOG_EMBEDDINGS_DATABASE_URL", address)
        patch.setenv("CATALOG_EMBEDDINGS_STATE_DIRECTORY", str(folder))
        patch.setenv("CATALOG_EMBEDDINGS_FAILURE_THRESHOLD", "1")
        patch.setenv("OPENAI_BASE_URL", emulator.url)
        patch.delenv("CATALOG_EMBEDDINGS_LAKE_URL", raising=False)
        with bootstrap.open_database() as connection:
            register_version(connection, "v1", text_spec("emulator", "text-embedding-3-small", dims=DIMS))
            found = Flood(River(connection, emulator), folder, {way: sent_by(way) for way in WAYS})
            with _everything_logged(found.log):
                _send(found)
                found.first = found.river.run()
                found.held, found.dead = _held(found), _dead(found)
                yield found
        server.execute(b"drop database bad_input with (force)")


@contextmanager
def _everything_logged(log: io.StringIO) -> Iterator[None]:
    root, handler = logging.getLogger(), logging.StreamHandler(log)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(level)
    root.removeHandler(handler)


def _send(flood: Flood) -> None:
    for way in WAYS:
        if way != FEED:
            path = flood.folder / f"products.{way}"
            flood.refused_lines[way] = write_file(way, path, flood.sent[way])
            flood.reports[way] = flood.river.bring(path, ImportOptions(namespace=way, max_bad=1.0))
    names = (*PROSE, "attributes", "updated_at")
    flood.feed(
        "insert into analytics.catalog_features_raw"
        " (org_id, namespace, item_id, title, description, brand, attributes, updated_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (ORG, FEED, item.item_id, *(as_literal(item.columns.get(name)) for name in names))
            for item in flood.sent[FEED]
        ],
    )


def _held(flood: Flood) -> dict[tuple[str, str], NDArray[np.float16]]:
    rows = flood.ask("select namespace, item_id, vector::real[] from item_embeddings")
    return {(namespace, item_id): np.array(vector, np.float16) for namespace, item_id, vector in rows}


def _dead(flood: Flood) -> dict[tuple[str, str], str]:
    rows = flood.ask("select namespace, item_id, reason from pipeline.dead_letters where resolved_at is null")
    return {(namespace, item_id): reason for namespace, item_id, reason in rows}


def _vector(text: str) -> NDArray[np.float16]:
    """What the emulator answers for a text, halved; the mean of its chunks where it is long."""
    chunks = split_text(text, Chunking())
    vectors = hashed(chunks, DIMS).astype(np.float32)
    if len(chunks) == 1:
        return vectors[0].astype(np.float16)
    sums = np.array([len(chunk.encode()) for chunk in chunks]) @ vectors.astype(np.float64)
    return (sums / np.linalg.norm(sums)).astype(np.float16)


@pytest.mark.parametrize("way", WAYS)
def test_every_item_ends_with_the_vector_of_its_text_or_with_a_reason(flood: Flood, way: str) -> None:
    wrong = []
    for item in flood.sent[way]:
        key = (way, item.item_id)
        vector, reason = flood.held.get(key), flood.dead.get(key)
        if item.text is not None:
            right = reason is None and vector is not None and np.array_equal(vector, _vector(item.text))
        elif len(item.item_id) > 2_000:
            right = vector is None and (bool(item.refused_line) or _cut_short(flood, item) == item.reason)
        else:
            right = vector is None and reason == item.reason
        if not right:
            wrong.append((item.item_id[:80], item.reason, reason, None if vector is None else "another vector"))
    assert not wrong


def _cut_short(flood: Flood, item: Sent) -> str | None:
    """The reason of a dead letter whose id would not fit."""
    letters = {item_id: reason for (_, item_id), reason in flood.dead.items() if item_id.startswith(item.item_id[:100])}
    assert len(letters) == 1
    return next(iter(letters.values()))


@pytest.mark.parametrize("way", WAYS[:-1])
def test_a_file_is_stored_as_it_was_sent_and_its_bad_lines_are_named(flood: Flood, way: str) -> None:
    report = flood.reports[way]
    good = [item for item in flood.sent[way] if item.refused_line is None]
    assert (report.inserted, report.bad) == (len(good), len(flood.refused_lines[way]))
    assert {bad.line: bad.reason for bad in report.bad_lines} == flood.refused_lines[way]

    rows = flood.ask(
        "select item_id, title, description, brand, attributes from analytics.catalog_features_raw"
        " where namespace = %s",
        way,
    )
    found = {item_id: dict(zip((*PROSE, "attributes"), values, strict=True)) for item_id, *values in rows}
    empty = dict.fromkeys((*PROSE, "attributes"))
    sent = {item.item_id: empty | stored(way, item.columns) for item in good}
    assert [item_id for item_id in found.keys() | sent.keys() if found.get(item_id) != sent.get(item_id)] == []
    again = flood.river.bring(flood.folder / f"products.{way}", ImportOptions(namespace=way, max_bad=1.0))
    assert (again.unchanged, again.bad) == (report.inserted, report.bad)
    shown = {case: found[f"{case} as title"]["title"] for case in bad_input.MARKUP}
    assert shown == {case: text for case, (_, text) in bad_input.MARKUP.items()}


def test_the_same_text_in_another_normal_form_is_the_same_text(flood: Flood) -> None:
    rows = flood.ask(
        "select namespace, item_id, record_hash, content_hash from item_embeddings"
        " where item_id like 'composed as %%' or item_id like 'decomposed as %%'"
    )
    hashes = {(namespace, item_id): tuple(found) for namespace, item_id, *found in rows}
    assert len(hashes) == 2 * 5 * len(WAYS)
    for (namespace, item_id), found in hashes.items():
        assert found == hashes[namespace, item_id.removeprefix("de")]


def test_nothing_is_paid_twice_and_a_second_run_finds_nothing_even_in_another_normal_form(flood: Flood) -> None:
    texts = {item.text for items in flood.sent.values() for item in items if item.text and not item.refused_line}
    assert flood.first["embedded"] == len(texts)
    assert flood.first["paid"] == sum(len(split_text(text, Chunking())) for text in texts)

    written = flood.river.fingerprint_of_rows()
    respelt = flood.ask(
        "update analytics.catalog_features_raw set title = normalize(title, nfd), brand = normalize(brand, nfd),"
        " description = normalize(description, nfd), attributes = normalize(attributes::text, nfd)::jsonb"
        " where namespace = %s and item_id = any(%s) returning item_id",
        FEED,
        [
            f"{case} as {name}"
            for case in (bad_input.LANGUAGES | bad_input.LETTERS).keys() - {"marks in a flood"}
            for name in (*PROSE, "attribute", "name")
        ],
    )
    assert len(respelt) > 200
    second = flood.river.run()

    assert (second["planned"], second["calls"], second["state"]) == (0, 0, "verified")
    assert flood.river.fingerprint_of_rows() == written
    assert _dead(flood) == flood.dead


def test_a_time_that_was_none_does_not_keep_a_correction_out(flood: Flood) -> None:
    ids = [f"time {time}" for time in bad_input.TIMES]
    flood.ask(
        "update analytics.catalog_features_raw set title = title || ', mended', updated_at = now()"
        " where namespace = %s and item_id = any(%s) returning 1",
        FEED,
        ids,
    )
    mended = flood.river.run()
    assert (mended["planned"], mended["loaded"], mended["paid"]) == (len(ids), len(ids), len(ids))
    held = _held(flood)
    assert all(np.array_equal(held[FEED, id_], _vector(f"A lamp of the {id_}, mended")) for id_ in ids)


def test_whatever_was_loaded_is_found_by_its_id(flood: Flood, cli: Callable[..., tuple[int, str]]) -> None:
    ids = {
        way: [item.item_id for item in flood.sent[way] if (item.text or "").startswith("An innocent lamp with the id")]
        for way in WAYS
    }
    for way in WAYS:
        assert len(ids[way]) > 100
        rows = flood.ask(
            "select held.item_id, hits.item_id from item_embeddings as held"
            " cross join lateral search_items(held.vector, 1, held.namespace) as hits"
            " where held.namespace = %s and held.item_id = any(%s)",
            way,
            ids[way],
        )
        assert len(rows) == len(ids[way])
        assert [own for own, nearest in rows if own != nearest] == []
    for item_id in ids[FEED]:
        code, said = cli("similar", "--json", "--namespace", FEED, "-k", "3", "--", item_id)
        hits = json.loads(said)["hits"]
        assert (code, len(hits), item_id in [hit["item_id"] for hit in hits]) == (0, 3, False)
    code, table = cli("similar", "--namespace", FEED, "-k", "1000", "--", ids[FEED][0])
    assert (code, table.count("An innocent lamp beside") > 50) == (0, True)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """The program in this process: its exit code and standard output."""

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["catalog-embeddings", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), capfd.readouterr().out

    return run


def test_nothing_that_is_said_repeats_what_an_item_says(flood: Flood, cli: Callable[..., tuple[int, str]]) -> None:
    code, letters = cli("dead-letters", "list", "--json")
    listed = {(letter["namespace"], letter["item_id"]) for letter in json.loads(letters)["dead_letters"]}
    assert (code, len(listed) >= 100, listed <= flood.dead.keys()) == (0, True, True)
    said = [
        flood.log.getvalue(),
        *(str(report.as_json()) for report in flood.reports.values()),
        *map(str, flood.ask("select plan, summary, error from pipeline.runs")),
        *map(str, flood.ask("select reason, detail from pipeline.dead_letters")),
    ]
    assert "dbt model catalog_items" in said[0]
    texts = {value.strip() for value in bad_input.TEXTS.values()} | {*bad_input.TOO_LONG.values(), "zanzibar"}
    assert [text[:80] for text in texts if len(text) > 5 and any(text in words for words in said)] == []


def test_no_key_in_the_lake_holds_an_id(flood: Flood) -> None:
    lake = flood.folder / "lake"
    keys = [path.relative_to(lake).as_posix() for path in lake.rglob("*") if path.is_file()]
    assert len(keys) > 10
    assert [key for key in keys if not re.fullmatch(r"[a-z0-9T/._-]+", key)] == []
    ids = {item.item_id for items in flood.sent.values() for item in items if len(item.item_id) > 4}
    assert [item_id for item_id in ids if any(item_id in key for key in keys)] == []
