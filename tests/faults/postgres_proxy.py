"""A proxy before Postgres that cuts a connection at a marker in what the client sends.

    with PostgresProxy(database_url) as proxy, connect(proxy.url) as connection:
        proxy.cut_at(b"COMMIT", answered=True)  # the server commits and says so, the client never hears it
        proxy.cut_at(b"COPY", nth=3)  # the third COPY from now on does not reach the server
        proxy.cut()  # every connection, now
        proxy.go_down()  # an outage, until proxy.come_back()

Only for connections without TLS, as over loopback: it reads along.
"""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.faults.proxy import PIECE, Proxy

# What ends a server's answer to a statement: ReadyForQuery, before the byte of the transaction's state.
_READY = b"Z\x00\x00\x00\x05"
_LONGEST_MARKER = 64


@dataclass
class _Cut:
    marker: bytes
    answered: bool
    nth: int


class PostgresProxy(Proxy):
    """A proxy before Postgres, at ``url``; ``forwarded`` counts connections."""

    def __init__(self, database_url: str) -> None:
        known = conninfo_to_dict(database_url)
        host, port = str(known.get("host") or "localhost"), int(known.get("port") or 5432)
        super().__init__(Path(host) / f".s.PGSQL.{port}" if host.startswith("/") else (host, port))
        self.url = make_conninfo(database_url, host="127.0.0.1", port=self.port)
        self._cuts: list[_Cut] = []

    def cut_at(self, marker: bytes, *, answered: bool = False, nth: int = 1) -> None:
        """Cut the connection whose client sends ``marker`` for the ``nth`` time from now on, over all connections.

        The server never hears of it; with ``answered`` it does, and what it answers is what gets lost.
        """
        with self.lock:
            self._cuts.append(_Cut(marker, answered, nth))

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            server = self.connect()
            self.count()
            losing = threading.Event()
            self.start(self._relay_answers, server, client, losing)
            tail = b""
            while data := client.recv(PIECE):
                found = self._found(tail, data)
                tail = (tail + data)[-_LONGEST_MARKER:]
                if found is not None and not found.answered:
                    break
                if found is not None:
                    losing.set()
                server.sendall(data)
            self.close(server)
        self.close(client, reset=True)

    def _found(self, tail: bytes, data: bytes) -> _Cut | None:
        """The cut that is due: markers may lie across two pieces, but none is counted twice."""
        with self.lock:
            for cut in self._cuts:
                cut.nth -= (tail + data).count(cut.marker) - tail.count(cut.marker)
            due = next((cut for cut in self._cuts if cut.nth <= 0), None)
            if due is not None:
                self._cuts.remove(due)
                self.count("answer lost" if due.answered else "cut")
        return due

    def _relay_answers(self, server: socket.socket, client: socket.socket, losing: threading.Event) -> None:
        lost = b""
        with suppress(OSError):
            while data := server.recv(PIECE):
                if not losing.is_set():
                    client.sendall(data)
                    continue
                lost += data
                if _READY in lost:
                    break
        self.close(client, reset=True)
        self.close(server)
