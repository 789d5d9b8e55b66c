"""What is written down of batches: before they are sent, when they are, and once they have ended."""

import hashlib
from decimal import Decimal

import psycopg
import pytest

from catalog_embeddings.domain.batch import CHAT, EMBEDDINGS, BatchRequest, Billed, RequestOutcome
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.postgres import batches, lake_parts, run_plan, runs
from catalog_embeddings.postgres.batches import Place
from catalog_embeddings.postgres.connection import Connection

PLACE = Place("run-1", 0, EMBEDDINGS)
TEXTS = [hashlib.sha256(bytes([number])).digest() for number in range(6)]


def _request(*texts: int) -> BatchRequest:
    return BatchRequest([TEXTS[each] for each in texts], [2] * len(texts), [5, 7] * len(texts))


@pytest.fixture(autouse=True)
def planned(connection: Connection, lease: Lease) -> None:
    """Six texts in one shard."""
    assert lease.run_id == "run-1"
    run_plan.add_texts(connection, "run-1", 0, TEXTS)
    run_plan.add_shard(connection, "run-1", 0, len(TEXTS))


def test_an_intent_holds_all_that_is_needed_to_send_it_and_to_read_its_answers(connection: Connection) -> None:
    first = batches.intend(connection, "one", PLACE, [_request(0, 1), _request(2)], Decimal("0.5"))
    second = batches.intend(connection, "two", PLACE, [_request(3)], Decimal(0))
    assert (first.number, first.requests, first.state, first.batch_id, first.reserved_usd) == (
        0,
        2,
        "intended",
        None,
        Decimal("0.5"),
    )
    assert second.number == 1
    assert batches.open_batches(connection, PLACE) == [first, second]
    assert batches.open_batches(connection, Place("run-1", 1, EMBEDDINGS)) == []
    assert batches.open_batches(connection, Place("run-1", 0, CHAT)) == []
    found = {request.custom_id: request for request in batches.requests_of(connection, "one")}
    assert found == {request.custom_id: request for request in (_request(0, 1), _request(2))}
    assert connection.execute("select inputs, text_bytes from pipeline.batches order by number").fetchall() == [
        (6, 36),
        (2, 12),
    ]


def test_it_is_submitted_once(connection: Connection) -> None:
    batches.intend(connection, "one", PLACE, [_request(0)], Decimal(0))
    assert batches.set_submitted(connection, "one", input_file_id="file-1", batch_id="batch-1")
    # Whoever finds the same batch says the same.
    assert batches.set_submitted(connection, "one", input_file_id="file-1", batch_id="batch-1")
    assert not batches.set_submitted(connection, "one", input_file_id="file-2", batch_id="batch-2")
    [batch] = batches.open_batches(connection, PLACE)
    assert (batch.state, batch.batch_id) == ("submitted", "batch-1")
    batches.intend(connection, "two", PLACE, [_request(1)], Decimal(0))
    with pytest.raises(psycopg.errors.UniqueViolation):
        batches.set_submitted(connection, "two", input_file_id="file-1", batch_id="batch-1")


def test_it_ends_once(connection: Connection) -> None:
    batches.intend(connection, "one", PLACE, [_request(0), _request(1)], Decimal(0))
    assert batches.any_open(connection, "run-1")
    answered, unsent = _request(0).custom_id, _request(1).custom_id
    assert batches.end(connection, "one", "expired", {answered: "answered", unsent: "unsent"}, Billed(1, 9, 7, 2))
    assert not batches.end(connection, "one", "collected", {}, Billed(1, 9, 9, 9))
    assert not batches.any_open(connection, "run-1")
    assert batches.open_batches(connection, PLACE) == []
    assert not batches.set_submitted(connection, "one", input_file_id="file-1", batch_id="batch-1")
    assert batches.tokens_of(connection, "run-1", EMBEDDINGS) == (7, 2)
    assert batches.tokens_of(connection, "run-1", CHAT) == (0, 0)


def test_the_next_batch_holds_what_has_a_chance_in_it(connection: Connection) -> None:
    assert batches.to_send(connection, PLACE, tries=2) == set(TEXTS)
    run_plan.settle_texts(connection, "run-1", [TEXTS[0]], "loaded")
    lake_parts.record_parts(connection, "run-1", 0, [StoredPart("part", "ab" * 32, 1, [TEXTS[1]])])
    requests = [_request(2), _request(3), _request(4)]
    batches.intend(connection, "one", PLACE, requests, Decimal(0))
    assert batches.to_send(connection, PLACE, tries=2) == {TEXTS[5]}
    refused, failed, unsent = (request.custom_id for request in requests)
    batches.end(connection, "one", "expired", {refused: "refused", failed: "failed", unsent: "unsent"}, Billed())
    assert batches.to_send(connection, PLACE, tries=2) == {TEXTS[3], TEXTS[4], TEXTS[5]}
    batches.intend(connection, "two", PLACE, requests[1:], Decimal(0))
    assert batches.to_send(connection, PLACE, tries=2) == {TEXTS[5]}
    batches.end(connection, "two", "expired", {failed: "failed", unsent: "unsent"}, Billed())
    assert batches.to_send(connection, PLACE, tries=2) == {TEXTS[4], TEXTS[5]}
    assert batches.to_send(connection, PLACE, tries=3) == {TEXTS[3], TEXTS[4], TEXTS[5]}


def test_a_record_was_asked_about_whatever_came_of_it_unless_it_was_never_sent(connection: Connection) -> None:
    chat, beside = Place("run-1", 0, CHAT), Place("run-1", 3, CHAT)
    requests = [_request(number) for number in range(4)]
    batches.intend(connection, "one", chat, requests, Decimal(0))
    batches.intend(connection, "two", beside, [_request(4)], Decimal(0))
    batches.intend(connection, "texts", PLACE, [_request(5)], Decimal(0))
    assert batches.asked_about(connection, chat) == set(TEXTS[:5])
    answered, refused, failed, unsent = (request.custom_id for request in requests)
    outcomes: dict[str, RequestOutcome] = {
        answered: "answered",
        refused: "refused",
        failed: "failed",
        unsent: "unsent",
    }
    batches.end(connection, "one", "expired", outcomes, Billed())
    assert batches.asked_about(connection, chat) == {TEXTS[0], TEXTS[1], TEXTS[2], TEXTS[4]}


def test_the_last_error_is_that_of_the_batch_that_ended_last(connection: Connection) -> None:
    assert batches.last_error(connection, "run-1") is None
    for name, error in (("one", "token_limit_exceeded"), ("two", None)):
        batches.intend(connection, name, PLACE, [_request(0)], Decimal(0))
        batches.end(connection, name, "failed", {}, Billed(), error=error)
        assert batches.last_error(connection, "run-1") == error


def test_batches_of_runs_that_are_over_are_left_over(connection: Connection) -> None:
    batches.intend(connection, "one", PLACE, [_request(0)], Decimal(0))
    runs.set_state(connection, "run-1", "planned")
    assert batches.left_over(connection, "v1") == []
    runs.set_state(connection, "run-1", "paused")
    assert batches.left_over(connection, "v1") == []
    runs.set_state(connection, "run-1", "held")
    assert [batch.intent_id for batch in batches.left_over(connection, "v1")] == ["one"]
    assert batches.left_over(connection, "v2") == []
