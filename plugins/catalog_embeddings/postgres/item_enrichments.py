"""The table item_enrichments: what language models wrote of records, bought once for every version that asks the same.

A row is identified by the record's hash and by all that decides the answer: prompt version and its hash, model,
provider. Rows are added, never paid for again; only their check may be repeated.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from catalog_embeddings.domain.enrichment import Draft, Enrichment
from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("item_enrichments")


@dataclass(frozen=True, slots=True)
class Outdated:
    """An enrichment that was checked by other guards than today's: its answers, and what of it is in use."""

    record_hash: bytes
    answer_keys: tuple[str, ...]
    draft: Draft | None


def find_drafts(connection: Connection, spec: VersionSpec, record_hashes: Sequence[bytes]) -> dict[bytes, Draft | None]:
    """What is stored of these records: the draft to use, None where it was rejected; nothing of the others."""
    rows = connection.execute(_QUERIES["find_drafts"], {**_asked(spec), "record_hashes": list(record_hashes)})
    return {record_hash: _draft(*rest) for record_hash, *rest in rows}


def add(
    connection: Connection,
    spec: VersionSpec,
    enrichments: Sequence[Enrichment],
    guards_version: str,
    run_id: str | None,
) -> None:
    """Store what came of asking; what is stored already stays as it is."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _QUERIES["add"],
            [{**_row(spec, each, guards_version), "run_id": run_id} for each in enrichments],
        )


def update_check(connection: Connection, spec: VersionSpec, enrichment: Enrichment, guards_version: str) -> None:
    """Replace what the check of a stored enrichment came to."""
    connection.execute(_QUERIES["update_check"], _row(spec, enrichment, guards_version))


def outdated(
    connection: Connection, spec: VersionSpec, guards_version: str, batch_size: int
) -> Iterator[list[Outdated]]:
    """The enrichments that other guards have checked, and that have answers to check again, in batches.

    Each batch has to be dealt with before the next is asked for: what ``update_check`` has seen does not come again.
    """
    seen = b""
    while True:
        rows = connection.execute(
            _QUERIES["outdated"],
            {**_asked(spec), "guards_version": guards_version, "after": seen, "at_most": batch_size},
        ).fetchall()
        if not rows:
            return
        seen = rows[-1][0]
        yield [Outdated(record_hash, tuple(keys), _draft(*rest)) for record_hash, keys, *rest in rows]


def measured(connection: Connection, spec: VersionSpec) -> ChatSpent:
    """What this enrichment was billed so far, by any run."""
    row = connection.execute(_QUERIES["measured"], _asked(spec)).fetchone()
    return ChatSpent(*(row or (0, 0, 0)))


def of_run(connection: Connection, run_id: str) -> dict[str, Any]:
    """What a run's enrichments came to: records by verdict, and by the rules that objected to something."""
    cursor = connection.execute(_QUERIES["of_run"], [run_id])
    names = [column.name for column in cursor.description or ()]
    return dict(zip(names, cursor.fetchone() or (), strict=True))


def _draft(text: str | None, tags: list[str], use_cases: list[str]) -> Draft | None:
    return None if text is None else Draft(text, tuple(tags), tuple(use_cases))


def _asked(spec: VersionSpec) -> dict[str, Any]:
    return {
        "prompt_version": spec.enrichment,
        "model": spec.enrichment_model,
        "provider": spec.provider,
        "prompt_hash": spec.enrichment_hash,
    }


def _row(spec: VersionSpec, enrichment: Enrichment, guards_version: str) -> dict[str, Any]:
    checked, draft = enrichment.checked, enrichment.checked.draft
    findings = [{"rule": each.rule, "place": each.place, "span": each.span} for each in checked.findings]
    return {
        **_asked(spec),
        "record_hash": enrichment.record_hash,
        "text": draft.description if draft else None,
        "tags": list(draft.tags) if draft else [],
        "use_cases": list(draft.use_cases) if draft else [],
        "verdict": checked.verdict,
        "reason": enrichment.reason,
        "findings": Jsonb(findings),
        "guards_version": guards_version,
        "prompt_tokens": enrichment.prompt_tokens,
        "completion_tokens": enrichment.completion_tokens,
        "attempts": enrichment.attempts,
        "answer_keys": list(enrichment.answer_keys),
    }
