"""The commands that look after the database: ``migrate``, ``psql``."""

import os
import subprocess
from typing import Annotated, Any

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer, notes
from catalog_embeddings.errors import InputError
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.embedded import psql_program


def migrate(as_json: JsonFlag = False) -> None:
    """Bring the database to the schema of this release. Safe to run at any time."""
    report = bootstrap.migrate_database()
    done = {
        "applied": report.applied,
        "functions": report.functions,
        "views": report.views,
        "not_granted": report.not_granted,
    }
    names = ", ".join(report.applied) or "nothing: it was up to date"
    if report.not_granted:
        notes.print(
            "This user may not make or grant the roles for readers and writers. It works without them; to have them, "
            "let a superuser run this, then migrate again:",
            soft_wrap=True,
        )
        for statement in report.not_granted:
            notes.print(f"    {statement};", markup=False, highlight=False, soft_wrap=True)
    answer(
        done,
        as_json,
        lambda console: console.print(
            f"Applied {names}. Refreshed {report.functions} functions and {report.views} views."
        ),
    )


def psql(
    command: Annotated[str | None, typer.Option("-c", "--command", help="Run this SQL and leave.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """A psql shell on the configured database, or with -c the answer to one statement."""
    with bootstrap.database_address(bootstrap.settings()) as address:
        if command is not None and as_json:
            answer({"rows": _ask(address, command)}, as_json, lambda _console: None)
            return
        arguments = [
            str(psql_program() or "psql"),
            "--no-psqlrc",
            *(["-v", "ON_ERROR_STOP=1", "-c", command] if command else []),
        ]
        # The address goes through the environment: an argument would show its password to every user.
        variables = {
            "host": "PGHOST",
            "port": "PGPORT",
            "user": "PGUSER",
            "password": "PGPASSWORD",
            "dbname": "PGDATABASE",
        }
        known = conninfo_to_dict(address)
        environment = {name: str(known[part]) for part, name in variables.items() if known.get(part)}
        # The program is psql as found on this machine, the arguments are ours.
        finished = subprocess.run(arguments, env={**os.environ, **environment}, check=False)
    raise typer.Exit(1 if finished.returncode else 0)


def _ask(address: str, command: str) -> list[dict[str, Any]]:
    with connect(address) as connection, connection.cursor(row_factory=dict_row) as cursor:
        try:
            # The statement is the caller's own, typed on the caller's own command line.
            cursor.execute(command.encode())
        except psycopg.Error as error:
            raise InputError(f"Postgres refuses the statement: {error.diag.message_primary or error}") from error
        return cursor.fetchall() if cursor.description else []
