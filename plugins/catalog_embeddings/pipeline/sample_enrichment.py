"""Trying an enrichment on a few items: its price, then the drafts side by side with their records.

What is asked here is kept like any other answer, so the version that ships the enrichment does not pay for it again.
"""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from catalog_embeddings.domain.sample import SampledItem, SamplePrice
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import InputError
from catalog_embeddings.inference.chat import ChatApi
from catalog_embeddings.lake.answers import Answer, find_answers
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.lake.worklists import Wanted
from catalog_embeddings.pipeline.ask_chat import Asked, ChatAsker, asking_of, message_bytes
from catalog_embeddings.pipeline.in_flight import ask_all
from catalog_embeddings.pipeline.rendering import Renderer
from catalog_embeddings.postgres import catalog_items, item_enrichments
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_plan import ChangedItem
from catalog_embeddings.transform.enrichment_cost import expected
from catalog_embeddings.transform.enrichment_templates import load_enrichment
from catalog_embeddings.transform.enrichment_verdict import judging_version
from catalog_embeddings.transform.pricing import chat_price

# Of so many items drawn for each that is wanted, some share their record and some have none.
_DRAWN = 3


class Sample:
    """Some items of the catalog, drawn evenly and always the same, each of another record."""

    def __init__(self, connection: Connection, lake: Lake, spec: VersionSpec, size: int) -> None:
        """Draw ``size`` items, or as many as there are.

        Raises:
            InputError: dbt has not looked at the catalog yet, or no item has anything to write about.
        """
        self._connection = connection
        self._lake = lake
        self._spec = spec
        self._template = load_enrichment(spec.enrichment or "")
        self._asking = asking_of(spec)
        renderer = Renderer(spec)
        self._drawn: dict[bytes, tuple[ChangedItem, Wanted]] = {}
        for changed in catalog_items.drawn_items(connection, _DRAWN * size):
            wanted = renderer.wanted(changed)
            if wanted is not None and len(self._drawn) < size:
                self._drawn.setdefault(wanted.record_hash, (changed, wanted))
        if not self._drawn:
            raise InputError("no item of the catalog has anything that could be written about: import one first")

    def price(self) -> SamplePrice:
        """What asking about it will cost."""
        unasked = [wanted for _, wanted in self._drawn.values() if not self._answers(wanted)]
        model = self._spec.enrichment_model or ""
        price = chat_price(model)
        cost = expected(
            sum(message_bytes(self._template, wanted.record) for wanted in unasked),
            len(unasked),
            self._template.max_tokens,
            item_enrichments.measured(self._connection, self._spec),
            price,
            price,
        )
        return SamplePrice(self._template.name, model, len(self._drawn), cost.calls, cost.tokens, cost.price_usd)

    def ask(self, api: ChatApi, parallelism: int) -> list[SampledItem]:
        """Ask about what nobody has asked about yet; all of it is kept.

        Raises:
            RunPaused: quota, auth or an outage; what was answered is kept.
        """
        asker = ChatAsker(api, self._lake, self._spec)
        records = [wanted for _, wanted in self._drawn.values()]
        with closing(ask_all(self._connection, api.gate, parallelism, asker.ask, records)) as answers:
            asked = list(answers)
        asker.confirm_refusals()
        self._keep(asked)
        by_record = {each.enrichment.record_hash: each for each in asked}
        return [self._sampled(*drawn, by_record[record_hash]) for record_hash, drawn in self._drawn.items()]

    def _keep(self, asked: Sequence[Asked]) -> None:
        with self._connection.transaction():
            enrichments = [each.enrichment for each in asked]
            item_enrichments.add(self._connection, self._spec, enrichments, judging_version(), None)

    def _sampled(self, changed: ChangedItem, wanted: Wanted, asked: Asked) -> SampledItem:
        checked, answers = asked.enrichment.checked, self._answers(wanted)
        return SampledItem(
            item_id=changed.item.key.item_id,
            namespace=changed.item.key.namespace,
            record=wanted.record,
            written=_read(answers[-1][1]) if answers else None,
            verdict=checked.verdict,
            reason=asked.enrichment.reason,
            findings=[asdict(finding) for finding in checked.findings],
            draft=None if checked.draft is None else asdict(checked.draft),
            attempts=asked.enrichment.attempts,
        )

    def _answers(self, wanted: Wanted) -> list[tuple[str, Answer]]:
        return find_answers(self._lake, self._asking, wanted.record_hash)


def _read(answer: Answer) -> Any:
    try:
        return json.loads(answer.content or "")
    except ValueError:
        return answer.content or answer.refusal
