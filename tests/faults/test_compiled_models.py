"""A night without dbt is a night with dbt: its statements fill the same tables with the same rows."""

from pathlib import Path

from psycopg import sql

from catalog_embeddings.dbt.build import dbt_build
from tests.faults.compiled_models import redo_models
from tests.faults.conftest import World


def _rows(world: World) -> dict[str, list[str]]:
    return {
        model.table: sorted(
            str(row)
            for row in world.connection.execute(
                sql.SQL("select * from {}").format(sql.Identifier(model.schema, model.table))
            )
        )
        for model in world.models
    }


def test_the_second_night_is_the_one_that_dbt_finds(world: World, tmp_path: Path) -> None:
    stale = _rows(world)
    redo_models(world.connection, world.models)
    redone = _rows(world)
    dbt_build(world.database_url, target_directory=tmp_path / "dbt", log=lambda _: None)
    assert redone == _rows(world)
    assert {table for table in stale if stale[table] != redone[table]} == {
        "catalog_change_counts",
        "catalog_record_hashes",
        "changed_catalog_items",
        "deleted_catalog_items",
        "int_catalog_item_changes",
    }
