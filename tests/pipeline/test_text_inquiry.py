"""The texts of a shard as lines of a batch: packed as requests are, and the same when an intent is taken up again."""

import json

import pytest

from catalog_embeddings.domain.batch import EMBEDDINGS
from catalog_embeddings.domain.part import StoredPart
from catalog_embeddings.errors import BatchesUnderWay
from catalog_embeddings.pipeline.bulk import advance
from catalog_embeddings.pipeline.text_inquiry import TextInquiry
from catalog_embeddings.pipeline.text_vectors import TextVectors
from catalog_embeddings.postgres import batches, spend
from catalog_embeddings.transform.batching import Text
from catalog_embeddings.transform.pricing import batch_token_price
from tests.pipeline.batch_steps import opened_api, shard_of
from tests.pipeline.conftest import Steps
from tests.pipeline.test_embed import _planned


class _Kept:
    """A receiver that keeps what it is given."""

    def __init__(self) -> None:
        self.parts: list[tuple[TextVectors, StoredPart | None]] = []
        self.flushed = 0

    def add(self, texts: TextVectors, paid_now: StoredPart | None = None) -> None:
        self.parts.append((texts, paid_now))

    def flush(self) -> None:
        self.flushed += 1


@pytest.fixture
def kept() -> _Kept:
    return _Kept()


@pytest.fixture
def inquiry(steps: Steps, kept: _Kept) -> TextInquiry:
    """About seven of the shard's texts, at most three a request: no intent may ask about those that are not read."""
    shard = shard_of(steps, _planned(steps))
    hashes = steps.column("select content_hash from pipeline.run_texts order by content_hash limit 7")
    texts = [Text(each, (f"text {number}", "and a second chunk")) for number, each in enumerate(hashes)]
    return TextInquiry(steps.connection, steps.lake, shard, 3, kept, lambda: texts)


def test_lines_are_packed_as_requests_are(steps: Steps, inquiry: TextInquiry) -> None:
    unsent = inquiry.unsent()
    assert len(unsent) == 9
    lines = list(inquiry.lines(unsent))
    assert [len(line.request.content_hashes) for line in lines] == [3, 3, 1]
    for line in lines:
        asked = json.loads(line.content)
        assert (asked["url"], asked["custom_id"]) == (EMBEDDINGS, line.request.custom_id)
        assert len(asked["body"]["input"]) == len(line.request.sizes) == 2 * len(line.request.content_hashes)
        assert line.usd == sum(line.request.sizes) * (batch_token_price(steps.version.spec) or 0)
    some = set(lines[0].request.content_hashes)
    assert [line.request for line in inquiry.lines(some)] == [lines[0].request]
    again = inquiry.lines_again([lines[2].request, lines[0].request])
    assert list(again) == [lines[2], lines[0]]


def test_the_same_answers_become_the_same_parts(steps: Steps, inquiry: TextInquiry, kept: _Kept) -> None:
    # This receiver indexes nothing, so the same is asked for again.
    with opened_api(steps) as api:
        while kept.flushed < 2:
            with pytest.raises(BatchesUnderWay):
                advance(steps.connection, api, inquiry)
    assert sorted(len(part.content_hashes) for part, _ in kept.parts) == [1, 1, 3, 3, 3, 3]
    assert len(steps.parts()) == len({stored.key for _, stored in kept.parts if stored is not None}) == 3
    assert batches.tokens_of(steps.connection, "run-1", EMBEDDINGS)[0] > 0
    assert spend.open_account(steps.connection, "run-1").spent > 0
