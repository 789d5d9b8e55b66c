"""What tests of the table modules share: a registered version, an open run under a lease, a second connection."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from catalog_embeddings.domain.item import ItemKey
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion, VersionSpec
from catalog_embeddings.postgres import embedding_versions, leases, runs
from catalog_embeddings.postgres.connection import Connection, connect

_ORG = UUID("00000000-0000-4000-8000-000000000001")


@pytest.fixture
def spec() -> VersionSpec:
    return VersionSpec(
        provider="emulator",
        model="text-embedding-3-small",
        dims=4,
        template="product.v2",
        template_hash="ab" * 32,
        record_fields=("title", "brand"),
    )


@pytest.fixture
def version(connection: Connection, spec: VersionSpec) -> EmbeddingVersion:
    """The version v1, registered."""
    embedding_versions.register(connection, "v1", spec, "fingerprint of v1")
    return embedding_versions.find_version(connection, "v1")


@pytest.fixture
def other_connection(database_url: str) -> Iterator[Connection]:
    """What another process would open."""
    with connect(database_url) as opened:
        yield opened


@pytest.fixture
def lease(connection: Connection, version: EmbeddingVersion) -> Lease:
    """The lease of run-1 on v1, held by ``connection``."""
    runs.open_run(connection, "run-1", version.version, "a test")
    return leases.take(connection, version.version, "run-1", "host-1", 0.0)


@pytest.fixture
def keys(connection: Connection) -> list[ItemKey]:
    """Three items of the catalog: item-0, item-1, item-2."""
    found = [ItemKey(_ORG, "default", f"item-{number}") for number in range(3)]
    for key in found:
        connection.execute(
            "insert into analytics.catalog_features_raw (org_id, namespace, item_id, title) values (%s, %s, %s, %s)",
            [key.org_id, key.namespace, key.item_id, f"Title of {key.item_id}"],
        )
    return found
