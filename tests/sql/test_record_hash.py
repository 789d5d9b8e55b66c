"""record_hash: the sha256 of the bytes that it promises, and cheap for the whole catalog."""

from hashlib import sha256
from typing import LiteralString

import pytest

from catalog_embeddings.postgres.connection import Connection

_HASH: LiteralString = (
    "record_hash(%(record_fields)s::text[], %(title)s, %(description)s, %(brand)s, %(category)s, %(attributes)s,"
    " %(tags)s, %(locale)s, %(image_url)s)"
)
FIELDS = ["title", "description", "brand", "category", "attributes", "tags", "locale", "image_url"]


def _hash(connection: Connection, record_fields: list[str], **record: str) -> bytes:
    """The hash of a record whose fields are null where they are not given."""
    values = dict.fromkeys(FIELDS) | record | {"record_fields": record_fields}
    row = connection.execute(f"select {_HASH}", values).fetchone()
    assert row is not None
    return bytes(row[0])


@pytest.mark.parametrize(
    ("record_fields", "record", "spelled"),
    [
        pytest.param(["title"], {"title": "Cup", "brand": "Acme"}, "title:3:Cup", id="only the fields named"),
        pytest.param(["title"], {}, "title:-1:", id="null is not empty"),
        pytest.param(["title"], {"title": ""}, "title:0:", id="empty is not null"),
        pytest.param(["title"], {"title": "Café"}, "title:5:Café", id="octets, not characters"),
        pytest.param(
            ["brand", "title"], {"title": "Cup", "brand": "Acme"}, "title:3:Cupbrand:4:Acme", id="always in one order"
        ),
        pytest.param([], {"title": "Cup"}, "", id="no field at all"),
        pytest.param(
            FIELDS,
            {field: field[0] for field in FIELDS},
            "title:1:tdescription:1:dbrand:1:bcategory:1:cattributes:1:atags:1:tlocale:1:limage_url:1:i",
            id="each field under its own name",
        ),
    ],
)
def test_a_record_is_spelled_as_documented(
    connection: Connection, record_fields: list[str], record: dict[str, str], spelled: str
) -> None:
    assert _hash(connection, record_fields, **record) == sha256(spelled.encode()).digest()


def test_the_planner_inlines_it(connection: Connection) -> None:
    connection.execute("create temporary table records (fields text[], a text)")
    plan = connection.execute("explain (verbose) select record_hash(fields, a, a, a, a, a, a, a, a) from records")
    assert "record_hash(" not in "\n".join(line for (line,) in plan)
