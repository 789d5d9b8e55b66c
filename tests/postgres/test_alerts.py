"""The table alerts: one a run, the oldest first, and each claimed by one connection at a time."""

import psycopg
import pytest

from catalog_embeddings.domain.run import Lease
from catalog_embeddings.postgres import alerts, runs
from catalog_embeddings.postgres.alerts import Alert
from catalog_embeddings.postgres.connection import Connection


@pytest.fixture
def two(connection: Connection, lease: Lease) -> tuple[Alert, Alert]:
    runs.open_run(connection, "run-2", "v1", "a test")
    found = Alert("run-2", "the second run failed"), Alert("run-1", "the first run failed")
    for alert in found:
        alerts.add(connection, alert)
    return found


def test_a_run_keeps_its_first_alert(connection: Connection, lease: Lease) -> None:
    for message in ("first", "again"):
        alerts.add(connection, Alert("run-1", message))
    assert alerts.claim(connection) == Alert("run-1", "first")


def test_an_alert_belongs_to_a_run(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        alerts.add(connection, Alert("run-9", "failed"))


def test_what_is_sent_is_not_claimed_again(connection: Connection, two: tuple[Alert, Alert]) -> None:
    for expected in two:
        claimed = alerts.claim(connection)
        assert claimed == expected
        alerts.mark_sent(connection, claimed.run_id)
    assert alerts.claim(connection) is None
    alerts.add(connection, two[0])
    assert alerts.claim(connection) is None


def test_what_another_is_sending_is_passed_over(
    connection: Connection, other_connection: Connection, two: tuple[Alert, Alert]
) -> None:
    with connection.transaction():
        assert alerts.claim(connection) == two[0]
        with other_connection.transaction():
            assert alerts.claim(other_connection) == two[1]
    assert alerts.claim(other_connection) == two[0]
