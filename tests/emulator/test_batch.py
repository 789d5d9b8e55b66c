"""A batch as the SDK reads it."""

from openai.types import Batch as ReadBatch

from catalog_embeddings.emulator.batch import Batch


def test_the_sdk_reads_every_field_and_knows_each_by_name() -> None:
    batch = Batch("/v1/embeddings", "file-1", {"run": "7"})
    written = batch.as_json()
    assert written.keys() == set(ReadBatch.model_fields)
    assert ReadBatch.model_validate(written).status == "validating"
    assert (written["expires_at"], written["in_progress_at"]) == (batch.created_at + 86_400, None)


def test_entering_a_status_notes_the_moment() -> None:
    batch = Batch("/v1/embeddings", "file-1")
    batch.become("in_progress")
    batch.become("failed")
    written = batch.as_json()
    assert written["status"] == "failed"
    assert isinstance(written["in_progress_at"], int)
    assert isinstance(written["failed_at"], int)
    assert written["completed_at"] is None
