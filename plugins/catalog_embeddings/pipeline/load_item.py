"""Loading one item outside of the nightly run, beside which it is safe.

Where a run is under way whose plan is frozen, the item becomes a line of that plan, under its fence: the run counts
and seals it with the others. Otherwise it is a run of its own, which begins, is sealed and ends in one transaction,
while the version's lease is borrowed: nobody else has written anything then that is not sealed.
"""

import hashlib
import secrets
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from catalog_embeddings.domain.plan import Plan, Price
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.spent import Spent
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import RunFenced, RunLocked
from catalog_embeddings.lake.store import Lake
from catalog_embeddings.pipeline.finish import finish_run
from catalog_embeddings.postgres import item_embeddings, leases, run_plan, runs
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.halfvecs import halfvecs
from catalog_embeddings.postgres.run_plan import PlannedItem
from catalog_embeddings.transform.pricing import bytes_in_lake, bytes_in_postgres, usd

#: The shard of a run that its plan does not know: items that were embedded by themselves.
ITEMS_SHARD = 99_999

# A run may end, or be planned, between looking and writing; not again and again.
_ATTEMPTS = 5


def new_run_id() -> str:
    """The id of a run of one item."""
    return f"item-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def load_item(
    connection: Connection,
    lake: Lake,
    version: EmbeddingVersion,
    run_id: str,
    line: PlannedItem,
    vectors: NDArray[np.float32],
    spent: Spent,
) -> str:
    """Give an item its row; returns the run that answers for it, ``run_id`` where it is one of its own.

    Args:
        connection: outside of any transaction.
        lake: takes the seal.
        version: whose row it is.
        run_id: a new one.
        line: the item, and its text's hash, whose part is indexed.
        vectors: (1, dims) float32, the text's vector.
        spent: what its embedding cost.

    Raises:
        RunLocked: a rebuild has the version, or runs come and go too fast.
        ServerFailed: the lake did not take the seal; nothing was written.
    """
    for _ in range(_ATTEMPTS):
        under_way = _planned_run(connection, version.version)
        if under_way is None:
            if _load_alone(connection, lake, version, run_id, line, vectors, spent):
                return run_id
            continue
        try:
            with connection.transaction():
                _apply(connection, leases.join(connection, under_way), version, line, vectors, spent)
        except RunFenced:
            # It has just ended.
            continue
        return under_way
    raise RunLocked(f"runs of version {version.version} come and go: try again in a moment")


def _planned_run(connection: Connection, version: str) -> str | None:
    unfinished = runs.unfinished_run(connection, version)
    return unfinished if unfinished and runs.find_run(connection, unfinished).plan_id is not None else None


def _load_alone(
    connection: Connection,
    lake: Lake,
    version: EmbeddingVersion,
    run_id: str,
    line: PlannedItem,
    vectors: NDArray[np.float32],
    spent: Spent,
) -> bool:
    """A whole run in one transaction; False where another run was planned in the meantime."""
    started = datetime.now(UTC)
    with connection.transaction():
        leases.lock(connection, version.version)
        if _planned_run(connection, version.version) is not None:
            return False
        runs.open_run(connection, run_id, version.version, "embed-item")
        with leases.borrow(connection, version.version, run_id) as lease:
            runs.freeze(connection, run_id, run_id, _plan(version, line, spent).as_json())
            _apply(connection, lease, version, line, vectors, spent)
            # Whatever comes of the item is a good end: a threshold is for runs of many.
            finish_run(connection, lake, lease, version, 1.0, started)
    return True


def _apply(
    connection: Connection,
    lease: Lease,
    version: EmbeddingVersion,
    line: PlannedItem,
    vectors: NDArray[np.float32],
    spent: Spent,
) -> None:
    item_embeddings.claim_rows(connection, version.version)
    leases.check_fence(connection, lease)
    content_hash = line.content_hash or b""
    newly_loaded = run_plan.put_item(connection, lease.run_id, line, ITEMS_SHARD)
    # Its own package, even where the run has loaded the text before: this item was not in its plan then.
    package_id = hashlib.sha256(f"{lease.run_id} {secrets.token_hex(16)}".encode() + content_hash).hexdigest()
    item_embeddings.record_package(connection, package_id, lease, ITEMS_SHARD, int(newly_loaded))
    item_embeddings.declare_version(connection, version)
    loaded = item_embeddings.apply_package(connection, package_id, lease, version, [content_hash], halfvecs(vectors))
    run_plan.add_progress(
        connection,
        lease.run_id,
        ITEMS_SHARD,
        embedded=int(spent.requests > 0),
        reused=int(spent.requests == 0),
        loaded=loaded,
        spent=spent,
    )


def _plan(version: EmbeddingVersion, line: PlannedItem, spent: Spent) -> Plan:
    """What the run of one item set out to do, as any other says it; its price is known by now."""
    cost = usd(spent.tokens, version.spec)
    price = Price(low=cost, expected=cost, high=cost)
    return Plan(
        version=version.version,
        slice="100%",
        new=int(line.changed.change == "new"),
        changed=int(line.changed.change == "changed"),
        unchanged=0,
        deleted=0,
        refused=0,
        known_dead=0,
        distinct_texts=1,
        reusable=int(spent.requests == 0),
        requests=spent.requests,
        tokens=spent.tokens,
        price_usd=price,
        price_batch_usd=price,
        seconds=0.0,
        bytes_postgres=bytes_in_postgres(1, version.spec.dims),
        bytes_lake=bytes_in_lake(1, 0, 1, version.spec.dims),
        shards=1,
    )
