"""The catalog of the fault suite: two nights of a feed that hold every kind of item a run treats differently.

After the first night there is a complete run. The second night adds, changes and deletes: some texts are new, some
were paid for before, some are shared, long, refused by the API, or say nothing at all.
"""

import uuid
from typing import Any

from psycopg.types.json import Jsonb

from catalog_embeddings.postgres.connection import Connection

ORG = uuid.UUID(int=7)

#: Stands in every title: no log, key or manifest may hold it.
WORD = "Quixoterra"

#: An emulator that was told so refuses every text that holds it.
POISON = "Venomspire"

#: An API key that may turn up nowhere.
KEY = "sk-canary-5f3a9c1e77"

#: A text of so many words is cut into three chunks.
_SAGA = 6_500

#: Inputs that the two long texts of the second night have beyond one a text.
LONGER_BY = 4


def first_night(connection: Connection) -> None:
    """Thirty items: twenty plain ones, two that share a text, a long one, a poisoned one, and two that say nothing."""
    for number in range(20):
        put(connection, f"plain_{number:02}", title=_title(f"lamp number {number}"), attributes={"price": number})
    put(connection, "twin_a", title=_title("candle holder"))
    put(connection, "twin_b", title=_title("candle holder"), namespace="outdoor")
    put(connection, "saga", title=_title("saga"), description=_long("first"))
    put(connection, "bad_a", title=_title(f"{POISON} kettle"))
    put(connection, "silent")
    put(connection, "listed", title=_title("paper tray"), attributes=["not", "an", "object"])
    for number in range(4):
        put(connection, f"gone_{number}", title=_title(f"stool number {number}"))


def second_night(connection: Connection) -> None:
    """Fifty-odd changes of every kind."""
    for number in range(35):
        put(connection, f"fresh_{number:02}", title=_title(f"armchair number {number}"), brand="Marrowby")
    # Paid for already, under another name; and twice the same that is new.
    put(connection, "twin_c", title=_title("candle holder"), namespace="garden")
    put(connection, "fresh_twin", title=_title("armchair number 7"), brand="Marrowby", namespace="garden")
    put(connection, "saga_two", title=_title("second saga"), description=_long("second"))
    put(connection, "saga", title=_title("saga"), description=_long("revised"))
    for number in range(5):
        put(connection, f"plain_{number:02}", title=_title(f"lantern number {number}"))
    # The API refuses these three; the first of them has a vector from the night before.
    for item_id in ("plain_05", "bad_b", "bad_c"):
        put(connection, item_id, title=_title(f"{POISON} {item_id}"))
    # These two can be embedded at last, this one cannot any more, and of this one only the price changed.
    put(connection, "bad_a", title=_title("kettle"))
    put(connection, "silent", title=_title("tray"))
    put(connection, "plain_06")
    put(connection, "plain_07", title=_title("lamp number 7"), attributes={"price": 4711})
    connection.execute("delete from analytics.catalog_features_raw where item_id like 'gone%'")


def many_more(connection: Connection, items: int) -> None:
    """So many short items more, for a run of several load packages."""
    connection.execute(
        "insert into analytics.catalog_features_raw (org_id, namespace, item_id, title, updated_at)"
        " select %s, 'default', 'more_' || n, %s || ' ' || n, now() from generate_series(1, %s) as n",
        [ORG, _title("spoon number"), items],
    )


def put(connection: Connection, item_id: str, *, namespace: str = "default", **fields: Any) -> None:
    """What the feed does: insert an item, or write it anew."""
    row = {"title": None, "description": None, "brand": None, "attributes": None} | fields
    row["attributes"] = None if row["attributes"] is None else Jsonb(row["attributes"])
    connection.execute(
        "insert into analytics.catalog_features_raw"
        " (org_id, namespace, item_id, title, description, brand, attributes, updated_at)"
        " values (%(org_id)s, %(namespace)s, %(item_id)s, %(title)s, %(description)s, %(brand)s, %(attributes)s,"
        " clock_timestamp())"
        " on conflict (org_id, namespace, item_id) do update set title = excluded.title,"
        " description = excluded.description, brand = excluded.brand, attributes = excluded.attributes,"
        " updated_at = excluded.updated_at",
        {"org_id": ORG, "namespace": namespace, "item_id": item_id, **row},
    )


def _title(name: str) -> str:
    return f"{WORD} {name}"


def _long(name: str) -> str:
    return ". ".join(f"{name} {number}" for number in range(_SAGA // 2))
