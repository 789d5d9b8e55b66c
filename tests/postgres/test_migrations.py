"""Migrations: each applied once and frozen by its hash, objects refreshed every time, safe beside a second deploy."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from catalog_embeddings.errors import ConfigurationError
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.migrations import migrate, require_migrated
from catalog_embeddings.resources import sql_directory

MIGRATIONS = [path.stem for path in sorted((sql_directory() / "migrations").glob("*.sql"))]

# Everything a release makes in a database, as Postgres itself spells it. Partitions and extensions come with it.
CATALOG = """
with ours as (
    select oid, nspname from pg_namespace where nspname in ('public', 'pipeline', 'analytics', 'catalog')
),
own_relations as (
    select pg_class.*, ours.nspname
    from pg_class inner join ours on relnamespace = ours.oid
    where relname !~ 'yoyo|migration_hashes'
),
objects (kind, name, definition) as (
    select 'extension', extname, extversion from pg_extension
    union all
    select 'schema', nspname, '' from ours
    union all
    select relkind::text, format('%s.%s', nspname, relname), coalesce(pg_get_partkeydef(oid), reloptions::text, '')
    from own_relations
    union all
    select
        'column',
        format('%s.%s.%s', nspname, relname, attname),
        concat_ws(' ', attnum, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
    from own_relations
    inner join pg_attribute on attrelid = own_relations.oid and attnum > 0 and not attisdropped
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    union all
    select 'constraint', format('%s.%s.%s', nspname, relname, conname), pg_get_constraintdef(pg_constraint.oid)
    from own_relations inner join pg_constraint on conrelid = own_relations.oid
    union all
    select 'index', format('%s.%s', nspname, relname), pg_get_indexdef(oid) from own_relations where relkind = 'i'
    union all
    select 'trigger', tgname, pg_get_triggerdef(pg_trigger.oid)
    from own_relations inner join pg_trigger on tgrelid = own_relations.oid and not tgisinternal
    union all
    select 'view', format('%s.%s', nspname, relname), pg_get_viewdef(oid) from own_relations where relkind = 'v'
    union all
    select 'comment', obj_description(oid, 'pg_class'), relname from own_relations
    union all
    select
        'function',
        format('%s.%s', ours.nspname, proname),
        concat(pg_get_functiondef(pg_proc.oid), obj_description(pg_proc.oid, 'pg_proc'))
    from pg_proc inner join ours on pronamespace = ours.oid
    where not exists (
        select from pg_depend where objid = pg_proc.oid and deptype = 'e' and classid = 'pg_proc'::regclass
    )
)

select kind, name, definition from objects order by kind, name, definition
"""


@pytest.fixture
def sql(tmp_path: Path) -> Path:
    """A copy of sql/ that a test may edit."""
    return Path(shutil.copytree(sql_directory(), tmp_path / "sql"))


def _ask(address: str, question: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(address) as connection:
        return connection.execute(question.encode()).fetchall()


def _ledger(address: str) -> list[str]:
    return [row[0] for row in _ask(address, "select migration from pipeline.migration_hashes order by migration")]


def test_migrations_are_applied_once(empty_database_url: str) -> None:
    first = migrate(empty_database_url)
    assert first.applied == MIGRATIONS == _ledger(empty_database_url)
    assert first.functions == len(list((sql_directory() / "functions").glob("*.sql"))) > 0
    assert first.views == len(list((sql_directory() / "views").glob("*.sql"))) > 0
    second = migrate(empty_database_url)
    assert (second.applied, second.functions, second.views) == ([], first.functions, first.views)
    assert _ledger(empty_database_url) == MIGRATIONS


def test_an_edited_migration_is_refused_by_name(database_url: str, sql: Path) -> None:
    edited = sql / "migrations" / f"{MIGRATIONS[2]}.sql"
    edited.write_text(edited.read_text(encoding="utf-8") + "\ncreate table smuggled ();\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"{MIGRATIONS[2]}.sql was changed after it was applied"):
        migrate(database_url, sql=sql)
    assert _ask(database_url, "select to_regclass('smuggled')") == [(None,)]


def test_a_database_that_lacks_migrations_is_told_so_and_left_alone(
    empty_database_url: str, database_url: str, sql: Path
) -> None:
    with connect(empty_database_url) as connection:
        with pytest.raises(ConfigurationError, match=f"^{len(MIGRATIONS)} of .* {MIGRATIONS[0]} first"):
            require_migrated(connection)
        assert _ask(empty_database_url, "select to_regnamespace('pipeline')") == [(None,)]
    with connect(database_url) as connection:
        require_migrated(connection, sql=sql)
        (sql / "migrations" / "9999_create_more.sql").write_text("create table more ();", encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"^1 of .* 9999_create_more first"):
            require_migrated(connection, sql=sql)
        with (sql / "migrations" / f"{MIGRATIONS[2]}.sql").open("a", encoding="utf-8") as edited:
            edited.write("\n")
        with pytest.raises(ConfigurationError, match=f"{MIGRATIONS[2]}.sql was changed"):
            require_migrated(connection, sql=sql)


def test_two_deploys_at_once_apply_everything_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda _: migrate(empty_database_url), range(2)))
    assert sorted(reports[0].applied + reports[1].applied) == MIGRATIONS == _ledger(empty_database_url)


def test_a_schema_migrated_step_by_step_is_the_fresh_schema(
    database_url: str, empty_database_url: str, sql: Path, tmp_path: Path
) -> None:
    growing = tmp_path / "growing"
    for folder in ("migrations", "functions", "views"):
        (growing / folder).mkdir(parents=True)
    for migration in MIGRATIONS:
        shutil.copy(sql / "migrations" / f"{migration}.sql", growing / "migrations")
        assert migrate(empty_database_url, sql=growing).applied == [migration]
    assert migrate(empty_database_url, sql=sql).applied == []
    fresh = _ask(database_url, CATALOG)
    assert _ask(empty_database_url, CATALOG) == fresh
    assert {kind for kind, _, _ in fresh} >= {"p", "r", "column", "constraint", "index", "trigger", "function", "view"}


def test_what_ran_before_a_failing_migration_stays_applied_and_frozen(empty_database_url: str, sql: Path) -> None:
    for migration in MIGRATIONS[3:]:
        (sql / "migrations" / f"{migration}.sql").unlink()
    for folder in ("functions", "views"):
        shutil.rmtree(sql / folder)
        (sql / folder).mkdir()
    broken = sql / "migrations" / "0004_create_nonsense.sql"
    broken.write_text(f"-- depends: {MIGRATIONS[2]}\ncreate table half ();\nselect 1 / 0;\n", encoding="utf-8")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty_database_url, sql=sql)
    assert _ledger(empty_database_url) == MIGRATIONS[:3]
    assert _ask(empty_database_url, "select to_regclass('half')") == [(None,)]
    broken.write_text(f"-- depends: {MIGRATIONS[2]}\ncreate table half ();\n", encoding="utf-8")
    assert migrate(empty_database_url, sql=sql).applied == ["0004_create_nonsense"]


def test_a_deploy_that_was_killed_does_not_lock_out_the_next(empty_database_url: str) -> None:
    migrate(empty_database_url)
    with connect(empty_database_url) as connection:
        connection.execute("insert into yoyo_lock (locked, ctime, pid) values (1, now(), 1)")
    assert migrate(empty_database_url).applied == []


def test_what_a_killed_deploy_applied_is_recorded_by_the_next(empty_database_url: str) -> None:
    migrate(empty_database_url)
    with connect(empty_database_url) as connection:
        connection.execute("delete from pipeline.migration_hashes where migration = %s", [MIGRATIONS[-1]])
        assert migrate(empty_database_url).applied == []
        require_migrated(connection)


def test_objects_are_refreshed_on_every_deploy(database_url: str, sql: Path) -> None:
    view = sql / "views" / "active_item_embeddings.sql"
    view.write_text(view.read_text(encoding="utf-8").replace("One row an item", "A row an item"), encoding="utf-8")
    comment = "select obj_description('active_item_embeddings'::regclass) like 'A row an item%'"
    assert _ask(database_url, comment) == [(False,)]
    migrate(database_url, sql=sql)
    assert _ask(database_url, comment) == [(True,)]


def test_a_source_table_that_is_there_already_is_left_alone(empty_database_url: str) -> None:
    with connect(empty_database_url) as connection:
        connection.execute("create schema analytics")
        connection.execute(
            "create table analytics.catalog_features_raw (org_id uuid, namespace text, item_id text, title text,"
            " description text, brand text, category text, attributes jsonb, tags text [], image_url text,"
            " locale text, metadata_version text, updated_at timestamptz, theirs int)"
        )
        migrate(empty_database_url)
        connection.execute("select theirs from analytics.catalog_features_raw")
