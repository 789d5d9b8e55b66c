"""A webhook over real HTTP, on the loopback address: it keeps what is posted to it and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Stands in the address: whoever has it can write to the channel.
SECRET = "T0zanzibar/B0zanzibar"


@dataclass
class Webhook:
    """``status`` is the answer from now on; while ``hold`` is not set, there is none."""

    url: str
    status: int = 200
    location: str | None = None
    hold: threading.Event = field(default_factory=threading.Event)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What was said, in the order in which it arrived."""
        return [body["text"] for _, _, body in self.requests]


@contextmanager
def webhook() -> Iterator[Webhook]:
    """One that answers 200 until it is told otherwise."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            there.requests.append((self.path, self.headers["content-type"], json.loads(body)))
            there.hold.wait()
            self.send_response(there.status)
            if there.location is not None:
                self.send_header("location", there.location)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def do_GET(self) -> None:
            there.requests.append((self.path, "", None))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as listener:
        there = Webhook(url=f"http://127.0.0.1:{listener.server_port}/services/{SECRET}")
        there.hold.set()
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield there
        finally:
            there.hold.set()
            listener.shutdown()
            thread.join()
