"""Alerting: once a run however often it is asked for, again when it did not arrive, and never in the run's way."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from catalog_embeddings.alerts.webhook import alert_poster
from catalog_embeddings.errors import ThresholdExceeded
from catalog_embeddings.pipeline.alert import failure_message, raise_alert, send_pending_alerts
from catalog_embeddings.pipeline.finish import _verdict
from catalog_embeddings.pipeline.register import register_version, text_spec
from catalog_embeddings.postgres import runs
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.run_plan import Outcomes
from tests.webhook import SECRET, Webhook, webhook

REASONS = {"empty_text": 40, "refused_by_api": 9, "text_too_long": 2}


@pytest.fixture
def there() -> Iterator[Webhook]:
    with webhook() as answering:
        yield answering


@pytest.fixture
def ended(connection: Connection) -> Connection:
    """The runs run-1 to run-3 of version v1 have ended."""
    register_version(connection, "v1", text_spec("emulator", "text-embedding-3-small", dims=16))
    for number in (1, 2, 3):
        runs.open_run(connection, f"run-{number}", "v1", "a test")
    return connection


def _pending(connection: Connection) -> list[str]:
    rows = connection.execute("select run_id from pipeline.alerts where sent_at is null order by run_id")
    return [run_id for (run_id,) in rows]


@pytest.mark.parametrize(
    ("dead", "attempted", "alerts"),
    [
        (0, 0, False),
        (1, 20, False),
        (2, 20, True),
        (1, 19, True),
        (50, 1_000, False),
        (51, 1_000, True),
        (50_000, 1_000_000, False),
        (50_001, 1_000_000, True),
    ],
)
def test_more_than_five_percent_alerts_and_five_does_not(dead: int, attempted: int, alerts: bool) -> None:
    ended = Outcomes(planned=attempted, loaded=attempted - dead, dead=dead, deleted=0, attempted=attempted)
    _, error = _verdict(ended, 0.05, None)
    assert isinstance(error, ThresholdExceeded) is alerts


def test_a_message_says_what_happened_and_what_to_do() -> None:
    ended = Outcomes(planned=1_000, loaded=949, dead=51, deleted=0, attempted=1_000)
    _, error = _verdict(ended, 0.05, None)
    assert isinstance(error, ThresholdExceeded)
    message = failure_message("20260101T020000-abc", "v7", error, REASONS)
    assert message.startswith("catalog-embeddings: run 20260101T020000-abc of version v7 failed. 51 of ")
    assert f" failed. {error}. Reasons: empty_text (40), refused_by_api (9), text_too_long (2). " in message
    assert "`catalog-embeddings dead-letters redrive`" in message


def test_only_the_most_frequent_reasons_are_told() -> None:
    reasons = REASONS | {"nul_character": 1, "failed_by_api": 1}
    message = failure_message("run-1", "v1", ThresholdExceeded("53 of 53 failed"), reasons)
    assert "text_too_long (2) and 2 more. " in message
    assert "nul_character" not in message


def test_an_alert_is_sent_once_however_often_it_is_raised_and_sent(ended: Connection, there: Webhook) -> None:
    post = alert_poster(there.url)
    for message in ("first", "second"):
        raise_alert(ended, "run-1", message)
        send_pending_alerts(ended, post)
        send_pending_alerts(ended, post)
    assert there.texts == ["first"]
    assert _pending(ended) == []


def test_an_alert_ends_with_the_transaction_that_raised_it(ended: Connection, there: Webhook) -> None:
    with ended.transaction():
        raise_alert(ended, "run-1", "never happened")
        raise psycopg.Rollback
    send_pending_alerts(ended, alert_poster(there.url))
    assert there.requests == []


def test_two_processes_at_once_send_it_once(ended: Connection, database_url: str, there: Webhook) -> None:
    raise_alert(ended, "run-1", "failed")
    there.hold.clear()
    post = alert_poster(there.url)
    with ThreadPoolExecutor(1) as pool, connect(database_url) as other:
        first = pool.submit(send_pending_alerts, other, post)
        while not there.requests:
            assert not first.done()
        # The other one waits for the answer: the alert is its own, and this one has nothing to wait for.
        send_pending_alerts(ended, post)
        assert _pending(ended) == ["run-1"]
        there.hold.set()
        first.result()
    send_pending_alerts(ended, post)
    assert there.texts == ["failed"]
    assert _pending(ended) == []


def test_many_processes_send_each_alert_once(ended: Connection, database_url: str, there: Webhook) -> None:
    for number in (1, 2, 3):
        raise_alert(ended, f"run-{number}", f"run {number} failed")

    def send(_: int) -> None:
        with connect(database_url) as other:
            send_pending_alerts(other, alert_poster(there.url))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    assert sorted(there.texts) == ["run 1 failed", "run 2 failed", "run 3 failed"]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_did_not_arrive_is_sent_by_the_next_run(
    ended: Connection, there: Webhook, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    post = alert_poster(there.url)
    there.status = status
    raise_alert(ended, "run-1", "first")
    raise_alert(ended, "run-2", "second")
    send_pending_alerts(ended, post)
    # What one alert is refused, the next is too: the others are not tried.
    assert there.texts == ["first"]
    assert _pending(ended) == ["run-1", "run-2"]
    [warning] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warning == (
        f"the alert of run run-1 was not sent: the alert webhook answered HTTP {status}; the next run tries again"
    )
    there.status = 200
    send_pending_alerts(ended, post)
    assert there.texts == ["first", "first", "second"]
    assert _pending(ended) == []
    assert SECRET not in caplog.text


def test_a_webhook_that_does_not_answer_fails_nothing(
    ended: Connection, there: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    raise_alert(ended, "run-1", "failed")
    there.hold.clear()
    send_pending_alerts(ended, alert_poster(there.url, patience=0.2))
    assert _pending(ended) == ["run-1"]
    assert "no answer from the alert webhook (TimeoutError)" in caplog.text
    assert SECRET not in caplog.text


def test_without_a_webhook_the_log_is_told_once(ended: Connection, caplog: pytest.LogCaptureFixture) -> None:
    raise_alert(ended, "run-1", "5.10 % failed")
    for _ in range(2):
        send_pending_alerts(ended, alert_poster(None))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("ERROR", "5.10 % failed")]
    assert _pending(ended) == []
