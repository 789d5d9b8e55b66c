"""The runner and the change set it builds, on a real database."""

from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb

from catalog_embeddings.dbt import build
from catalog_embeddings.dbt.build import ModelStatus, dbt_build
from catalog_embeddings.errors import ConfigurationError, Permanent, ServerFailed
from catalog_embeddings.postgres.connection import Connection

ORG = "00000000-0000-0000-0000-00000000000a"
COUNTS = "items, new, changed, unchanged, deleted, refused"


@pytest.fixture(scope="module")
def target_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so that dbt parses the project once."""
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture
def rebuild(database_url: str, target_directory: Path) -> Callable[[], list[ModelStatus]]:
    return lambda: dbt_build(database_url, target_directory=target_directory, log=lambda _: None)


@pytest.fixture
def catalog(connection: Connection) -> Connection:
    """Three items, and version v1 whose template shows title and brand."""
    connection.execute(
        """
        insert into public.embedding_versions (
            version, modality, provider, model, dims, template, template_hash, record_fields, chunking,
            fingerprint, status
        )
        values ('v1', 'text', 'p', 'm', 2, 't', 'h', '{title,brand}', '{}', 'f1', 'active')
        """
    )
    connection.execute(
        "create table public.item_embeddings_v1 partition of public.item_embeddings for values in ('v1')"
    )
    for item_id in ("cup", "mug", "pan"):
        add_item(connection, item_id, title=f"Café {item_id}")
    return connection


def add_item(connection: Connection, item_id: str, title: str) -> None:
    connection.execute(
        """
        insert into analytics.catalog_features_raw (org_id, item_id, title, attributes, updated_at)
        values (%s, %s, %s, %s, 'infinity')
        """,
        [ORG, item_id, title, Jsonb({"price": 1})],
    )


def embed_what_changed(connection: Connection) -> None:
    connection.execute(
        """
        insert into public.item_embeddings (
            org_id, item_id, namespace, version, modality, dims, vector, record_hash, content_hash
        )
        select org_id, item_id, namespace, version, 'text', 2, '[1,0]', record_hash, ''
        from catalog.changed_catalog_items
        """
    )


def changes(connection: Connection) -> dict[str, str]:
    rows = connection.execute(
        """
        select item_id, change from catalog.changed_catalog_items where version = 'v1'
        union all
        select item_id, 'deleted' from catalog.deleted_catalog_items where version = 'v1'
        """
    )
    return dict(rows.fetchall())


def counts(connection: Connection) -> tuple[int, ...]:
    row = connection.execute(f"select {COUNTS} from catalog.catalog_change_counts where version = 'v1'").fetchone()
    assert row is not None
    return row


def plan_of_reading_one_item(connection: Connection) -> str:
    connection.execute("set enable_seqscan = off")
    rows = connection.execute(
        "explain select items.* from catalog.changed_catalog_items inner join catalog.catalog_items as items"
        " using (org_id, namespace, item_id) where version = 'v1'"
    )
    return "\n".join(line for (line,) in rows)


def plan_of_reading_everything_in_a_worker(connection: Connection) -> str:
    connection.execute("set debug_parallel_query = on")
    rows = connection.execute("explain select * from catalog.catalog_items cross join catalog.stg_embedding_versions")
    plan = "\n".join(line for (line,) in rows)
    connection.execute("reset debug_parallel_query")
    return plan


def test_the_life_of_items(catalog: Connection, rebuild: Callable[[], list[ModelStatus]]) -> None:
    statuses = {status.name: status for status in rebuild()}

    assert statuses["catalog_record_hashes"].rows == 3
    assert {status.status for status in statuses.values()} == {"success", "pass"}
    assert changes(catalog) == {"cup": "new", "mug": "new", "pan": "new"}
    assert counts(catalog) == (3, 3, 0, 0, 0, 0)

    # A view that is not merged into the query would clean the whole catalog for a few items.
    assert "Index Scan using catalog_features_raw_pkey" in plan_of_reading_one_item(catalog)
    # What cannot be read in a worker keeps the catalog from being cleaned and hashed in parallel.
    assert plan_of_reading_everything_in_a_worker(catalog).startswith("Gather")

    embed_what_changed(catalog)
    # What v1 cannot see: the price, the time, and how the letters of the same word are composed.
    catalog.execute(
        """
        update analytics.catalog_features_raw
        set attributes = '{"price": 2}', updated_at = now(), title = normalize(title, nfd)
        """
    )
    catalog.execute("delete from analytics.catalog_features_raw where item_id = 'cup'")
    catalog.execute("update analytics.catalog_features_raw set title = title || '!' where item_id = 'pan'")
    add_item(catalog, "pot", title="Pot")
    add_item(catalog, "tin", title="Tin")
    catalog.execute(
        """
        insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason, record_hash)
        values ('v1', %s, 'default', 'pot', 'embed', 'refused', sha256('title:3:Potbrand:-1:'))
        """,
        [ORG],
    )
    rebuild()
    assert changes(catalog) == {"pan": "changed", "tin": "new", "cup": "deleted"}
    assert counts(catalog) == (4, 1, 1, 1, 1, 1)


def test_a_failing_data_test_stops_the_build_before_the_models(
    catalog: Connection, database_url: str, target_directory: Path
) -> None:
    catalog.execute("alter table analytics.catalog_features_raw drop constraint catalog_features_raw_pkey")
    add_item(catalog, "cup", title="Café cup")
    lines: list[str] = []

    with pytest.raises(Permanent, match="source_unique_combination_analytics_catalog_features_raw") as raised:
        dbt_build(database_url, target_directory=target_directory, log=lines.append)

    assert "dbt model changed_catalog_items: skipped" in "\n".join(lines)
    assert "Café" not in "\n".join([str(raised.value), *lines])


def test_a_failing_model_is_named(catalog: Connection, rebuild: Callable[[], list[ModelStatus]]) -> None:
    catalog.execute("alter table analytics.catalog_features_raw drop column brand")

    with pytest.raises(Permanent, match='model stg_catalog_features: column "brand" does not exist'):
        rebuild()


def test_a_failing_report_stops_no_night(catalog: Connection, database_url: str, target_directory: Path) -> None:
    catalog.execute("alter table analytics.recommendation_events drop column clicks")
    lines: list[str] = []

    statuses = dbt_build(database_url, target_directory=target_directory, log=lines.append)

    ended = {status.name: status.status for status in statuses if status.kind == "model"}
    assert ended["recommendation_ctr_by_version"] == "error"
    assert ended["changed_catalog_items"] == "success"
    assert any("recommendation_ctr_by_version: error" in line and '"clicks" does not exist' in line for line in lines)


def test_a_database_that_does_not_answer_may_answer_later(target_directory: Path) -> None:
    with pytest.raises(ServerFailed, match="Connection refused") as raised:
        dbt_build(
            "postgresql://feed:pass-word@127.0.0.1:1/shop",
            target_directory=target_directory,
            log=lambda _: None,
        )
    assert "pass-word" not in str(raised.value)


def test_a_malformed_address_is_not_repeated(target_directory: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        dbt_build("postgresql://feed:pass-word@[", target_directory=target_directory, log=lambda _: None)
    assert "pass-word" not in str(raised.value)


def test_the_address_reaches_dbt_as_libpq_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_TARGET", "somewhere else")

    environment = build._environment("postgresql://feed:p%40ss@/shop?host=/run/postgres&sslmode=require")

    expected = {
        "PGHOST": "/run/postgres",
        "PGUSER": "feed",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "shop",
        "PGSSLMODE": "require",
    }
    assert expected.items() <= environment.items()
    assert "DBT_TARGET" not in environment


@pytest.mark.parametrize(
    ("message", "first_line"),
    [
        ("Database Error in model m (m.sql)\n  bad value\n  DETAIL:  Key (title)=(Cup)\n", "bad value"),
        ("Got 2 results, configured to fail if != 0", "Got 2 results, configured to fail if != 0"),
        (
            "10:11:12  Encountered an error:\nRuntime Error\n  Compilation Error\n    no such macro",
            "no such macro",
        ),
        ("", "dbt gave no reason"),
    ],
)
def test_the_lines_that_may_quote_data_are_dropped(message: str, first_line: str) -> None:
    assert build._first_line(message) == first_line
