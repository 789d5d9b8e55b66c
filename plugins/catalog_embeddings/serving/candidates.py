"""Candidates for a ranking: items that share a tag, and where these are too few, the nearest neighbours.

Knows which candidates there are, how alike each is, and how both are blended into a score. Features of its own, such as
popularity, and the final order are the ranking's: docs/ranking.md joins the two.
"""

from uuid import UUID

from psycopg.rows import dict_row

from catalog_embeddings.domain.candidate import BlendWeights, CandidateData
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import Connection
from catalog_embeddings.postgres.embedding_versions import find_version
from catalog_embeddings.postgres.queries import named_queries
from catalog_embeddings.serving.retriever import Retriever

_QUERIES = named_queries("serving")

# Of a tag that half the catalog bears, so many items are looked at: those that share the most tags.
_POOL = 1_000

_EVEN = BlendWeights()


def candidates(
    connection: Connection,
    item_id: str,
    k: int = 50,
    *,
    weights: BlendWeights = _EVEN,
    blend: str | None = None,
    namespace: str | None = None,
    org_id: UUID | None = None,
    version: str | None = None,
) -> list[CandidateData]:
    """Up to ``k`` candidates for an item of the catalog, the best score first; of its own namespace and org.

    Items that share a tag come first; neighbours take the places that those leave free. Every similarity is of one
    version: the one named, else what ``blend`` says (``v7``, or ``shoes=v7,books=v5``), else the active one.
    An item that no run has embedded yet has candidates by its tags alone. Deleted items are never among them.

    Raises:
        InputError: the item is not in the catalog or stands in several places, or no version can be read.
    """
    where = {"item_id": item_id, "namespace": namespace, "org_id": org_id}
    places = connection.execute(_QUERIES["places_of"], where).fetchall()
    if len(places) != 1:
        raise InputError(
            f"item {item_id!r} stands in several namespaces or orgs: name one"
            if places
            else f"item {item_id!r} is not in the catalog"
        )
    own_org, own_namespace = places[0]
    chosen = Retriever(connection, blend=blend).version_for(own_namespace, version, org_id=own_org)
    read = find_version(connection, chosen).version
    asked = {"item_id": item_id, "org_id": own_org, "namespace": own_namespace, "version": read, "k": k}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_QUERIES["candidates"], {**asked, "pool": max(k, _POOL)}).fetchall()
    found = [
        CandidateData(
            namespace=own_namespace, version=read, score=weights.score(row["tag_overlap"], row["similarity"]), **row
        )
        for row in rows
    ]
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.item_id))[:k]
