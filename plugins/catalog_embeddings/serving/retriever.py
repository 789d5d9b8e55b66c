"""Nearest items, by item or by vector. The SQL functions decide what a reader may see; this asks them."""

from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg.rows import class_row

from catalog_embeddings.domain.hit import Hit
from catalog_embeddings.domain.promotion import EVERY_NAMESPACE
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres import embedding_aliases
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.queries import named_queries

_QUERIES = named_queries("serving")


class Retriever:
    """Reads one version: the one it is given, else what ``BLEND_EMBEDDING_VERSION`` says, else the active one."""

    def __init__(self, connection: Connection, *, blend: str | None = None) -> None:
        """A reader over an open connection. ``blend`` is ``v7``, or ``shoes=v7,books=v5``."""
        self._connection = connection
        self._blend = _parse_blend(blend)

    def version_for(self, namespace: str | None, version: str | None = None, *, org_id: UUID | None = None) -> str:
        """The version that is read for a namespace and org.

        Raises:
            InputError: none is active.
        """
        chosen = (
            version
            or self._named(namespace)
            or embedding_aliases.active_version(self._connection, org_id=org_id, namespace=namespace)
        )
        if chosen is None:
            raise InputError("no embedding version is active: run the pipeline first, or name one with --version")
        return chosen

    def similar(
        self,
        item_id: str,
        k: int = 10,
        *,
        namespace: str | None = None,
        org_id: UUID | None = None,
        version: str | None = None,
    ) -> list[Hit]:
        """The ``k`` items most similar to an item, best first.

        Raises:
            InputError: the item is unknown, or its id stands in several namespaces.
        """
        own = namespace
        if version is None and namespace is None and self._blend.keys() - {EVERY_NAMESPACE}:
            own = self._namespace_of(item_id, org_id)
        return self._hits(
            "similar_items",
            {"item_id": item_id, "k": k, "namespace": own, "org_id": org_id, "version": version or self._named(own)},
        )

    def nearest(
        self,
        query_vector: NDArray[np.float32],
        k: int = 10,
        *,
        namespace: str | None = None,
        org_id: UUID | None = None,
        version: str | None = None,
    ) -> list[Hit]:
        """The ``k`` items nearest to a vector (dims,) float32, best first.

        Raises:
            InputError: the vector does not have the version's dims, or no version is active.
        """
        return self._hits(
            "search_items",
            {
                "query_vector": HalfVector(query_vector).to_text(),
                "k": k,
                "namespace": namespace,
                "org_id": org_id,
                "version": self.version_for(namespace, version, org_id=org_id),
            },
        )

    def _named(self, namespace: str | None) -> str | None:
        """The version that the setting names for a namespace, or for every one."""
        return self._blend.get(namespace or EVERY_NAMESPACE) or self._blend.get(EVERY_NAMESPACE)

    def _namespace_of(self, item_id: str, org_id: UUID | None) -> str | None:
        """The namespace in which an item stands, because the setting may name a version for it; None: in none.

        Raises:
            InputError: it stands in several.
        """
        rows = self._connection.execute(_QUERIES["namespaces_of"], {"item_id": item_id, "org_id": org_id}).fetchall()
        if len(rows) > 1:
            raise InputError(f"item {item_id!r} stands in several namespaces: name one with --namespace")
        return str(rows[0][0]) if rows else None

    def _hits(self, query: str, parameters: dict[str, object]) -> list[Hit]:
        try:
            with self._connection.cursor(row_factory=class_row(Hit)) as cursor:
                return cursor.execute(_QUERIES[query], parameters).fetchall()
        except psycopg.errors.RaiseException as refused:
            hint = refused.diag.message_hint
            raise InputError(f"{refused.diag.message_primary}{f' ({hint})' if hint else ''}") from refused


def _parse_blend(blend: str | None) -> dict[str, str]:
    """``v7`` for every namespace, or ``shoes=v7,books=v5``.

    Raises:
        InputError: it is neither.
    """
    if not blend:
        return {}
    if "=" not in blend:
        return {EVERY_NAMESPACE: blend.strip()}
    pairs = [pair.partition("=") for pair in blend.split(",") if pair.strip()]
    if any(not namespace.strip() or not version.strip() for namespace, _, version in pairs):
        raise InputError(f"BLEND_EMBEDDING_VERSION is {blend!r}; write v7, or shoes=v7,books=v5")
    return {namespace.strip(): version.strip() for namespace, _, version in pairs}
