"""/v1/batches: what may be asked, and the batches that there are.

What becomes of a batch is left to ``batch_run``; each of them is a task of the event loop.
"""

import asyncio
from collections.abc import Iterator, Mapping

from catalog_embeddings.emulator.batch import Batch
from catalog_embeddings.emulator.batch_lines import ENDPOINTS
from catalog_embeddings.emulator.batch_run import BatchRun
from catalog_embeddings.emulator.counters import Counters
from catalog_embeddings.emulator.faults import Faults
from catalog_embeddings.emulator.files import Files
from catalog_embeddings.emulator.openai_errors import ApiError, bad_request

MAX_BATCHES = 2_000
_MAX_METADATA, _MAX_KEY, _MAX_VALUE = 16, 64, 512


class Batches:
    """The batches there are, oldest first; past ``max_batches`` the oldest goes, finished or not."""

    def __init__(self, files: Files, faults: Faults, counters: Counters, max_batches: int = MAX_BATCHES) -> None:
        self._files = files
        self._faults = faults
        self._counters = counters
        self._max_batches = max_batches
        self._batches: dict[str, Batch] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __iter__(self) -> Iterator[Batch]:
        return iter(list(self._batches.values()))

    def create(self, body: Mapping[str, object]) -> Batch:
        """Begin a batch, which behaves as is wished for now; raises ApiError (400)."""
        batch, content = self._parse(body)
        run = BatchRun(batch, self._faults.behaviour, self._files, self._faults, self._counters)
        self._batches[batch.id] = batch
        self._tasks[batch.id] = asyncio.create_task(run.run(content))
        self._counters.batch_created()
        for oldest in list(self)[: -self._max_batches]:
            self._drop(oldest)
        return batch

    def get(self, batch_id: str) -> Batch:
        """The batch of this id; raises ApiError (404)."""
        if batch := self._batches.get(batch_id):
            return batch
        raise ApiError(404, f"No batch found with id '{batch_id}'.", param="batch_id")

    def cancel(self, batch_id: str) -> Batch:
        """Have no further line sent; asking twice is asking once. Raises ApiError: 404, or 409 when it is too late."""
        batch = self.get(batch_id)
        if batch.status in ("validating", "in_progress"):
            batch.become("cancelling")
            batch.cancel_asked.set()
        elif batch.status != "cancelling":
            raise ApiError(409, f"Cannot cancel a batch with status '{batch.status}'.")
        return batch

    def clear(self) -> None:
        """Drop every batch and stop those that run; any thread may ask for it."""
        for batch in self:
            self._drop(batch)

    def _drop(self, batch: Batch) -> None:
        self._batches.pop(batch.id, None)
        task = self._tasks.pop(batch.id, None)
        if task and not task.done():
            task.get_loop().call_soon_threadsafe(task.cancel)

    def _parse(self, body: Mapping[str, object]) -> tuple[Batch, bytes]:
        endpoint = next((known for known in ENDPOINTS if known == body.get("endpoint")), None)
        if endpoint is None:
            raise bad_request(f"'endpoint' must be one of {', '.join(ENDPOINTS)}.", param="endpoint")
        if body.get("completion_window") != "24h":
            raise bad_request("'completion_window' must be 24h.", param="completion_window")
        try:
            file = self._files.get(str(body.get("input_file_id")))
        except ApiError as error:
            raise bad_request(error.message, param="input_file_id") from None
        if file.purpose != "batch":
            raise bad_request("'input_file_id' must name a file of purpose batch.", param="input_file_id")
        return Batch(endpoint, file.id, _metadata(body.get("metadata"))), file.content


def _metadata(value: object) -> Mapping[str, str] | None:
    if value is None:
        return None
    if (
        not isinstance(value, dict)
        or len(value) > _MAX_METADATA
        or not all(isinstance(text, str) and len(text) <= _MAX_VALUE for text in value.values())
        or not all(len(key) <= _MAX_KEY for key in value)
    ):
        message = (
            f"'metadata' must hold at most {_MAX_METADATA} strings of at most {_MAX_VALUE} characters, "
            f"by keys of at most {_MAX_KEY}."
        )
        raise bad_request(message, param="metadata")
    return value
