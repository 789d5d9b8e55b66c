"""The commands that look after the database: ``migrate``, ``versions``, ``dead-letters``, ``psql``."""

import os
import subprocess
from typing import Annotated, Any

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.output import JsonFlag, answer
from catalog_embeddings.cli.render import render_rows
from catalog_embeddings.errors import InputError
from catalog_embeddings.pipeline.register import DEFAULT_DIMS, DEFAULT_MODEL, register_version, text_spec
from catalog_embeddings.postgres.connection import connect
from catalog_embeddings.postgres.dead_letters import open_letters
from catalog_embeddings.postgres.embedded import psql_program
from catalog_embeddings.postgres.embedding_aliases import active_version
from catalog_embeddings.postgres.embedding_versions import all_versions
from catalog_embeddings.transform.prompts import DEFAULT_TEMPLATE

versions = typer.Typer(no_args_is_help=True, help="Embedding versions: immutable specs and the vectors made by them.")
dead_letters = typer.Typer(no_args_is_help=True, help="Items that could not be embedded, and why.")


def migrate(as_json: JsonFlag = False) -> None:
    """Bring the database to the schema of this release. Safe to run at any time."""
    report = bootstrap.migrate_database()
    done = {"applied": report.applied, "functions": report.functions, "views": report.views}
    names = ", ".join(report.applied) or "nothing: it was up to date"
    answer(
        done,
        as_json,
        lambda console: console.print(
            f"Applied {names}. Refreshed {report.functions} functions and {report.views} views."
        ),
    )


@versions.command("list")
def list_versions(as_json: JsonFlag = False) -> None:
    """Every version, with its model, template and status; the active one is marked."""
    with bootstrap.open_database() as connection:
        active = active_version(connection)
        rows = [
            {
                "version": found.version,
                "status": found.status,
                "active": found.version == active,
                "provider": found.spec.provider,
                "model": found.spec.model,
                "dims": found.spec.dims,
                "template": found.spec.template,
                "fingerprint": found.fingerprint[:12],
            }
            for found in all_versions(connection)
        ]
    answer({"versions": rows}, as_json, lambda console: render_rows(console, "Embedding versions", rows))


@versions.command("create")
def create_version(
    version: Annotated[str, typer.Argument(help="Its name: lower-case letters, digits and _.")],
    model: Annotated[str, typer.Option(help="The model to ask for.")] = DEFAULT_MODEL,
    dims: Annotated[int, typer.Option(min=1, max=4000, help="The width of its vectors.")] = DEFAULT_DIMS,
    template: Annotated[str, typer.Option(help="The prompt template.")] = DEFAULT_TEMPLATE,
    as_json: JsonFlag = False,
) -> None:
    """Register a version. Nothing is embedded yet: `plan --version` shows what that would cost."""
    with bootstrap.open_platform() as platform:
        spec = text_spec(platform.identify_provider(), model, dims, template)
        created = register_version(platform.connection, version, spec)
    row = {"version": created.version, "status": created.status, "fingerprint": created.fingerprint}
    answer(row, as_json, lambda console: render_rows(console, "Registered", [row]))


@dead_letters.command("list")
def list_dead_letters(as_json: JsonFlag = False) -> None:
    """What is dead at present. A dead letter is tried again when its record changes."""
    with bootstrap.open_database() as connection:
        rows = [
            {
                "item_id": letter.item_id,
                "namespace": letter.namespace,
                "version": letter.version,
                "stage": letter.stage,
                "reason": letter.reason,
                "detail": letter.detail,
                "attempts": letter.attempts,
                "last_seen_at": letter.last_seen_at.isoformat(timespec="seconds"),
            }
            for letter in open_letters(connection)
        ]
    answer({"dead_letters": rows}, as_json, lambda console: render_rows(console, "Dead letters", rows))


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
