"""Keeping requests in flight: work is handed to threads as there is room, and what comes of it is taken as it comes.

The calling thread alone speaks to the database, and works on answers while the others wait for the network.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
from typing import TypeVar

from catalog_embeddings.errors import CatalogEmbeddingsError, RunPaused
from catalog_embeddings.inference.limits import Gate
from catalog_embeddings.pipeline.request_share import ADJUST_EVERY, RequestShare
from catalog_embeddings.postgres.connection import Connection

# Handed to the pool beyond what is in flight, so that no thread waits while the caller works on an answer.
_READY = 10

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def in_flight(
    ask: Callable[[Task], Answer],
    take: Callable[[int], Iterator[Task]],
    gate: Gate,
    look_around: Callable[[], None],
    threads: int | None = None,
) -> Generator[Answer]:
    """Answers as they come. After an error what is in flight is still taken in; ``look_around`` is called often.

    To be closed by whoever does not read to the end: then no request is under way any more.

    Args:
        ask: what a thread does with a task.
        take: up to so many further tasks; called by the reading thread.
        gate: what every request passes; it is stopped where this is given up.
        look_around: is called at least every ``ADJUST_EVERY`` seconds.
        threads: how many work at a time; absent, as many as the gate lets pass. More where an answer is much work.
    """
    given_up = RunPaused("this shard was given up; run again, and it goes on where it stood")
    failure: BaseException | None = None
    running: set[Future[Answer]] = set()
    pool = ThreadPoolExecutor(threads or gate.parallelism, thread_name_prefix="ask")
    try:
        while True:
            if failure is None:
                room = gate.parallelism + _READY - len(running)
                failure = _hand_out(take(room), pool, ask, running)
            if not running:
                break
            done, running = wait(running, timeout=ADJUST_EVERY, return_when=FIRST_COMPLETED)
            look_around()
            for future in done:
                if (error := future.exception()) is None:
                    yield future.result()
                elif failure is None:
                    failure = error
                    # What has not been sent yet is not sent any more, be it in the queue or at the gate.
                    running = {waiting for waiting in running if not waiting.cancel()}
                    gate.stop(given_up)
    finally:
        if running:
            gate.stop(given_up)
        pool.shutdown(cancel_futures=True)
    if failure is not None:
        raise failure


def ask_all(
    connection: Connection, gate: Gate, parallelism: int, ask: Callable[[Task], Answer], tasks: Sequence[Task]
) -> Generator[Answer]:
    """The answers to a few tasks as they come, within the requests that the deployment may have in flight.

    For who works outside of a run. To be closed by whoever does not read to the end.
    """
    waiting = iter(tasks)
    with (
        RequestShare(connection, gate, parallelism) as share,
        closing(in_flight(ask, lambda room: islice(waiting, room), gate, share.adjust)) as answers,
    ):
        yield from answers


def _hand_out(
    tasks: Iterator[Task], pool: ThreadPoolExecutor, ask: Callable[[Task], Answer], running: set[Future[Answer]]
) -> CatalogEmbeddingsError | None:
    """Hand tasks to the pool; returns what kept the next one from being handed out, if anything did."""
    try:
        for task in tasks:
            running.add(pool.submit(ask, task))
    except CatalogEmbeddingsError as error:
        return error
    return None
