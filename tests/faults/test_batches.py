"""Workers that die while a run goes through the Batch API: a batch is created once, and each input is paid for once."""

import signal
from collections.abc import Callable

import httpx2
import pytest

from tests.faults.catalog import KEY
from tests.faults.child import Moment
from tests.faults.conftest import World

_COLLECT = "catalog_embeddings.pipeline.collect_batches:BatchCollection.collect"
_UPLOAD = "catalog_embeddings.inference.batches:BatchesApi.upload"
_CREATE = "catalog_embeddings.inference.batches:BatchesApi.create"
_FIND = "catalog_embeddings.inference.batches:BatchesApi.find"
_INTEND = "catalog_embeddings.postgres.batches:intend"
_SUBMITTED = "catalog_embeddings.postgres.batches:set_submitted"
_STORE = "catalog_embeddings.lake.parts:store_part"
_FLUSH = "catalog_embeddings.pipeline.load:PackageLoader.flush"
_END = "catalog_embeddings.postgres.batches:end"
_LINES = "catalog_embeddings.inference.batch_lines:parse_lines"

CREATED = Moment(_CREATE, "leave")
STORED = Moment(_STORE, "leave", 4, within=_COLLECT)

# Where workers die, one after the other, before the last one comes through.
POINTS = {
    "the batch is intended, not committed": (Moment(_INTEND, "leave"),),
    "the batch is intended, nothing is sent": (Moment(_UPLOAD, "enter"),),
    "its file is uploaded": (Moment(_UPLOAD, "leave"),),
    "it is created, its id is written down nowhere": (CREATED,),
    "its id is written down, not committed": (Moment(_SUBMITTED, "leave"),),
    "its answers are read, none is stored": (Moment(_LINES, "leave"),),
    "a part is being made durable": (Moment("os:fsync", "enter", 3, within=_COLLECT),),
    "parts are stored, and not indexed": (STORED,),
    "parts are stored, their package is not loaded": (Moment(_FLUSH, "enter", within=_COLLECT),),
    "rows are written, their package is not committed": (
        Moment("catalog_embeddings.postgres.item_embeddings:apply_package", "leave", 2),
    ),
    "its texts are loaded, it is not collected": (Moment(_FLUSH, "leave", within=_COLLECT),),
    "it is collected, not committed": (Moment(_END, "leave"),),
    "it is collected, the refused are not asked for one by one": (Moment(_COLLECT, "leave"),),
    "twice: created, then found, before its id is written down": (CREATED, Moment(_FIND, "leave")),
    "twice: after the file, then among the parts": (Moment(_UPLOAD, "leave"), STORED),
    "three times: intended, created, collected": (
        Moment(_UPLOAD, "enter"),
        CREATED,
        Moment(_END, "leave"),
    ),
}


@pytest.fixture
def bulk(world: World) -> World:
    world.via = "batch-api"
    return world


@pytest.mark.parametrize("name", POINTS)
def test_a_worker_dies_and_no_batch_is_submitted_twice(
    bulk: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    for moment in POINTS[name]:
        bulk.dies(moment)
    bulk.finishes()
    bulk.check(paid_twice_at_most=0)
    assert bulk.emulator.stats()["batches"] == 1
    assert bulk.ask("select state from pipeline.batches") == [("collected",)]
    assert bulk.ask("select reserved_usd from pipeline.spend where reserved_usd <> 0") == []
    record_property("fault", name)
    record_property("expected", "one batch, every invariant, 0 inputs paid twice")
    record_property("seen", f"{bulk.emulator.stats()['batches']} batch, {bulk.paid_twice()} paid twice")


def test_a_zombie_that_creates_a_batch_too_many_takes_it_back(bulk: World) -> None:
    bulk.emulator.faults(batch_seconds=3600)
    zombie = bulk.start(Moment(_CREATE, "enter", signal=signal.SIGSTOP))
    zombie.stands_still()
    # It will not even be able to ask the database who has taken over.
    bulk.cut_off()
    bulk.time_passes()
    successor = bulk.start(holder="another scheduler")
    successor.comes_to(lambda: bulk.ask("select batch_id from pipeline.batches where batch_id is not null") != [])
    zombie.goes_on()
    assert zombie.ends() != 0
    assert bulk.emulator.stats()["batches"] == 2
    [(kept,)] = bulk.ask("select batch_id from pipeline.batches")
    listed = httpx2.get(f"{bulk.emulator.url}/batches", headers={"authorization": f"Bearer {KEY}"}).json()["data"]
    assert {batch["id"] == kept: batch["status"] for batch in listed} == {True: "in_progress", False: "cancelled"}
    bulk.emulator.faults(batch_seconds=0)
    assert successor.ends() == 0, bulk.said()
    bulk.check(paid_twice_at_most=0)
