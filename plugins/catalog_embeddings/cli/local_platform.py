"""The platform's own parts on this machine: the embedded Postgres, migrated, and the emulator of the API.

What is configured is used, what is not is started here; the addresses of both stand in the environment then,
where this process and its children find them. Airflow is left to airflow_home and local_stack.
"""

import http.client
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from catalog_embeddings import bootstrap
from catalog_embeddings.cli.processes import Child, own_command
from catalog_embeddings.errors import ConfigurationError, InputError

LOOPBACK = "127.0.0.1"
_DATABASE = "CATALOG_EMBEDDINGS_DATABASE_URL"
_LAKE = "CATALOG_EMBEDDINGS_LAKE_URL"


def state_directory() -> Path:
    """Where everything of this installation lies, as an absolute path: children may work elsewhere."""
    return bootstrap.settings().state_directory.resolve()


def forget_configured_services() -> None:
    """From here on this process knows no database, lake or API but its own: a demo touches nothing else."""
    for name in (_DATABASE, _LAKE, "OPENAI_API_KEY", "OPENAI_BASE_URL", "CATALOG_EMBEDDINGS_ALERT_URL"):
        os.environ.pop(name, None)


def has_endpoint() -> bool:
    """Whether an embeddings API is configured."""
    configured = bootstrap.settings()
    return configured.openai_api_key is not None or configured.openai_base_url is not None


@contextmanager
def local_database() -> Iterator[None]:
    """The configured database, or the embedded one for as long as the block lasts, brought up to date."""
    configured = bootstrap.settings()
    with bootstrap.database_address(configured) as address:
        if configured.database_url is not None:
            bootstrap.migrate_database()
        os.environ[_DATABASE] = address
        os.environ["CATALOG_EMBEDDINGS_STATE_DIRECTORY"] = str(state_directory())
        yield


class LocalEmulator:
    """The emulator as a process beside this one, on a free port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.command = own_command("emulator", "--port", str(self.port))

    @property
    def environment(self) -> dict[str, str]:
        """What makes a client speak to it; the key is asked for by the protocol and checked by nobody."""
        return {"OPENAI_BASE_URL": f"http://{LOOPBACK}:{self.port}/v1", "OPENAI_API_KEY": "emulator"}

    def wait_until_ready(self, child: Child, log: Path, timeout_seconds: float = 60) -> None:
        """Wait for its first answer.

        Raises:
            ConfigurationError: it ended, or did not answer in time; the sentence names its log.
        """
        deadline = time.monotonic() + timeout_seconds
        while self.stats() is None:
            if not child.is_alive() or time.monotonic() > deadline:
                raise ConfigurationError(f"the emulator of the embeddings API did not come up: {log} says why")
            time.sleep(0.1)

    def stats(self) -> dict[str, Any] | None:
        """What it has counted since it started; None while it does not answer."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/emulator/stats")
            return dict(json.loads(connection.getresponse().read()))
        except OSError:
            return None
        finally:
            connection.close()


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


def refuse_taken_port(port: int) -> None:
    """Say early, and in one sentence, what would otherwise be the last line of a long log.

    Raises:
        InputError: something listens there.
    """
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        raise InputError(f"port {port} is taken by another program: choose a free one with --port") from None
