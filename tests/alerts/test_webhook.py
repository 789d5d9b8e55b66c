"""The webhook: what it is sent, which answers count as arrived, and that its address is told to nobody."""

import json
import logging
import socket
import traceback
from collections.abc import Iterator

import pytest

from catalog_embeddings.alerts.webhook import alert_poster
from catalog_embeddings.errors import ServerFailed
from tests.webhook import SECRET, Webhook, webhook


@pytest.fixture
def there() -> Iterator[Webhook]:
    with webhook() as answering:
        yield answering


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every logger at its lowest level, and the address in nothing that was said."""
    caplog.set_level(logging.DEBUG)
    yield caplog
    assert SECRET not in caplog.text


def test_a_message_arrives_as_slack_mattermost_and_teams_take_it(
    there: Webhook, everything_logged: pytest.LogCaptureFixture
) -> None:
    alert_poster(there.url)('5.1 % of "v1" failed – 椅子\n`list`')
    assert there.requests == [
        (f"/services/{SECRET}", "application/json", {"text": '5.1 % of "v1" failed – 椅子\n`list`'})
    ]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_kind_of_yes_is_one(there: Webhook, status: int) -> None:
    there.status = status
    alert_poster(there.url)("failed")
    assert there.texts == ["failed"]


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503])
def test_a_refusal_is_told_without_the_address(
    there: Webhook, status: int, everything_logged: pytest.LogCaptureFixture
) -> None:
    there.status = status
    with pytest.raises(ServerFailed, match=f"^the alert webhook answered HTTP {status}$") as refused:
        alert_poster(there.url)("failed")
    assert SECRET not in "".join(traceback.format_exception(refused.value))
    assert there.texts == ["failed"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(there: Webhook, status: int, everything_logged: pytest.LogCaptureFixture) -> None:
    there.status = status
    with webhook() as elsewhere:
        there.location = elsewhere.url
        with pytest.raises(ServerFailed, match=f"answered HTTP {status}"):
            alert_poster(there.url)("failed")
        assert elsewhere.requests == []
    assert len(there.requests) == 1


def test_a_webhook_that_never_answers_is_given_up(there: Webhook, everything_logged: pytest.LogCaptureFixture) -> None:
    there.hold.clear()
    with pytest.raises(ServerFailed, match=r"^no answer from the alert webhook \(TimeoutError\)$") as refused:
        alert_poster(there.url, patience=0.2)("failed")
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_a_webhook_that_is_not_there_is_no_crash(everything_logged: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/{SECRET}"
    with pytest.raises(ServerFailed, match=r"\(ConnectionRefusedError\)$") as refused:
        alert_poster(address)("failed")
    assert SECRET not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("address", ["http://127.0.0.1:port/", "http://[/", "http://127.0.0.1:99999/"])
def test_an_address_that_leads_nowhere_is_no_crash(address: str) -> None:
    with pytest.raises(ServerFailed, match="no answer from the alert webhook"):
        alert_poster(address + SECRET)("failed")


def test_what_is_handed_around_does_not_show_the_address(there: Webhook) -> None:
    assert SECRET not in json.dumps(repr(alert_poster(there.url)))


def test_without_an_address_the_log_is_told(caplog: pytest.LogCaptureFixture) -> None:
    alert_poster(None)("5.1 % failed")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("ERROR", "5.1 % failed")]
