"""What a language model answered: one object an answer, durable before anything else happens to it.

They lie by the record they are about, so whoever is about to ask finds what anybody was ever answered, be it by a
run that was killed, for another version, or for a database that is lost. The record lies beside its answers: what a
later release thinks of them it can say without asking again. What an answer says is not known here.
"""

import hashlib
import json
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Any

import pyarrow as pa

from catalog_embeddings.errors import UntrustedAnswer
from catalog_embeddings.lake.layout import answer_key, answers_prefix
from catalog_embeddings.lake.parquet import decode, encode
from catalog_embeddings.lake.schemas import ANSWER
from catalog_embeddings.lake.store import Lake, ObjectMissing


@dataclass(frozen=True, slots=True)
class Asking:
    """What answers have in common: the template by its name, and the hash (hex) over all that decides an answer."""

    prompt_version: str
    recipe: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the ``attempt``-th request about a record; ``raw`` is the body as it was received."""

    record_hash: bytes
    attempt: int
    record: dict[str, Any]
    raw: bytes
    content: str | None
    finish_reason: str | None
    refusal: str | None
    prompt_tokens: int
    completion_tokens: int


def store_answer(lake: Lake, asking: Asking, answer: Answer) -> str:
    """Make an answer durable; returns its key.

    Raises:
        ServerFailed: the lake did not take it.
    """
    row = {name: [getattr(answer, name)] for name in ANSWER.names}
    row["record"] = [json.dumps(answer.record, ensure_ascii=False)]
    data = encode(pa.table({field.name: pa.array(row[field.name], field.type) for field in ANSWER}, schema=ANSWER))
    digest = hashlib.sha256(data).hexdigest()
    key = answer_key(asking.prompt_version, asking.recipe, answer.record_hash.hex(), answer.attempt, digest)
    lake.create(key, data)
    return key


def find_answers(lake: Lake, asking: Asking, record_hash: bytes) -> list[tuple[str, Answer]]:
    """What was ever answered about a record, with its keys, one answer an attempt, in order, without a gap.

    What is damaged is as if it had never been answered.

    Raises:
        ServerFailed: the lake does not answer.
    """
    found: dict[int, tuple[str, Answer]] = {}
    for key in lake.keys(answers_prefix(asking.prompt_version, asking.recipe, record_hash.hex())):
        try:
            answer = read_answer(lake, key)
        except (ObjectMissing, UntrustedAnswer):
            continue
        found.setdefault(answer.attempt, (key, answer))
    return [found[attempt] for attempt in takewhile(found.__contains__, count(1))]


def read_answer(lake: Lake, key: str) -> Answer:
    """An answer, its hash and every page checked.

    Raises:
        ObjectMissing: the lake does not hold it.
        UntrustedAnswer: it is not the bytes that were stored.
    """
    [row] = decode(lake.read(key), key).to_pylist()
    return Answer(**row | {"record": json.loads(row["record"])})
