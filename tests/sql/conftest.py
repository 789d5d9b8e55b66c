"""A catalog with hand-made vectors, for the functions and views that data engineers call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.postgres import embedding_aliases, embedding_versions
from catalog_embeddings.postgres.connection import Connection


@dataclass(frozen=True)
class Shelf:
    """Puts items and their vectors into a database, and asks it questions."""

    connection: Connection
    org: UUID
    other_org: UUID

    def version(self, version: str, dims: int = 2) -> None:
        spec = VersionSpec("emulator", "text-embedding-3-small", dims, "product.v2", "hash", ("title",))
        embedding_versions.register(self.connection, version, spec, f"fingerprint of {version}")

    def activate(self, version: str, **where: Any) -> None:
        embedding_aliases.point(self.connection, version, reason="a test", **where)

    def item(
        self,
        item_id: str,
        vector: Sequence[float] | None = None,
        *,
        version: str = "v1",
        namespace: str = "default",
        org: UUID | None = None,
        **fields: Any,
    ) -> None:
        """Put an item into the source, unless it is there, and its vector into a version."""
        org = org or self.org
        values = {"title": f"Title of {item_id}", "brand": None, "category": None, "locale": None, **fields}
        values["attributes"] = None if "attributes" not in fields else Jsonb(fields["attributes"])
        self.connection.execute(
            "insert into analytics.catalog_features_raw"
            " (org_id, namespace, item_id, title, brand, category, locale, attributes) values"
            " (%(org)s, %(namespace)s, %(item_id)s, %(title)s, %(brand)s, %(category)s, %(locale)s, %(attributes)s)"
            " on conflict do nothing",
            {"org": org, "namespace": namespace, "item_id": item_id, **values},
        )
        if vector is None:
            return
        with self.connection.transaction():
            self.connection.execute(
                "select set_config('catalog_embeddings.fingerprint', %s, true)", [f"fingerprint of {version}"]
            )
            self.connection.execute(
                "insert into item_embeddings"
                " (org_id, namespace, item_id, version, modality, dims, vector, record_hash, content_hash)"
                " values (%s, %s, %s, %s, 'text', %s, %s, 'r', 'c')",
                [org, namespace, item_id, version, len(vector), str(list(vector))],
            )

    def remove(self, item_id: str) -> None:
        """The feed drops an item; its vector stays until the next run."""
        self.connection.execute("delete from analytics.catalog_features_raw where item_id = %s", [item_id])

    def ask(self, question: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(question.encode(), parameters or None).fetchall()

    def found(self, call: str, *parameters: object) -> list[str]:
        """The item ids that a reader function answers, best first."""
        return [row[0] for row in self.ask(f"select item_id from {call}", *parameters)]


@pytest.fixture
def shelf(connection: Connection) -> Shelf:
    """Version v1 of two dims is active; near, nearer and far lie around (1, 0)."""
    shelf = Shelf(connection, UUID(int=1), UUID(int=2))
    shelf.version("v1")
    shelf.activate("v1")
    vectors: dict[str, list[float]] = {"own": [1, 0], "nearer": [4, 1], "near": [1, 1], "far": [-1, 0.5]}
    for item_id, vector in vectors.items():
        shelf.item(item_id, vector)
    return shelf
