"""Asking a language model through the Batch API: a line a record, whose answer lies in the lake as any other does.

Only first requests go this way. What the answers come to is left to ``enrich``, which finds them in the lake as paid
for, and asks online for what is still lacking: second tries, and the records of lines that were refused or failed.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

from catalog_embeddings.domain.batch import CHAT, Batch, BatchRequest, Billed
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.spent import ChatSpent
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.inference.batch_lines import chat_line
from catalog_embeddings.inference.chat import completion_request
from catalog_embeddings.inference.responses import parse_chat
from catalog_embeddings.lake.answers import find_answers, store_answer
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.lake.worklists import Wanted
from catalog_embeddings.pipeline.ask_chat import answer_about, asking_of, message_bytes
from catalog_embeddings.pipeline.enrich import planned_records
from catalog_embeddings.pipeline.inquiry import Line
from catalog_embeddings.postgres import batches, item_enrichments, spend
from catalog_embeddings.postgres.batches import Place
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_enrichments import EnrichmentShard
from catalog_embeddings.transform.bulk import completion_bytes
from catalog_embeddings.transform.enrichment_templates import load_enrichment
from catalog_embeddings.transform.pricing import UNPRICED, batch_chat_price


class RecordInquiry:
    """The records of one shard of a worklist. Used by the thread of the connection alone.

    What reads the worklist raises RunHeld where it is damaged.
    """

    def __init__(
        self,
        connection: Connection,
        lake: Lake,
        lease: Lease,
        version: EmbeddingVersion,
        run_id: str,
        shard: EnrichmentShard,
    ) -> None:
        """An inquiry about a shard of the run ``run_id``, in the name of the one that holds ``lease``."""
        self.lease = lease
        self.place = Place(run_id, shard.number, CHAT)
        self._connection = connection
        self._lake = lake
        self._spec = version.spec
        self._shard = shard
        self._asking = asking_of(version.spec)
        self._template = load_enrichment(self._asking.prompt_version)
        price = batch_chat_price(version.spec)
        self.priced = price is not None
        self._price = price or UNPRICED

    def unsent(self) -> set[bytes]:
        """The records that no batch of the run was asked about, and nobody else either."""
        new = self._records.keys() - batches.asked_about(self._connection, self.place)
        known = item_enrichments.find_drafts(self._connection, self._spec, list(new))
        return {each for each in new - known.keys() if not find_answers(self._lake, self._asking, each)}

    def lines(self, unsent: set[bytes]) -> Iterator[Line]:
        """First requests about these records."""
        yield from (self._line(wanted) for wanted in self._records.values() if wanted.record_hash in unsent)

    def lines_again(self, requests: Iterable[BatchRequest]) -> Iterator[Line]:
        """The same requests about the same records."""
        yield from (self._line(self._records[request.content_hashes[0]]) for request in requests)

    def take(self, _batch: Batch, request: BatchRequest, body: bytes) -> Billed:
        """Store an answer with its record.

        Raises:
            UntrustedAnswer: it is no chat completion.
            ServerFailed: the lake did not take it.
        """
        answer = parse_chat(body)
        wanted = self._records[request.content_hashes[0]]
        store_answer(self._lake, self._asking, answer_about(wanted, 1, answer))
        return Billed(1, sum(request.sizes), answer.prompt_tokens, answer.completion_tokens)

    def flush(self) -> None:
        """Every answer is durable already."""

    def settle(self, batch: Batch, _sent: int, billed: Billed) -> None:
        """Book a batch in the account of the run that has sent it."""
        spend.settle_chat(
            self._connection,
            batch.run_id,
            released=batch.reserved_usd,
            spent=self._price.usd(billed.prompt_tokens, billed.completion_tokens),
            paid=ChatSpent(billed.answers, billed.prompt_tokens, billed.completion_tokens),
        )

    @cached_property
    def _records(self) -> dict[bytes, Wanted]:
        planned = planned_records(self._lake, self.place.run_id, self._shard)
        return {each.record_hash: each for some in planned for each in some}

    def _line(self, wanted: Wanted) -> Line:
        template = self._template
        size = message_bytes(template, wanted.record)
        request = BatchRequest([wanted.record_hash], [1], [size])
        asked = completion_request(
            self._spec.enrichment_model or "",
            template.messages(wanted.record),
            template.schema,
            temperature=template.temperature,
            max_tokens=template.max_tokens,
        )
        return Line(
            request=request,
            content=chat_line(request.custom_id, asked),
            usd=self._price.usd(size, template.max_tokens),
            answer_bytes=completion_bytes(template.max_tokens),
        )
