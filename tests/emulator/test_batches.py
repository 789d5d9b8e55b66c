"""What may be asked of /v1/batches, and which batches are remembered."""

import asyncio
from typing import Any

import openai
import pytest
from openai import OpenAI

from catalog_embeddings.emulator.batches import Batches
from catalog_embeddings.emulator.counters import Counters
from catalog_embeddings.emulator.faults import Behaviour, Faults
from catalog_embeddings.emulator.files import Files, StoredFile
from catalog_embeddings.emulator.serve import Emulator

LINE = b'{"custom_id": "r1", "method": "POST", "url": "/v1/embeddings", "body": {"model": "m", "input": "a lamp"}}'


def _uploaded(client: OpenAI) -> str:
    return client.files.create(file=("input.jsonl", LINE), purpose="batch").id


def _create(client: OpenAI, **changed: Any) -> openai.types.Batch:
    asked: Any = {"endpoint": "/v1/embeddings", "completion_window": "24h", **changed}
    return client.batches.create(**{"input_file_id": _uploaded(client), **asked})


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("endpoint", "/v1/moderations"),
        ("endpoint", ["/v1/embeddings"]),
        ("completion_window", "1h"),
        ("input_file_id", "file-none"),
        ("metadata", {"run": 7}),
        ("metadata", {"k" * 65: "v"}),
        ("metadata", {"k": "v" * 513}),
        ("metadata", {f"k{n}": "v" for n in range(17)}),
        ("metadata", "text"),
    ],
)
def test_a_wrong_request_is_refused(client: OpenAI, emulator: Emulator, param: str, value: object) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        _create(client, **{param: value})
    assert caught.value.param == param
    assert emulator.stats()["batches"] == 0


def test_the_output_of_a_batch_is_no_input(client: OpenAI) -> None:
    batch_id = _create(client).id
    while not (error_file := client.batches.retrieve(batch_id).error_file_id):
        pass
    with pytest.raises(openai.BadRequestError, match="purpose batch"):
        _create(client, input_file_id=error_file)


def test_batches_are_found_again_by_what_was_noted_in_them(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(batch_seconds=3600)
    made = [_create(client, metadata={"run": str(run)}) for run in range(3)]
    assert [batch.metadata for batch in client.batches.list(limit=2)] == [{"run": str(run)} for run in (2, 1, 0)]
    assert client.batches.retrieve(made[1].id).metadata == {"run": "1"}
    assert emulator.stats()["batches"] == 3


def test_a_batch_whose_creation_was_not_answered_is_there_all_the_same(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(
        batch_seconds=3600,
        fail_next=[
            {"kind": "drop_connection", "endpoint": "batches"},
            {"status": 500, "endpoint": "batches"},
            {"kind": "html_200", "endpoint": "batches"},
            {"kind": "html_200", "endpoint": "files"},
        ],
    )
    page: object = client.files.create(file=("input.jsonl", LINE), purpose="batch")
    assert isinstance(page, str)  # the page of a proxy, which the SDK takes for a file
    assert not client.files.list().data
    file_id = _uploaded(client)
    with pytest.raises(openai.APIConnectionError):
        _create(client, input_file_id=file_id)
    assert [batch.input_file_id for batch in client.batches.list()] == [file_id]
    with pytest.raises(openai.InternalServerError):
        _create(client, input_file_id=file_id)
    _create(client, input_file_id=file_id)  # another page
    assert emulator.stats()["batches"] == len(client.batches.list().data) == 1


def test_chance_meets_every_request_for_a_batch(client: OpenAI, emulator: Emulator) -> None:
    batch_id = _create(client).id
    emulator.faults(rate_of_500=1)
    for ask in (client.batches.retrieve, client.batches.cancel):
        with pytest.raises(openai.InternalServerError):
            ask(batch_id)
    with pytest.raises(openai.InternalServerError):
        _uploaded(client)


def test_an_unknown_batch_is_not_found(client: OpenAI) -> None:
    for ask in (client.batches.retrieve, client.batches.cancel):
        with pytest.raises(openai.NotFoundError, match="No batch found with id 'batch_none'"):
            ask("batch_none")


def test_a_reset_drops_every_batch_and_stops_it(client: OpenAI, emulator: Emulator) -> None:
    emulator.faults(batch_seconds=3600)
    batch_id = _create(client).id
    emulator.reset()
    with pytest.raises(openai.NotFoundError):
        client.batches.retrieve(batch_id)
    assert not client.batches.list().data


def test_the_oldest_batch_makes_room_and_stops() -> None:
    async def crowd() -> list[asyncio.Task]:
        files = Files()
        file = files.add(StoredFile("input.jsonl", "batch", LINE))
        batches = Batches(files, Faults(Behaviour(batch_seconds=3600)), Counters(), max_batches=2)
        body = {"endpoint": "/v1/embeddings", "completion_window": "24h", "input_file_id": file.id}
        own = asyncio.all_tasks()
        made = [batches.create(body) for _ in range(3)]
        assert list(batches) == made[1:]
        while len(running := asyncio.all_tasks() - own) > 2:
            await asyncio.sleep(0)
        batches.clear()
        await asyncio.wait(running)
        return list(running)

    assert all(task.cancelled() for task in asyncio.run(crowd()))
