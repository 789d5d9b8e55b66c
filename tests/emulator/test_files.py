"""Files are uploaded, read back and deleted, and the oldest make room for the newest."""

import contextlib
from http.client import HTTPConnection

import httpx2
import openai
import pytest
from openai import OpenAI

from catalog_embeddings.emulator.files import MAX_FILE_BYTES, Files, StoredFile
from catalog_embeddings.emulator.openai_errors import ApiError
from catalog_embeddings.emulator.serve import Emulator

CONTENT = '{"a": "é\u2028"}\n\n{"b": 2}'.encode()


def test_a_file_is_what_was_uploaded(client: OpenAI) -> None:
    made = client.files.create(file=("input.jsonl", CONTENT), purpose="batch")
    found = client.files.retrieve(made.id)
    assert found == made
    assert (made.object, made.purpose, made.bytes, made.filename) == ("file", "batch", len(CONTENT), "input.jsonl")
    assert client.files.content(made.id).content == CONTENT
    assert [file.id for file in client.files.list()] == [made.id]


def test_a_deleted_file_is_gone(client: OpenAI) -> None:
    file_id = client.files.create(file=("input.jsonl", CONTENT), purpose="batch").id
    assert client.files.delete(file_id).deleted
    for gone in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises(openai.NotFoundError, match="No such File object"):
            gone(file_id)
    assert not client.files.list().data


def test_a_large_file_survives_the_way(client: OpenAI) -> None:
    content = bytes(range(256)) * 40_000
    made = client.files.create(file=("input.jsonl", content), purpose="batch")
    assert client.files.content(made.id).content == content


def test_what_is_no_input_of_a_batch_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=r"Must be \.jsonl"):
        client.files.create(file=("input.json", CONTENT), purpose="batch")
    with pytest.raises(openai.BadRequestError, match="'purpose' must be batch"):
        client.files.create(file=("input.jsonl", CONTENT), purpose="vision")


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"file": "x"}},
        {"data": {"purpose": "batch", "file": "only text"}},
        {"content": b"--no", "headers": {"content-type": "multipart/form-data; boundary=yes"}},
        {"content": b"", "headers": {"content-type": "multipart/form-data"}},
    ],
)
def test_what_is_no_upload_is_refused(http: httpx2.Client, emulator: Emulator, body: dict) -> None:
    assert http.post("/v1/files", **body).status_code == 400
    assert emulator.stats()["errors"] == {"400": 1}


def test_a_file_too_large_is_refused_before_it_is_sent(emulator: Emulator) -> None:
    connection = HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    with contextlib.closing(connection):
        connection.putrequest("POST", "/v1/files")
        connection.putheader("content-type", "multipart/form-data; boundary=b")
        connection.putheader("content-length", str(MAX_FILE_BYTES + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_a_reset_drops_every_file(client: OpenAI, emulator: Emulator) -> None:
    client.files.create(file=("input.jsonl", CONTENT), purpose="batch")
    emulator.reset()
    assert not client.files.list().data


def test_the_oldest_files_make_room() -> None:
    kept = Files(max_stored_bytes=10)
    first, second, third = (kept.add(StoredFile(f"{n}.jsonl", "batch", b"12345")) for n in range(3))
    assert list(kept) == [second, third]
    with pytest.raises(ApiError):
        kept.get(first.id)
    huge = kept.add(StoredFile("huge.jsonl", "batch_output", b"1" * 11))
    assert list(kept) == [huge]
