"""The command ``catalog-embeddings``: which commands there are, and what their endings mean.

Exit codes: 0 done, 1 failed, 2 bad arguments or input, 3 finished but above the failure threshold, 4 paused.
"""

import logging
import sys

import psycopg
import typer

from catalog_embeddings.cli import admin_commands, dead_letter_commands, run_commands, search_commands, version_commands
from catalog_embeddings.cli.compare_command import compare_versions
from catalog_embeddings.cli.demo_command import demo
from catalog_embeddings.cli.emulator_command import emulator
from catalog_embeddings.cli.enrich_command import enrich
from catalog_embeddings.cli.evaluate_command import evaluate
from catalog_embeddings.cli.import_command import import_catalog
from catalog_embeddings.cli.index_command import index_version
from catalog_embeddings.cli.item_command import embed_item
from catalog_embeddings.cli.output import notes
from catalog_embeddings.cli.rebuild_command import rebuild
from catalog_embeddings.cli.up_command import down, up
from catalog_embeddings.errors import (
    CatalogEmbeddingsError,
    ConfigurationError,
    InputError,
    RunPaused,
    ThresholdExceeded,
)

app = typer.Typer(
    name="catalog-embeddings",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="A product catalog in Postgres becomes versioned, searchable vectors in pgvector.",
)
app.command()(demo)
app.command()(up)
app.command()(down)
app.command()(admin_commands.migrate)
app.command("import")(import_catalog)
app.command()(run_commands.plan)
app.command()(run_commands.run)
app.command()(rebuild)
app.command("embed-item")(embed_item)
app.command()(search_commands.search)
app.command()(search_commands.similar)
app.command()(evaluate)
app.command()(enrich)
app.command()(emulator)
app.command()(admin_commands.psql)
version_commands.versions.command("compare")(compare_versions)
version_commands.versions.command("index")(index_version)
app.add_typer(version_commands.versions, name="versions")
app.add_typer(dead_letter_commands.dead_letters, name="dead-letters")

# What a database says that was never migrated.
_NO_SCHEMA = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction)

_EXIT_CODES: dict[type[CatalogEmbeddingsError], int] = {
    ConfigurationError: 2,
    InputError: 2,
    ThresholdExceeded: 3,
    RunPaused: 4,
}


# What a shell expects of a program that was ended by Ctrl-C.
_INTERRUPTED = 130


def exit_code(error: CatalogEmbeddingsError) -> int:
    """The exit code that stands for an error."""
    return next((code for kind, code in _EXIT_CODES.items() if isinstance(error, kind)), 1)


def _tell(error: CatalogEmbeddingsError) -> int:
    notes.print(f"[red]{type(error).__name__}[/]: ", end="")
    notes.print(str(error), markup=False, highlight=False, soft_wrap=True)
    return exit_code(error)


def main() -> None:
    """Run the command line; our own errors become one sentence on standard error and an exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        app()
    except CatalogEmbeddingsError as error:
        sys.exit(_tell(error))
    except _NO_SCHEMA:
        sys.exit(_tell(ConfigurationError("the database lacks this schema: run `catalog-embeddings migrate` first")))
    except SystemExit as ended:
        # The library that reads the command line takes Ctrl-C for itself, and leaves only its exit code.
        if ended.code == _INTERRUPTED:
            notes.print("Interrupted. Nothing is lost: run the same command again to go on.")
        raise


if __name__ == "__main__":
    main()
