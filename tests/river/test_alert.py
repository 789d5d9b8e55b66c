"""A run in which too much fails tells the webhook once, whatever that does, and repeats no word of the catalog."""

import uuid

import pytest

from catalog_embeddings.errors import ThresholdExceeded
from tests.river.conftest import River
from tests.webhook import SECRET, webhook


def test_a_failed_run_alerts_once_and_later_when_it_could_not(
    river: River, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    river.connection.execute(
        "insert into analytics.catalog_features_raw (org_id, item_id, title)"
        " select %s, 'item-' || n, case n when 1 then null when 2 then 'Marrowby stool' else 'Thing ' || n end"
        " from generate_series(1, 20) as n",
        [uuid.UUID(int=1)],
    )
    river.emulator.faults(poison=["Marrowby"])
    with webhook() as there:
        monkeypatch.setenv("CATALOG_EMBEDDINGS_ALERT_URL", there.url)
        there.status = 500
        failed = river.run()
        assert isinstance(failed["error"], ThresholdExceeded)
        assert (failed["state"], failed["loaded"], len(there.texts)) == ("failed", 18, 1)

        there.status = 200
        assert river.run()["state"] == "verified"
        river.run()

    [first, message] = there.texts
    assert first == message
    assert f"run {failed['run_id']} of version {failed['version']} failed. 2 of 20 attempted" in message
    assert "Reasons: empty_text (1), refused_by_api (1). " in message
    assert "Marrowby" not in message
    assert "item-2" not in message
    assert SECRET not in caplog.text
