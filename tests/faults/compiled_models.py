"""dbt's models once more without dbt: the very selects that one build compiled, for the nights after it.

A dbt build takes seconds, most of them to start. What its models say depends on the tables alone, so a later night
fills them by the same statements; views show the new night by themselves.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from catalog_embeddings.dbt import build
from catalog_embeddings.postgres.connection import Connection


@dataclass(frozen=True)
class CompiledModel:
    """A model that dbt keeps as a table, and the select it was filled by, free of the database's name."""

    schema: str
    table: str
    select: str


def build_models(database_url: str, folder: Path) -> list[CompiledModel]:
    """One real dbt build; returns its tables in the order in which they were built."""
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        build._command(folder, folder / "absent"),
        cwd=folder,
        env=build._environment(database_url),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as dbt:
        said = dbt.stdout.read() if dbt.stdout else ""
    assert dbt.returncode == 0, said
    nodes = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["results"]
    built = [nodes[result["unique_id"]] for result in results]
    return [
        CompiledModel(node["schema"], node["name"], node["compiled_code"].replace(f'"{node["database"]}".', ""))
        for node in built
        if node["resource_type"] == "model" and node["config"]["materialized"] == "table"
    ]


def redo_models(connection: Connection, models: list[CompiledModel]) -> None:
    """Fill every table of the build anew from the catalog as it is now, as the next build would."""
    with connection.transaction():
        for model in models:
            table = sql.Identifier(model.schema, model.table)
            connection.execute(sql.SQL("truncate {}").format(table))
            connection.execute(sql.SQL("insert into {} ").format(table) + sql.SQL(model.select))
        connection.execute("analyze")
