"""Running the emulator: in the foreground until it is told to stop, or in a thread beside a test.

Knows sockets, threads and uvicorn; what is answered is ``app``'s business. Anything listens on one address
only, 127.0.0.1 unless told otherwise.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn

from catalog_embeddings.emulator.app import Emulation
from catalog_embeddings.emulator.faults import Behaviour


class Emulator:
    """An emulator that runs in this process."""

    def __init__(self, emulation: Emulation, port: int) -> None:
        self._emulation = emulation
        self.port = port

    @property
    def url(self) -> str:
        """The base URL for a client, with ``/v1``."""
        return f"http://127.0.0.1:{self.port}/v1"

    def stats(self) -> dict[str, object]:
        """What GET /emulator/stats says."""
        return self._emulation.counters.snapshot()

    def faults(self, **settings: object) -> None:
        """Change these settings of ``Behaviour``, keep the others; raises ValueError with a sentence."""
        self._emulation.set_faults(settings)

    def reset(self, **settings: object) -> None:
        """Zero the counters and behave as at the start, but for these settings; raises ValueError."""
        self._emulation.reset(settings)


def serve(host: str = "127.0.0.1", port: int = 8088, *, api_key: str | None = None, **behaviour: object) -> None:
    """Serve until SIGINT or SIGTERM. ``behaviour``: the settings of ``faults.Behaviour``.

    Raises ValueError with a sentence for a wrong setting, OSError where the address cannot be had.
    """
    emulation = Emulation(Behaviour().changed(behaviour), api_key)
    with socket.create_server((host, port)) as listener, contextlib.suppress(KeyboardInterrupt):
        _server(emulation).run(sockets=[listener])


@contextlib.contextmanager
def background(port: int = 0, *, api_key: str | None = None, **behaviour: object) -> Iterator[Emulator]:
    """An emulator in a thread for as long as the block lasts; port 0 takes a free one.

    ``behaviour``: the settings of ``faults.Behaviour``. Requests still in flight at the end are cut off.
    """
    emulation = Emulation(Behaviour().changed(behaviour), api_key)
    server = _server(emulation)
    with socket.create_server(("127.0.0.1", port)) as listener:
        # The socket listens already: who connects before the thread is ready waits, and is not refused.
        thread = threading.Thread(target=server.run, args=([listener],), name="emulator", daemon=True)
        thread.start()
        try:
            yield Emulator(emulation, listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def _server(emulation: Emulation) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            emulation.app(),
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_keep_alive=60,  # a client's idle connection is not closed under its hands
            timeout_graceful_shutdown=1,  # a stalled answer must not hold up the end
        )
    )
