"""Rendering: from an item to the record that is enriched, and with what was written of it to the text that is embedded.

Knows what cannot be embedded; what becomes of it is left to the caller.
"""

from collections import Counter
from typing import Any

from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.errors import ItemRefused
from catalog_embeddings.lake.worklists import Wanted
from catalog_embeddings.postgres.run_plan import ChangedItem
from catalog_embeddings.transform import embeddable
from catalog_embeddings.transform.batching import Text
from catalog_embeddings.transform.chunking import split_text
from catalog_embeddings.transform.enrichment_templates import load_enrichment, record_hash
from catalog_embeddings.transform.guards.personal_data import scrub
from catalog_embeddings.transform.hashing import content_hash, vector_recipe
from catalog_embeddings.transform.prompts import load_template


class Renderer:
    """Renders items by a version's templates."""

    def __init__(self, spec: VersionSpec) -> None:
        """A renderer for a spec, whose templates exist."""
        self._chunking = spec.chunking
        self._recipe = vector_recipe(spec)
        self._template = load_template(spec.template)
        self.enrichment = None if spec.enrichment is None else load_enrichment(spec.enrichment)
        #: Personal data that records were rid of, by kind.
        self.scrubbed = Counter[str]()

    def wanted(self, changed: ChangedItem) -> Wanted | None:
        """The record that a language model is asked about before this item is embedded; None where nobody is asked.

        Nobody is asked about an item that cannot be embedded, or says nothing to write about.
        """
        if self.enrichment is None:
            return None
        try:
            self.render(changed)
        except ItemRefused:
            return None
        record, counts = scrub(self.enrichment.record(changed.item))
        if not record:
            return None
        self.scrubbed += counts
        return Wanted(record_hash(record), record)

    def render(self, changed: ChangedItem, draft: Draft | None = None) -> Text:
        """The text of an item; without a draft that of its plain record.

        Raises:
            ItemRefused: it cannot be embedded.
        """
        if changed.defect is not None:
            raise changed.defect
        embeddable.check_item(changed.item)
        try:
            text = self._template.render(changed.item, draft, self._variant_facts(changed, draft))
        except RecursionError:
            raise ItemRefused("attributes_unreadable") from None
        embeddable.check_text(text, self._chunking)
        return Text(content_hash(text, self._recipe), tuple(split_text(text, self._chunking)))

    def _variant_facts(self, changed: ChangedItem, draft: Draft | None) -> dict[str, Any]:
        return self.enrichment.variant_facts(changed.item) if draft is not None and self.enrichment else {}
