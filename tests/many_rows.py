"""A version with many rows, made by the database itself: vectors that look like chance, and are the same every time."""

from uuid import UUID

from catalog_embeddings.domain.version import VersionSpec
from catalog_embeddings.postgres import embedding_versions
from catalog_embeddings.postgres.connection import Connection

LARGE_ORG, SMALL_ORG = UUID(int=1), UUID(int=2)

_DIMS = 8

_ITEMS = """
insert into analytics.catalog_features_raw (org_id, item_id, title, brand, attributes)
select
    case when number %% 500 = 0 then %(small)s::uuid else %(large)s::uuid end,
    'item-' || number,
    'Title ' || number,
    'brand-' || number %% 1000,
    jsonb_build_object('shelf', number %% 4000)
from generate_series(%(begin)s::int, %(end)s::int) as number"""

_VECTORS = """
insert into item_embeddings (org_id, item_id, version, modality, dims, vector, record_hash, content_hash)
select
    org_id,
    item_id,
    %(version)s,
    'text',
    %(dims)s,
    (
        select array_agg((hashtextextended(item_id, n) %% 1000)::real)::halfvec
        from generate_series(1, %(dims)s::int) as n
        where item_id is not null
    ),
    'r',
    'c'
from analytics.catalog_features_raw
on conflict do nothing"""


def register(connection: Connection, version: str = "v1") -> None:
    """A version of eight dims, without a row."""
    spec = VersionSpec("emulator", version, _DIMS, "product.v2", "hash", ("title",))
    embedding_versions.register(connection, version, spec, f"fingerprint of {version}")


def fill(connection: Connection, rows: int, version: str = "v1") -> None:
    """Give the catalog so many more items, and the version their vectors; every 500th item is the small org's."""
    row = connection.execute("select count(*) from analytics.catalog_features_raw").fetchone()
    begin = row[0] if row else 0
    values = {"large": LARGE_ORG, "small": SMALL_ORG, "begin": begin, "end": begin + rows - 1, "version": version}
    with connection.transaction():
        connection.execute(
            "select set_config('catalog_embeddings.fingerprint', %s, true)", [f"fingerprint of {version}"]
        )
        connection.execute(_ITEMS, values)
        connection.execute(_VECTORS, {**values, "dims": _DIMS})
