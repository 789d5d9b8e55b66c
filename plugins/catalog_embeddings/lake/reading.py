"""Reading many objects: a lake answers slowly and takes many questions at once."""

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.lake.store import Lake, ObjectMissing

log = logging.getLogger(__name__)

_AT_ONCE = 8

Read = TypeVar("Read")


def read_ahead(
    lake: Lake, keys: Iterable[str], read: Callable[[Lake, str], Read]
) -> Generator[tuple[str, Read | None]]:
    """Each object with its key, in the order of the keys; None where it is missing or damaged, which is logged.

    A few are read while one is worked on, and no more are in memory. To be closed by whoever does not read to the end.

    Raises:
        ServerFailed: the lake does not answer.
    """

    def attempt(key: str) -> Read | None:
        try:
            return read(lake, key)
        except (ObjectMissing, UntrustedAnswer) as error:
            log.warning("%s", error)
            return None

    waiting: deque[tuple[str, Future[Read | None]]] = deque()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="read") as pool:
        for key in keys:
            waiting.append((key, pool.submit(attempt, key)))
            if len(waiting) > _AT_ONCE:
                first, answer = waiting.popleft()
                yield first, answer.result()
        for key, answer in waiting:
            yield key, answer.result()
