"""Checking stored answers again: guards and parsers change, and what was bought is judged anew without asking anybody.

Where that changes what may be used, the vectors that were made with it are to be made again.
"""

from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass

from catalog_embeddings.domain.enrichment import Enrichment
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.lake.answers import Answer, read_answer
from catalog_embeddings.lake.reading import read_ahead
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.ask_chat import enrichment_of, judge_answer
from catalog_embeddings.pipeline.rendering import Renderer
from catalog_embeddings.postgres import catalog_items, embedding_versions, item_embeddings, item_enrichments
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.transform.enrichment_templates import EnrichmentTemplate, load_enrichment
from catalog_embeddings.transform.enrichment_verdict import best_of, judging_version, settle
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.hashing import enrichment_recipe

_ROWS_AT_ONCE = 500
_ITEMS_AT_ONCE = 2_000


@dataclass
class Rechecked:
    """How many enrichments were checked again, of how many the usable text changed, and the vectors to be made anew.

    ``lost``: enrichments whose answers are missing or damaged in the lake; they stay as they are.
    """

    checked: int = 0
    changed: int = 0
    lost: int = 0
    marked: int = 0


def recheck(connection: Connection, lake: Lake, version: EmbeddingVersion) -> Rechecked:
    """Judge again what other guards than today's have judged, of the enrichment that a version asks for.

    The rows of every living version with the same enrichment are marked. To be called while no other of them is at
    work: a run writes over the marks of what it has planned before.
    """
    done = Rechecked()
    changed: dict[bytes, Enrichment] = {}
    template = load_enrichment(version.spec.enrichment or "")
    for rows in item_enrichments.outdated(connection, version.spec, judging_version(), _ROWS_AT_ONCE):
        keys = [key for row in rows for key in row.answer_keys]
        with closing(read_ahead(lake, keys, read_answer)) as read:
            found = dict(read)
        for row in rows:
            answers = [(key, answer) for key in row.answer_keys if (answer := found[key])]
            if len(answers) < len(row.answer_keys):
                done.lost += 1
                continue
            enrichment = _judged_again(answers, template)
            done.checked += 1
            if enrichment.checked.draft != row.draft:
                changed[row.record_hash] = enrichment
            else:
                item_enrichments.update_check(connection, version.spec, enrichment, judging_version())
    if changed:
        # Together, and last: what is killed before has left them to be checked again.
        with connection.transaction():
            for enrichment in changed.values():
                item_enrichments.update_check(connection, version.spec, enrichment, judging_version())
            done.marked = _mistrust(connection, version, changed.keys())
    done.changed = len(changed)
    return done


def _judged_again(answers: list[tuple[str, Answer]], template: EnrichmentTemplate) -> Enrichment:
    first = answers[0][1]
    judged = [judge_answer(answer, template, Record.of(answer.record)) for _, answer in answers]
    # Nobody is asked again: of what is there, the best has to do.
    return enrichment_of(first.record_hash, answers, settle(judged) or best_of(judged))


def _mistrust(connection: Connection, version: EmbeddingVersion, record_hashes: Collection[bytes]) -> int:
    """Let the next run make the vectors of these records anew; returns how many rows that are."""
    renderer = Renderer(version.spec)
    keys = [
        changed.item.key
        for items in catalog_items.all_items(connection, _ITEMS_AT_ONCE)
        for changed in items
        if (wanted := renderer.wanted(changed)) is not None and wanted.record_hash in record_hashes
    ]
    marked = 0
    for each in embedding_versions.all_versions(connection):
        if each.dropped_at is None and enrichment_recipe(each.spec) == enrichment_recipe(version.spec):
            item_embeddings.declare_version(connection, each)
            marked += item_embeddings.mistrust_items(connection, each.version, keys)
    return marked
