"""Alerting: what is recorded with a run's end is sent after it, once, and never stands in a run's way.

An alert that could not be sent stays pending and is tried again when the next run starts. A crash between the
webhook's answer and the commit sends it a second time: told twice is better than never.
"""

import logging
from collections.abc import Callable, Mapping
from itertools import islice

from catalog_embeddings.errors import ServerFailed, ThresholdExceeded
from catalog_embeddings.postgres import alerts
from catalog_embeddings.postgres.alerts import Alert
from catalog_embeddings.postgres.connection import Connection

log = logging.getLogger(__name__)

_REASONS_TOLD = 3


def failure_message(run_id: str, version: str, error: ThresholdExceeded, reasons: Mapping[str, int]) -> str:
    """What a person is told of a run in which too much failed; ``reasons`` in items, the most frequent first."""
    told = ", ".join(f"{reason} ({items:,})" for reason, items in islice(reasons.items(), _REASONS_TOLD))
    more = f" and {len(reasons) - _REASONS_TOLD} more" if len(reasons) > _REASONS_TOLD else ""
    return (
        f"catalog-embeddings: run {run_id} of version {version} failed. {error}. Reasons: {told}{more}. What is mended "
        "in the catalog is tried again by itself, what was mended elsewhere after "
        "`catalog-embeddings dead-letters redrive`."
    )


def raise_alert(connection: Connection, run_id: str, message: str) -> None:
    """Record the alert of a run, in the transaction that ends the run. Only the first one of a run counts."""
    alerts.add(connection, Alert(run_id, message))


def send_pending_alerts(connection: Connection, post: Callable[[str], None]) -> None:
    """Send what is recorded and not sent yet, outside of any transaction; a webhook that fails only leaves a warning.

    Alerts that another process is sending at this moment are left to it.
    """
    while _send_one(connection, post):
        pass


def _send_one(connection: Connection, post: Callable[[str], None]) -> bool:
    with connection.transaction():
        alert = alerts.claim(connection)
        if alert is None:
            return False
        try:
            post(alert.message)
        except ServerFailed as error:
            log.warning("the alert of run %s was not sent: %s; the next run tries again", alert.run_id, error)
            return False
        alerts.mark_sent(connection, alert.run_id)
    return True
