"""grant_roles: what the reader, the writer and the migrator may do, and what is said where roles cannot be made."""

import uuid
from collections.abc import Callable, Iterator

import numpy as np
import psycopg
import pytest
from psycopg import sql

from catalog_embeddings.domain.promotion import EVERYWHERE
from catalog_embeddings.domain.run import Lease
from catalog_embeddings.domain.version import EmbeddingVersion
from catalog_embeddings.errors import ConfigurationError, InputError
from catalog_embeddings.pipeline.drop_version import drop_version
from catalog_embeddings.pipeline.promote import promote, rollback
from catalog_embeddings.postgres import embedding_versions, item_embeddings, readiness
from catalog_embeddings.postgres.connection import Connection, connect
from catalog_embeddings.postgres.halfvecs import halfvecs
from catalog_embeddings.postgres.migrations import migrate
from tests.sql.conftest import Shelf

Login = Callable[[str, str], str]


@pytest.fixture
def login(postgres_server: str, migrated_template: str) -> Iterator[Login]:
    """Makes a user that is a member of one role; answers with the address of a database for this user."""
    names: list[str] = []

    def make(address: str, role: str) -> str:
        name = f"user_{uuid.uuid4().hex[:8]}"
        with connect(postgres_server) as server:
            server.execute(f"create role {name} login in role catalog_embeddings_{role}".encode())
        names.append(name)
        return address.replace("//postgres:", f"//{name}:")

    yield make
    with connect(postgres_server) as server:
        for name in names:
            server.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def _refused(connection: Connection, *statements: str) -> None:
    for statement in statements:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def _count(connection: Connection, source: str) -> int:
    row = connection.execute(f"select count(*) from {source}".encode()).fetchone()
    return int(row[0]) if row else -1


def test_a_reader_asks_and_changes_nothing(login: Login, database_url: str, shelf: Shelf) -> None:
    with connect(login(database_url, "reader")) as reader:
        assert _count(reader, "similar_items('own')") == 3
        assert _count(reader, "search_items('[1,0]', filter => '{}')") == 4
        assert _count(reader, "embedding_diff('v1', 'v1')") == 4
        for view in ("active_item_embeddings", "embedding_coverage", "embedding_health", "embedding_runs"):
            _count(reader, view)
        _refused(
            reader,
            "delete from item_embeddings",
            "update embedding_aliases set version = 'v1'",
            "update embedding_versions set status = 'retired'",
            "insert into embedding_alias_history default values",
            "select * from pipeline.runs",
            "select * from item_embeddings_v1",
            "delete from analytics.catalog_features_raw",
            "create table mine ()",
        )


def test_a_reader_that_names_its_org_sees_the_vectors_of_no_other(
    login: Login, database_url: str, shelf: Shelf
) -> None:
    shelf.item("theirs", [1, 0], org=shelf.other_org)
    everything = ("item_embeddings", "active_item_embeddings", "search_items('[1,0]')")
    with connect(login(database_url, "reader")) as reader:
        assert [_count(reader, source) for source in everything] == [5, 5, 5]
        reader.execute("select set_config('catalog_embeddings.org_id', %s, false)", [str(shelf.other_org)])
        assert [_count(reader, source) for source in everything] == [1, 1, 1]
        reader.execute("select set_config('catalog_embeddings.org_id', 'nonsense', false)")
        assert [_count(reader, source) for source in everything] == [0, 0, 0]
        # It guards against a forgotten WHERE, not against hostile SQL.
        reader.execute("reset catalog_embeddings.org_id")
        assert [_count(reader, source) for source in everything] == [5, 5, 5]


def _loads_a_package(connection: Connection, version: EmbeddingVersion) -> None:
    """As a run does it, for an item of the catalog that has no vector yet and for one whose vector is replaced."""
    connection.execute(
        "insert into pipeline.run_plan (run_id, org_id, namespace, item_id, change, record_hash, content_hash)"
        " select '1', org_id, namespace, item_id, 'new', 'a record', 'a text' from analytics.catalog_features_raw"
        " where item_id in ('new', 'own')"
    )
    with connection.transaction():
        item_embeddings.declare_version(connection, version)
        lease = Lease("v1", "1", 1)
        assert item_embeddings.record_package(connection, "package", lease, 0, 1)
        vectors = halfvecs(np.ones((1, 2), dtype=np.float32))
        assert item_embeddings.apply_package(connection, "package", lease, version, [b"a text"], vectors) == 2


def test_a_writer_loads_and_promotes_and_makes_no_version(login: Login, database_url: str, shelf: Shelf) -> None:
    shelf.version("v2")
    with connect(login(database_url, "writer")) as writer:
        version = embedding_versions.find_version(writer, "v1")
        with writer.transaction():
            item_embeddings.declare_version(writer, version)
            writer.execute("update item_embeddings set generated_at = now()")
            writer.execute("delete from item_embeddings where item_id = 'far'")
        writer.execute("insert into analytics.catalog_features_raw (org_id, item_id) values (gen_random_uuid(), 'new')")
        assert promote(writer, "v2", EVERYWHERE, force=True, reason="a test").from_version == "v1"
        assert rollback(writer, EVERYWHERE)[0].version == "v1"
        assert readiness.coverage_of(writer, "v1", EVERYWHERE).missing == 2
        embedding_versions.set_status(writer, "v2", "candidate")
        writer.execute("insert into pipeline.runs (run_id, version, state, started_by) values ('1', 'v1', 'held', 'a')")
        writer.execute("create table catalog.of_dbt ()")
        _loads_a_package(writer, version)
        _refused(
            writer,
            "select * from item_embeddings_v1",
            "update embedding_versions set dropped_at = now(), status = 'retired'",
            "update embedding_versions set model = 'another'",
            "insert into embedding_versions default values",
            "delete from embedding_alias_history",
            "update pipeline.migration_hashes set sha256 = ''",
            "drop table item_embeddings_v2",
            "create table mine ()",
        )
        writer.execute("drop table catalog.of_dbt")
        with pytest.raises(ConfigurationError, match=r"may not drop versions: .* catalog_embeddings_migrator"):
            drop_version(writer, "v2")
        with pytest.raises(ConfigurationError, match="may not make versions"):
            embedding_versions.register(writer, "v3", version.spec, "another fingerprint")


def test_a_migrator_deploys_makes_versions_and_drops_them_without_being_a_superuser(
    login: Login, empty_database_url: str, postgres_server: str
) -> None:
    address = login(empty_database_url, "migrator")
    with connect(empty_database_url) as superuser:
        # What a superuser does once, as docs/deployment.md says.
        superuser.execute("create extension vector")
        superuser.execute("grant create on schema public to catalog_embeddings_migrator")
        name = sql.Identifier(superuser.info.dbname)
        superuser.execute(sql.SQL("grant create on database {} to catalog_embeddings_migrator").format(name))
    with connect(address) as deployer:
        user = deployer.info.user
        deployer.execute(f"alter role {user} set role catalog_embeddings_migrator".encode())
    report = migrate(address)
    assert report.applied[0] == "0001_create_extension_and_schemas"
    assert report.not_granted == []
    shelf = Shelf(connect(address), uuid.UUID(int=1), uuid.UUID(int=2))
    with shelf.connection:
        shelf.version("v1")
        shelf.item("own", [1, 0])
        shelf.version("v2")
        shelf.activate("v2")
        assert drop_version(shelf.connection, "v1") > 0
        with pytest.raises(InputError, match="readers see version v2"):
            drop_version(shelf.connection, "v2")
    with connect(login(empty_database_url, "reader")) as reader:
        assert _count(reader, "active_item_embeddings") == 0
    # The next deploy, by another member, changes what the first has made.
    second = login(empty_database_url, "migrator")
    assert migrate(second).applied == []


def test_what_this_user_may_not_do_is_said_and_the_rest_goes_on(
    login: Login, database_url: str, shelf: Shelf, connection: Connection
) -> None:
    user = connect(login(database_url, "writer"))
    with user:
        name = user.info.user
    with connection.transaction(force_rollback=True):
        connection.execute("alter role catalog_embeddings_reader rename to another_name")
        connection.execute(f"set local role {name}".encode())
        ((undone,),) = shelf.ask("select pipeline.grant_roles()")
    assert "create role catalog_embeddings_reader nologin" in undone
    assert "grant catalog_embeddings_reader to catalog_embeddings_writer" in undone
    assert shelf.ask("select pipeline.grant_roles()") == [([],)]
