"""The guard against personal data, and the scrubbing of records before any model reads them.

What it looks like is known by ``personal_kinds``. Both see text as an eye does: full-width digits and zero-width
characters hide nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from catalog_embeddings.domain.enrichment import Draft, Finding
from catalog_embeddings.transform.guards.personal_kinds import KINDS, Sighting, sightings
from catalog_embeddings.transform.guards.record import Record
from catalog_embeddings.transform.guards.visible import visible


def find(draft: Draft, record: Record) -> Iterator[Finding]:  # noqa: ARG001 - personal data is none the better for being in the record
    """Personal data and secrets anywhere in a draft, whether the record has them or not."""
    for place, text in draft.passages():
        for kind, start, end in _seen(text):
            yield Finding("personal_data", place, start, text[start:end], f"this looks like {KINDS[kind]}")


def scrub(value: Any) -> tuple[Any, Counter[str]]:
    """Any JSON value with a placeholder such as ``[email]`` for each piece of personal data in its texts.

    Keys and numbers stay: the figures of a catalog are not personal. The counts are by kind.
    """
    counts: Counter[str] = Counter()
    return _scrubbed(value, counts), counts


def _scrubbed(value: Any, counts: Counter[str]) -> Any:
    match value:
        case str():
            return _scrubbed_text(value, counts)
        case Mapping():
            return {key: _scrubbed(inner, counts) for key, inner in value.items()}
        case list() | tuple():
            return [_scrubbed(inner, counts) for inner in value]
        case _:
            return value


def _scrubbed_text(text: str, counts: Counter[str]) -> str:
    pieces: list[str] = []
    at = 0
    for kind, start, end in _seen(text):
        pieces += (text[at:start], f"[{kind}]")
        at = end
        counts[kind] += 1
    return "".join((*pieces, text[at:]))


def _seen(text: str) -> Iterator[Sighting]:
    seen = visible(text)
    for kind, start, end in sightings(seen.text):
        yield Sighting(kind, *seen.place(start, end))
