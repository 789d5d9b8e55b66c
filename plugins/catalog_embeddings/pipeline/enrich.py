"""Enriching a shard: a language model is asked about each record that nobody has asked about yet.

Worker threads ask and store the answers (``ask_chat``); the calling thread alone speaks to the database, and writes
what was believed of them under the lease's fence. A worker that is killed leaves answers without a row: the next one
finds them in the lake.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from catalog_embeddings.domain.enrichment import Enrichment
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import RunHeld, ThresholdExceeded, UntrustedAnswer
from catalog_embeddings.inference.chat import ChatApi
from catalog_embeddings.lake.store import Lake, ObjectMissing
from catalog_embeddings.lake.worklists import Wanted, read_worklist
from catalog_embeddings.pipeline.ask_chat import Asked, ChatAsker, message_bytes
from catalog_embeddings.pipeline.chat_budget import ChatBudget
from catalog_embeddings.pipeline.in_flight import in_flight
from catalog_embeddings.pipeline.plan import Limits
from catalog_embeddings.pipeline.request_share import RequestShare
from catalog_embeddings.postgres import item_enrichments, leases, run_enrichments
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.run_enrichments import EnrichmentShard
from catalog_embeddings.transform.embeddable import EarlyStop
from catalog_embeddings.transform.enrichment_cost import at_most
from catalog_embeddings.transform.enrichment_templates import load_enrichment
from catalog_embeddings.transform.enrichment_verdict import judging_version
from catalog_embeddings.transform.pricing import chat_price

# Written in one transaction: enough that writing costs little, few enough that a person sees them come.
_ROWS_AT_ONCE = 20


def enrich_shard(
    connection: Connection,
    lake: Lake,
    api: ChatApi,
    lease: Lease,
    version: EmbeddingVersion,
    shard: EnrichmentShard,
    limits: Limits,
    on_enriched: Callable[[int], None] = lambda _records: None,
) -> dict[str, int]:
    """Ask about what a shard still lacks; returns how many records were enriched, by verdict.

    Raises:
        RunPaused: quota, auth, an outage or the cost limit; what was paid for is kept, and the next run goes on.
        ThresholdExceeded: most of what is asked for is refused, so nothing more is spent.
        RunHeld: the worklist is damaged in the lake.
        RunFenced: another worker has taken over.
    """
    template = load_enrichment(version.spec.enrichment or "")
    asker = ChatAsker(api, lake, version.spec)
    written = _Written(connection, lease, version, on_enriched)
    refused: list[Enrichment] = []
    early = EarlyStop()
    # While some wait for an answer, others hold theirs against the record.
    threads = 2 * api.gate.parallelism
    budget = ChatBudget(
        connection,
        lease.run_id,
        chat_price(version.spec.enrichment_model or ""),
        lambda wanted, price: at_most(message_bytes(template, wanted.record), template.max_tokens, price),
        _unasked(connection, lake, lease.run_id, version, shard),
    )
    try:
        with (
            RequestShare(connection, api.gate, limits.parallelism) as share,
            budget,
            closing(in_flight(asker.ask, budget.take, api.gate, share.adjust, threads)) as answers,
        ):
            for asked in answers:
                budget.settle(asked)
                _sort(asked, written, refused)
                early.count(int(not asked.refused), int(asked.refused))
                if early.stops:
                    asker.confirm_refusals()
                    api.gate.stop(_stopped_early(shard, early))
            asker.confirm_refusals()
    finally:
        written.flush()
    for enrichment in refused:
        written.add(enrichment)
    written.close(shard)
    return written.verdicts


def _sort(asked: Asked, written: "_Written", refused: list[Enrichment]) -> None:
    """A refusal is written once the API has since answered something."""
    if asked.refused:
        refused.append(asked.enrichment)
    else:
        written.add(asked.enrichment)


def _stopped_early(shard: EnrichmentShard, early: EarlyStop) -> ThresholdExceeded:
    return ThresholdExceeded(
        f"the API refused {early.refused} of the first {early.outcomes} records of enrichment shard {shard.number}, so "
        "nothing more is spent: mend the records or the enrichment's template, then run again"
    )


def _unasked(
    connection: Connection, lake: Lake, run_id: str, version: EmbeddingVersion, shard: EnrichmentShard
) -> Iterator[Wanted]:
    """The records of a shard that have no row yet: another version may have asked about some of them since."""
    for wanted in planned_records(lake, run_id, shard):
        hashes = [each.record_hash for each in wanted]
        known = item_enrichments.find_drafts(connection, version.spec, hashes)
        yield from (each for each in wanted if each.record_hash not in known)


def planned_records(lake: Lake, run_id: str, shard: EnrichmentShard) -> Iterator[list[Wanted]]:
    """The records of a shard in their planned order, some at a time.

    Raises:
        RunHeld: the worklist is damaged in the lake.
    """
    try:
        yield from read_worklist(lake, run_id, shard.worklist_id, shard.number)
    except (ObjectMissing, UntrustedAnswer) as error:
        raise RunHeld(f"the worklist cannot be read ({error}): run again, and it is drawn up anew") from error


@dataclass
class _Written:
    """Collects enrichments, and writes them some at a time."""

    connection: Connection
    lease: Lease
    version: EmbeddingVersion
    on_written: Callable[[int], None]
    verdicts: dict[str, int] = field(default_factory=lambda: {"accepted": 0, "repaired": 0, "rejected": 0})
    _waiting: list[Enrichment] = field(default_factory=list)

    def add(self, enrichment: Enrichment) -> None:
        self._waiting.append(enrichment)
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what has been collected.

        Raises:
            RunFenced: another worker has taken over; nothing was written.
        """
        if not self._waiting:
            return
        with self.connection.transaction():
            leases.check_fence(self.connection, self.lease)
            item_enrichments.add(
                self.connection, self.version.spec, self._waiting, judging_version(), self.lease.run_id
            )
        for enrichment in self._waiting:
            self.verdicts[enrichment.checked.verdict] += 1
        self.on_written(len(self._waiting))
        self._waiting = []

    def close(self, shard: EnrichmentShard) -> None:
        """The shard is done."""
        self.flush()
        with self.connection.transaction():
            leases.check_fence(self.connection, self.lease)
            run_enrichments.mark_enriched(self.connection, self.lease.run_id, shard.number)
