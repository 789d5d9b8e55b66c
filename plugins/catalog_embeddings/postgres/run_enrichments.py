"""The table run_enrichments: what a run has to ask a language model for, shard by shard, and how far it has come."""

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("run_enrichments")


@dataclass(frozen=True, slots=True)
class EnrichmentShard:
    """A shard of a run's worklist: where the lake holds its records, and how many they are."""

    number: int
    worklist_id: str
    records: int


def begin_worklist(connection: Connection) -> None:
    """Inside a transaction: keep apart which records were met already, until it ends."""
    connection.execute(_QUERIES["begin_worklist"])


def add_wanted(connection: Connection, spec: VersionSpec, record_hashes: list[bytes]) -> dict[bytes, bool]:
    """Add records to the worklist; returns those that it did not have yet, and whether each is enriched already."""
    rows = connection.execute(
        _QUERIES["add_wanted"],
        {
            "record_hashes": record_hashes,
            "prompt_version": spec.enrichment,
            "model": spec.enrichment_model,
            "provider": spec.provider,
            "prompt_hash": spec.enrichment_hash,
        },
    )
    return dict(rows.fetchall())


def set_worklist(connection: Connection, run_id: str, shards: list[EnrichmentShard], expected: dict[str, Any]) -> None:
    """Fix what a run will ask for, in the place of an earlier list, and what that is expected to come to."""
    connection.execute(_QUERIES["clear"], [run_id])
    with connection.cursor() as cursor:
        cursor.executemany(
            _QUERIES["add_shard"], [(run_id, each.number, each.worklist_id, each.records) for each in shards]
        )
    connection.execute(_QUERIES["set_expected"], {"run_id": run_id, "expected": Jsonb(expected)})


def pending(connection: Connection, run_id: str) -> list[EnrichmentShard]:
    """The shards that are not enriched yet."""
    return [EnrichmentShard(*row) for row in connection.execute(_QUERIES["pending"], [run_id])]


def mark_enriched(connection: Connection, run_id: str, shard: int) -> None:
    """A shard is done: it is not pending any more."""
    connection.execute(_QUERIES["mark_enriched"], {"run_id": run_id, "shard": shard})
