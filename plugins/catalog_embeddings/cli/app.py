"""The command ``catalog-embeddings`` and what its endings mean; which commands it has is told in ``commands``.

Exit codes: 0 done, 1 failed, 2 bad arguments or input, 3 finished but above the failure threshold, 4 paused.
"""

import logging
import sys

from catalog_embeddings.cli.commands import app
from catalog_embeddings.cli.output import notes
from catalog_embeddings.errors import (
    CatalogEmbeddingsError,
    ConfigurationError,
    InputError,
    RunPaused,
    ThresholdExceeded,
)

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
    except SystemExit as ended:
        # The library that reads the command line takes Ctrl-C for itself, and leaves only its exit code.
        if ended.code == _INTERRUPTED:
            notes.print("Interrupted. Nothing is lost: run the same command again to go on.")
        raise


if __name__ == "__main__":
    main()
