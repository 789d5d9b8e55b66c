"""The client of the Batch API against the emulator: nothing is created twice, whatever becomes of the answers."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog_embeddings.domain.batch import EMBEDDINGS, BatchReport
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.emulator.serve import Emulator
from catalog_embeddings.errors import RunPaused
from catalog_embeddings.inference.batch_lines import embeddings_line
from catalog_embeddings.inference.batches import BatchesApi
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.inference.responses import parse_embeddings
from tests.inference.conftest import QUICK

SPEC = VersionSpec("emulator", "text-embedding-3-small", 8, "product.v2", "0" * 64, ("title",))


@pytest.fixture
def open_batches(emulator: Emulator) -> Iterator[Callable[..., BatchesApi]]:
    with ExitStack() as stack:

        def opened(base_url: str = emulator.url) -> BatchesApi:
            api = BatchesApi(api_key="sk-zanzibar", base_url=base_url, gate=Gate(1, pace=QUICK))
            return stack.enter_context(closing(api))

        yield opened


@pytest.fixture
def api(open_batches: Callable[..., BatchesApi]) -> BatchesApi:
    return open_batches()


def _content(*names: str) -> bytes:
    return b"".join(embeddings_line(SPEC, name, [f"{name} one", f"{name} two"]) for name in names)


def _until_ended(api: BatchesApi, report: BatchReport) -> BatchReport:
    while report.end is None:
        time.sleep(0.01)
        report = api.get(report.batch_id)
    return report


def _stats(emulator: Emulator) -> dict[str, Any]:
    return dict(emulator.stats())


def _files(api: BatchesApi, name: str, content: bytes) -> str:
    return api.upload(name, content, sent_before=datetime.now(UTC))


def test_a_batch_goes_up_and_its_answers_come_down(api: BatchesApi) -> None:
    file_id = api.upload("intent.jsonl", _content("lamp", "desk", "vase"))
    begun = api.create(file_id, EMBEDDINGS, "intent")
    assert (begun.input_file_id, begun.end) == (file_id, None)
    report = _until_ended(api, begun)
    assert (report.end, report.total, report.completed, report.failed) == ("collected", 3, 3, 0)
    lines = {line.custom_id: line for line in api.lines(report)}
    assert sorted(lines) == ["desk", "lamp", "vase"]
    assert {line.status for line in lines.values()} == {200}
    assert parse_embeddings(lines["lamp"].body, 2, 8).vectors.shape == (2, 8)


@pytest.mark.parametrize("fault", [{"kind": "drop_connection"}, {"kind": "html_200"}, {"kind": "truncated"}])
def test_a_batch_whose_answer_was_lost_is_not_created_again(
    api: BatchesApi, emulator: Emulator, fault: dict[str, object]
) -> None:
    file_id = api.upload("intent.jsonl", _content("lamp"))
    emulator.faults(fail_next=[{**fault, "endpoint": "batches"}])
    report = api.create(file_id, EMBEDDINGS, "intent")
    # A proxy's page comes instead of the server's answer, so there the batch was never created.
    assert _stats(emulator)["batches"] == 1
    found = api.find("intent", datetime.now(UTC))
    assert found is not None
    # It may have come further meanwhile.
    assert found.batch_id == report.batch_id


@pytest.mark.parametrize("fault", [{"kind": "drop_connection"}, {"kind": "truncated"}, {"status": 503}])
def test_a_file_whose_answer_was_lost_is_not_uploaded_again(
    api: BatchesApi, emulator: Emulator, fault: dict[str, object]
) -> None:
    emulator.faults(fail_next=[{**fault, "endpoint": "files"}])
    file_id = api.upload("intent.jsonl", _content("lamp"))
    assert _files(api, "intent.jsonl", _content("lamp")) == file_id


def test_what_a_lost_worker_sent_is_found_by_its_name_and_nothing_else_is(api: BatchesApi, emulator: Emulator) -> None:
    since = datetime.now(UTC)
    mine, theirs = (api.upload(f"{name}.jsonl", _content(name)) for name in ("mine", "theirs"))
    others = [api.create(theirs, EMBEDDINGS, f"theirs-{number}") for number in range(120)]
    assert api.find("mine", since) is None
    created = api.create(mine, EMBEDDINGS, "mine", sent_before=since)
    again = api.create(mine, EMBEDDINGS, "mine", sent_before=since)
    assert again.batch_id == created.batch_id
    assert _stats(emulator)["batches"] == 121
    # On the second page of the list.
    found = api.find("theirs-0", since)
    assert found is not None
    assert found.batch_id == others[0].batch_id
    assert api.upload("mine.jsonl", _content("mine"), sent_before=since) == mine
    assert api.upload("mine.jsonl", _content("mine", "more"), sent_before=since) != mine
    # Nobody looks through the years: what is older than the intent cannot be its batch.
    assert api.find("theirs-0", since + timedelta(hours=3)) is None


def test_a_file_that_lacks_lines_is_not_believed(api: BatchesApi) -> None:
    file_id = api.upload("intent.jsonl", _content("lamp"))
    report = _until_ended(api, api.create(file_id, EMBEDDINGS, "intent"))
    with pytest.raises(RunPaused, match="the file holds 1 lines, and the batch says 2"):
        list(api.lines(replace(report, completed=2)))
    # The input file is none that answers.
    with pytest.raises(RunPaused):
        list(api.lines(replace(report, output_file_id=file_id)))


def test_a_batch_that_is_cancelled_ends_and_one_that_has_ended_stays(api: BatchesApi, emulator: Emulator) -> None:
    emulator.faults(batch_seconds=3600)
    report = api.create(api.upload("intent.jsonl", _content("lamp")), EMBEDDINGS, "intent")
    api.cancel(report.batch_id)
    ended = _until_ended(api, report)
    assert (ended.end, ended.completed) == ("cancelled", 0)
    assert [line.status for line in api.lines(ended)] == [None]
    api.cancel(report.batch_id)
    assert api.get(report.batch_id) == ended


def test_a_short_outage_is_sat_out(api: BatchesApi, emulator: Emulator) -> None:
    emulator.faults(rate_of_500=0.5, seed=3)
    report = api.create(api.upload("intent.jsonl", _content("lamp")), EMBEDDINGS, "intent")
    assert len(list(api.lines(_until_ended(api, report)))) == 1
    assert _stats(emulator)["batches"] == 1


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"kind": "insufficient_quota"}, "the API's quota is used up"),
        ({"status": 401}, "the API refuses the key"),
        ({"status": 400, "code": "invalid_request"}, "does not do what it is asked.*400, invalid_request"),
    ],
)
def test_what_a_person_has_to_mend_pauses(
    api: BatchesApi, emulator: Emulator, fault: dict[str, object], sentence: str
) -> None:
    emulator.faults(fail_next=[{**fault, "endpoint": "files"}])
    with pytest.raises(RunPaused, match=sentence):
        api.upload("intent.jsonl", _content("lamp"))


def test_a_server_without_a_batch_api_is_said_to_be_one(
    open_batches: Callable[..., BatchesApi], emulator: Emulator
) -> None:
    api = open_batches(emulator.url + "/nothing/here")
    with pytest.raises(RunPaused, match="knows no such model or address"):
        api.upload("intent.jsonl", _content("lamp"))
