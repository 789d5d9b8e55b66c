"""Packing: texts into requests, requests into shards. Pure arithmetic, so a plan can say what a run will do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: OpenAI's limits for one embeddings request (platform.openai.com/docs/api-reference/embeddings, 2026).
MAX_INPUTS = 2_048
MAX_TOKENS = 300_000

#: A shard is a mapped task: long enough to be worth starting, short enough to be worth retrying.
SHARD_SECONDS = 180.0
MAX_SHARDS = 64


@dataclass(frozen=True, slots=True)
class Text:
    """A distinct text of a plan, cut into the chunks that are sent."""

    content_hash: bytes
    chunks: tuple[str, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The length of each chunk in bytes."""
        return tuple([len(chunk.encode()) for chunk in self.chunks])


class RequestCounter:
    """Says which text begins a new request: ``pack`` sends by it, and a plan counts by it.

    A request holds at most ``batch_size`` texts, ``MAX_INPUTS`` chunks and ``MAX_TOKENS`` tokens. A token is
    at least a byte, so bytes bound the tokens without a tokenizer.
    """

    def __init__(self, batch_size: int) -> None:
        """A counter that has seen nothing."""
        self.requests = 0
        #: Chunks and bytes of all requests so far, and the bytes of the largest of them.
        self.chunks, self.bytes, self.largest = 0, 0, 0
        self._batch_size = batch_size
        self._texts, self._inputs, self._bytes = batch_size, 0, 0

    def add(self, text: Text) -> bool:
        """Count a text; True when it begins a new request."""
        inputs, size = len(text.chunks), sum(text.sizes)
        begins = (
            self._texts == self._batch_size or self._inputs + inputs > MAX_INPUTS or self._bytes + size > MAX_TOKENS
        )
        if begins:
            self.requests += 1
            self._texts = self._inputs = self._bytes = 0
        self._texts += 1
        self._inputs += inputs
        self._bytes += size
        self.chunks += inputs
        self.bytes += size
        self.largest = max(self.largest, self._bytes)
        return begins

    def close_shard(self) -> None:
        """The next text begins a new request, whatever room is left: no request spans two shards."""
        self._texts, self._inputs, self._bytes = self._batch_size, 0, 0


def pack(texts: Iterable[Text], batch_size: int) -> Iterator[list[Text]]:
    """Texts in requests, in their order; a text is never split over two of them."""
    counter = RequestCounter(batch_size)
    batch: list[Text] = []
    for text in texts:
        if counter.add(text) and batch:
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch


def shard_size(texts: int, batch_size: int, parallelism: int, seconds_per_request: float) -> int:
    """How many texts a shard holds, so that it takes about ``SHARD_SECONDS`` at the given limits.

    Always a whole number of requests, so that sharding adds none but the last of each shard.
    """
    requests = max(1, int(SHARD_SECONDS * parallelism / seconds_per_request))
    at_least = -(-texts // (MAX_SHARDS * batch_size))
    return max(requests, at_least) * batch_size
