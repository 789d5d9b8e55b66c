"""Embedding one item now: enriched, embedded and loaded as the nightly run would, so that it finds nothing left to do.

Everything that costs something happens before a lock is taken, and lies in the lake: what fails later, or is killed,
finds it paid for.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog_embeddings.domain.embedded_item import EmbeddedItem
from catalog_embeddings.domain.enrichment import Draft
from catalog_embeddings.domain.slice import Slice
from catalog_embeddings.domain.spent import ChatSpent, Spent
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import InputError, ItemRefused, UntrustedAnswer
from catalog_embeddings.inference.chat import ChatApi
from catalog_embeddings.inference.client import EmbeddingsApi
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.lake.parts import Part, only, read_part, store_part
from catalog_embeddings.lake.store import Lake, ObjectMissing
from catalog_embeddings.lake.worklists import Wanted
from catalog_embeddings.pipeline.ask_chat import ChatAsker
from catalog_embeddings.pipeline.in_flight import ask_all
from catalog_embeddings.pipeline.load_item import ITEMS_SHARD, load_item, new_run_id
from catalog_embeddings.pipeline.rendering import Renderer
from catalog_embeddings.postgres import item_enrichments, lake_parts, version_slices
from catalog_embeddings.postgres.catalog_items import FoundItem
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_plan import ChangedItem, PlannedItem
from catalog_embeddings.transform.batching import Text
from catalog_embeddings.transform.chunking import average_chunks
from catalog_embeddings.transform.enrichment_verdict import judging_version
from catalog_embeddings.transform.slicing import slice_bucket

OpenChat = Callable[[EmbeddingVersion], AbstractContextManager[ChatApi]]
OpenEmbeddings = Callable[[EmbeddingVersion], AbstractContextManager[EmbeddingsApi]]

Given = TypeVar("Given")


def refuse_unkept(connection: Connection, version: EmbeddingVersion, found: FoundItem) -> None:
    """Refuse an item that the nightly run would not keep fresh afterwards.

    Raises:
        InputError: the version is not kept up every night, or the item lies outside of its slice.
    """
    if version.status not in {"active", "candidate"}:
        raise InputError(
            f"version {version.version} is {version.status}: only the active version and candidates are kept up; "
            f"`catalog-embeddings run --version {version.version}` fills it"
        )
    within: Slice | None = version_slices.find_slice(connection, version.version)
    key = found.changed.item.key
    if within is not None and not within.contains(slice_bucket(key.org_id, key.item_id, within.salt)):
        raise InputError(
            f"version {version.version} is on trial with {within} of the catalog, and item {key.item_id!r} is not in it"
        )


@dataclass
class ItemEmbedding:
    """One item on its way into a version."""

    connection: Connection
    lake: Lake
    version: EmbeddingVersion
    open_chat: OpenChat
    open_embeddings: OpenEmbeddings
    parallelism: int
    run_id: str = field(default_factory=new_run_id)
    chat_paid: ChatSpent = field(default_factory=ChatSpent)
    spent: Spent = field(default_factory=Spent)
    verdict: str | None = None
    api_seconds: float = 0.0

    def embed(self, found: FoundItem) -> EmbeddedItem:
        """Enrich, embed and load it, as far as that is not done yet.

        Raises:
            InputError: nothing of it can be embedded.
            RequestRefused: the API refuses its text.
            RunPaused: quota, auth or an outage.
            RunLocked: the version is being rebuilt.
        """
        began, run_id = time.monotonic(), None
        if not found.is_held:
            text = self._text(found.changed)
            vectors = self._vectors(text)
            line = PlannedItem(found.changed, text.content_hash)
            run_id = load_item(self.connection, self.lake, self.version, self.run_id, line, vectors, self.spent)
        key = found.changed.item.key
        return EmbeddedItem(
            version=self.version.version,
            org_id=str(key.org_id),
            namespace=key.namespace,
            item_id=key.item_id,
            outcome="unchanged" if found.is_held else "embedded",
            run_id=run_id,
            enrichment=self.verdict,
            chat_calls=self.chat_paid.calls,
            requests=self.spent.requests,
            tokens=self.spent.tokens + self.chat_paid.prompt_tokens + self.chat_paid.completion_tokens,
            seconds=round(time.monotonic() - began, 3),
            api_seconds=round(self.api_seconds, 3),
        )

    def _text(self, changed: ChangedItem) -> Text:
        renderer = Renderer(self.version.spec)
        wanted = renderer.wanted(changed)
        try:
            return renderer.render(changed, None if wanted is None else self._draft(wanted))
        except ItemRefused as refused:
            raise InputError(f"item {changed.item.key.item_id!r} cannot be embedded: {refused}") from None

    def _draft(self, wanted: Wanted) -> Draft | None:
        """What is stored of the record, else what a language model writes now."""
        spec = self.version.spec
        stored = item_enrichments.find_drafts(self.connection, spec, [wanted.record_hash])
        if wanted.record_hash in stored:
            self.verdict = "stored"
            return stored[wanted.record_hash]
        with self.open_chat(self.version) as api:
            asker = ChatAsker(api, self.lake, spec)
            asked = self._ask(api.gate, lambda: asker.ask(wanted))
            asker.confirm_refusals()
        self.chat_paid = asked.paid
        self.verdict = asked.enrichment.checked.verdict
        item_enrichments.add(self.connection, spec, [asked.enrichment], judging_version(), None)
        return asked.enrichment.checked.draft

    def _vectors(self, text: Text) -> NDArray[np.float32]:
        part = self._paid(text) or self._pay(text)
        return average_chunks(part.vectors, part.owners, part.weights)

    def _paid(self, text: Text) -> Part | None:
        part_key = lake_parts.part_of(self.connection, text.content_hash)
        if part_key is None:
            return None
        try:
            return only(read_part(self.lake, part_key), {text.content_hash})
        except (ObjectMissing, UntrustedAnswer):
            # The next run that needs it forgets it; a text may be paid for in two parts.
            return None

    def _pay(self, text: Text) -> Part:
        with self.open_embeddings(self.version) as api:
            answer = self._ask(api.gate, lambda: api.embed(text.chunks))
            self.spent = api.spent
        part = Part(
            content_hashes=[text.content_hash],
            owners=np.zeros(len(text.chunks), dtype=np.int64),
            weights=np.array(text.sizes, dtype=np.int64),
            vectors=answer.vectors,
        )
        stored = store_part(self.lake, self.run_id, ITEMS_SHARD, part)
        # By itself, so that whatever fails from here on, it is known to be paid for.
        with self.connection.transaction():
            lake_parts.record_parts(self.connection, self.run_id, ITEMS_SHARD, [stored])
        return part

    def _ask(self, gate: Gate, ask: Callable[[], Given]) -> Given:
        """Ask the API once, within the requests that the whole deployment may have in flight."""
        began = time.monotonic()
        with closing(ask_all(self.connection, gate, self.parallelism, lambda _task: ask(), [None])) as answers:
            answer = next(answers)
        self.api_seconds += time.monotonic() - began
        return answer
