"""Lists as OpenAI answers them: newest first, a page at a time, and the page after an id."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from catalog_embeddings.emulator.openai_errors import bad_request

_DEFAULT_LIMIT, _MAX_LIMIT = 20, 100


class Listed(Protocol):
    """Something with an id, which can be written as JSON."""

    @property
    def id(self) -> str: ...  # noqa: D102 - what an id is is known

    def as_json(self) -> dict[str, object]: ...  # noqa: D102 - the same


def page(oldest_first: Iterable[Listed], query: Mapping[str, str]) -> dict[str, object]:
    """The page that a request's query asks for by ``after`` and ``limit``; raises ApiError (400)."""
    entries = list(oldest_first)[::-1]
    if (after := query.get("after")) is not None:
        position = next((n for n, entry in enumerate(entries) if entry.id == after), None)
        if position is None:
            raise bad_request("'after' is no id of this list.", param="after")
        entries = entries[position + 1 :]
    limit = _limit(query.get("limit", str(_DEFAULT_LIMIT)))
    shown = entries[:limit]
    return {
        "object": "list",
        "data": [entry.as_json() for entry in shown],
        "first_id": shown[0].id if shown else None,
        "last_id": shown[-1].id if shown else None,
        "has_more": len(entries) > limit,
    }


def _limit(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= _MAX_LIMIT):
        raise bad_request(f"'limit' must be a whole number from 1 to {_MAX_LIMIT}.", param="limit")
    return int(value)
