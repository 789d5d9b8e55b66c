"""Lists are read page by page, newest first, by id."""

from dataclasses import dataclass

import pytest

from catalog_embeddings.emulator.listing import page
from catalog_embeddings.emulator.openai_errors import ApiError


@dataclass(frozen=True)
class Entry:
    id: str

    def as_json(self) -> dict[str, object]:
        return {"id": self.id}


ENTRIES = [Entry(f"e{number}") for number in range(25)]


def test_pages_follow_each_other_until_none_is_left() -> None:
    first = page(ENTRIES, {})
    assert (first["first_id"], first["last_id"], first["has_more"]) == ("e24", "e5", True)
    second = page(ENTRIES, {"after": "e5", "limit": "5"})
    assert second["data"] == [{"id": f"e{number}"} for number in (4, 3, 2, 1, 0)]
    assert not second["has_more"]
    assert page(ENTRIES, {"after": "e0"})["data"] == []
    assert page([], {})["first_id"] is None


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "ten"}, {"limit": "²"}, {"after": "x"}])
def test_a_wrong_query_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(ApiError) as caught:
        page(ENTRIES, query)
    assert (caught.value.status, caught.value.param) == (400, next(iter(query)))
