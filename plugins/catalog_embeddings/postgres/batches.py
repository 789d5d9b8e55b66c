"""The tables batches and batch_requests: what is to be sent through the Batch API, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog_embeddings.domain.batch import Batch, BatchRequest, BatchState, Billed, Endpoint, RequestOutcome
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("batches")
_COPY_TYPES = ("text", "text", "bytea[]", "int4[]", "int4[]")


@dataclass(frozen=True, slots=True)
class Place:
    """Which shard of a run is asked about, and what: each is sent in batches of its own."""

    run_id: str
    shard: int
    endpoint: Endpoint

    def as_parameters(self) -> dict[str, object]:
        """The place as its columns are called."""
        return {"run_id": self.run_id, "shard": self.shard, "endpoint": self.endpoint}


def intend(
    connection: Connection, intent_id: str, place: Place, requests: Sequence[BatchRequest], reserved_usd: Decimal
) -> Batch:
    """Write down a batch, the next of its shard, and its lines. It is to be committed before anything is sent."""
    row = connection.execute(
        _QUERIES["intend"],
        {
            **place.as_parameters(),
            "intent_id": intent_id,
            "requests": len(requests),
            "inputs": sum(len(request.sizes) for request in requests),
            "text_bytes": sum(sum(request.sizes) for request in requests),
            "reserved_usd": reserved_usd,
        },
    ).fetchone()
    with connection.cursor() as cursor, cursor.copy(_QUERIES["copy_requests"]) as copy:
        copy.set_types(_COPY_TYPES)
        for request in requests:
            copy.write_row((intent_id, request.custom_id, request.content_hashes, request.chunks, request.sizes))
    return Batch(*(row or ()))


def open_batches(connection: Connection, place: Place) -> list[Batch]:
    """The batches of a shard that have not ended, as far as is known."""
    return [Batch(*row) for row in connection.execute(_QUERIES["open_batches"], place.as_parameters())]


def any_open(connection: Connection, run_id: str) -> bool:
    """Whether any batch of a run has not ended, as far as is known."""
    return connection.execute(_QUERIES["any_open"], [run_id]).fetchone() == (True,)


def left_over(connection: Connection, version: str) -> list[Batch]:
    """The batches of a version that have not ended, although their run is over."""
    return [Batch(*row) for row in connection.execute(_QUERIES["left_over"], [version])]


def set_submitted(connection: Connection, intent_id: str, *, input_file_id: str, batch_id: str) -> bool:
    """The API has a batch; False where somebody else has said so, or ended it, in the meantime."""
    row = connection.execute(
        _QUERIES["submitted"], {"intent_id": intent_id, "input_file_id": input_file_id, "batch_id": batch_id}
    ).fetchone()
    return row is not None


def end(
    connection: Connection,
    intent_id: str,
    state: BatchState,
    outcomes: Mapping[str, RequestOutcome],
    billed: Billed,
    *,
    error: str | None = None,
) -> bool:
    """A batch has ended so; ``outcomes`` by custom_id. False where somebody else has said so in the meantime."""
    ended = connection.execute(
        _QUERIES["ended"],
        {
            "intent_id": intent_id,
            "state": state,
            "tokens": billed.prompt_tokens,
            "completion_tokens": billed.completion_tokens,
            "error": error,
        },
    ).fetchone()
    if ended is not None:
        connection.execute(
            _QUERIES["set_outcomes"],
            {"intent_id": intent_id, "custom_ids": list(outcomes), "outcomes": list(outcomes.values())},
        )
    return ended is not None


def requests_of(connection: Connection, intent_id: str) -> list[BatchRequest]:
    """The lines of a batch."""
    rows = connection.execute(_QUERIES["requests_of"], [intent_id])
    return [BatchRequest(content_hashes, chunks, sizes) for _, content_hashes, chunks, sizes in rows]


def to_send(connection: Connection, place: Place, tries: int) -> set[bytes]:
    """The texts of a shard that the next batch is to hold.

    Not those that have their outcome or are paid for, that a batch holds now, that were refused, or that went without
    an answer that can be used for so many ``tries``.
    """
    rows = connection.execute(_QUERIES["to_send"], {**place.as_parameters(), "tries": tries})
    return {row[0] for row in rows}


def asked_about(connection: Connection, place: Place) -> set[bytes]:
    """What batches of the run, of whichever shard, were sent to ask about, or are to be, and what came of it."""
    return {row[0] for row in connection.execute(_QUERIES["asked_about"], place.as_parameters())}


def tokens_of(connection: Connection, run_id: str, endpoint: Endpoint) -> tuple[int, int]:
    """What a run was billed for through batches, in tokens: read, and written."""
    row = connection.execute(_QUERIES["tokens_of"], {"run_id": run_id, "endpoint": endpoint}).fetchone()
    return row or (0, 0)


def last_error(connection: Connection, run_id: str) -> str | None:
    """The code of what befell the batch of a run that has ended last; None where all was well."""
    row = connection.execute(_QUERIES["last_error"], [run_id]).fetchone()
    return row[0] if row else None
