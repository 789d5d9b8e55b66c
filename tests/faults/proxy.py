"""A proxy on a free port of 127.0.0.1 that breaks what lies between a client and a real server.

``HttpProxy`` asks its program about every request, and forwards those it says nothing about:

    with HttpProxy(("127.0.0.1", 9000)) as proxy:
        client = Client(proxy.url)
        proxy.program = in_turn(Answer(503), Answer(503), Reset())  # the next three requests, then none
        proxy.program = sometimes(0.3, rate_limited(seconds=1), seed=7)  # 30 % of all requests
        proxy.program = on("PUT", in_turn(Reset(forwarded=True)))  # the first PUT: done, its answer lost
        proxy.program = lambda request: Stall() if "/chat" in request.path else None
        proxy.go_down()  # an outage: every connection is reset, until proxy.come_back()
        proxy.seen, proxy.forwarded, proxy.broken["Reset"]  # requests

A fault is anything with ``play(exchange)``; a connection carries one request, as its answers say. What cuts
connections to Postgres is in ``postgres_proxy``, on the same ``Proxy``.
"""

import random
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

# A TCP address, or the path of a Unix socket.
Target = tuple[str, int] | Path

#: How much is read from a socket at once: bytes.
PIECE = 65_536


class Proxy(ABC):
    """Accepts connections and serves each in a thread, until the block ends."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.forwarded = 0
        self.broken: Counter[str] = Counter()
        self.ended = threading.Event()
        self._down = False
        self._open: set[socket.socket] = set()
        self.lock = threading.RLock()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended.set()
        # Closing alone does not wake a thread that accepts.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()

    def cut(self) -> None:
        """Reset every open connection."""
        with self.lock:
            for each in list(self._open):
                self.close(each, reset=True)

    def go_down(self) -> None:
        """An outage: reset what is open and what comes."""
        self._down = True
        self.cut()

    def come_back(self) -> None:
        """The end of the outage."""
        self._down = False

    def count(self, broken: str | None = None) -> None:
        """One more was forwarded, or broken by a fault of that name."""
        with self.lock:
            if broken is None:
                self.forwarded += 1
            else:
                self.broken[broken] += 1

    def connect(self) -> socket.socket:
        """A connection to the real server."""
        if isinstance(self._target, Path):
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._target))
        else:
            server = socket.create_connection(self._target)
        with self.lock:
            self._open.add(server)
        return server

    def close(self, connection: socket.socket, *, reset: bool = False) -> None:
        """Close one connection; with ``reset`` the other side is told that it broke."""
        with self.lock, suppress(OSError):
            self._open.discard(connection)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # Closing alone would not wake a thread that reads from it.
            connection.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)
        connection.close()

    def start(self, work: Callable[..., None], *arguments: object) -> None:
        """Do some work in a thread, which the end of the block waits for."""
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.ended.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self.lock:
                self._open.add(client)
            if self._down:
                self.count("outage")
                self.close(client, reset=True)
            else:
                self.start(self._serve, client)

    @abstractmethod
    def _serve(self, client: socket.socket) -> None:
        """Serve one connection to its end."""


@dataclass(frozen=True)
class Request:
    """One HTTP request; the names of its headers are in lower case."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Fault(Protocol):
    """What happens to one exchange instead of what should."""

    def play(self, exchange: "Exchange") -> None:
        """Do it."""


Program = Callable[[Request], Fault | None]


class HttpProxy(Proxy):
    """A proxy before an HTTP server, which breaks what ``program`` says."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.program: Program = in_turn()
        self.seen = 0

    @property
    def url(self) -> str:
        """The address for a client."""
        return f"http://127.0.0.1:{self.port}"

    def _serve(self, client: socket.socket) -> None:
        # A side that goes away in the middle, or is cut off, ends the exchange.
        with suppress(OSError, ValueError):
            with client.makefile("rb") as stream:
                request = self._read(stream.readline, stream.read)
            if request is not None:
                with self.lock:
                    fault = self.program(request)
                    if fault is not None:
                        self.count(type(fault).__name__)
                exchange = Exchange(self, client, request)
                if fault is None:
                    exchange.send(exchange.forward())
                else:
                    fault.play(exchange)
        self.close(client)

    def _read(self, line: Callable[[], bytes], body: Callable[[int], bytes]) -> Request | None:
        first = line().decode("latin-1").split()
        if not first:
            return None
        headers = {}
        while (each := line().strip()) != b"":
            name, _, value = each.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if "transfer-encoding" in headers:
            raise ValueError("this proxy reads requests of a known length only")
        with self.lock:
            self.seen += 1
            number = self.seen
        return Request(number, first[0], first[1], headers, body(int(headers.get("content-length", 0))))


@dataclass(frozen=True)
class Exchange:
    """A request and what can be done with it."""

    proxy: HttpProxy
    client: socket.socket
    request: Request

    def forward(self, without: str | None = None) -> bytes:
        """The server's whole answer; ``without``: a header that the server does not get to see."""
        kept = {name: value for name, value in self.request.headers.items() if name not in {"connection", without}}
        lines = [f"{self.request.method} {self.request.path} HTTP/1.1", "connection: close"]
        lines += [f"{name}: {value}" for name, value in kept.items()]
        server = self.proxy.connect()
        self.proxy.count()
        server.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + self.request.body)
        pieces = []
        while piece := server.recv(PIECE):
            pieces.append(piece)
        self.proxy.close(server)
        return b"".join(pieces)

    def send(self, data: bytes) -> None:
        """Give the client these bytes."""
        self.client.sendall(data)

    def reset(self) -> None:
        """Break the connection to the client."""
        self.proxy.close(self.client, reset=True)

    def wait(self, seconds: float) -> None:
        """Let time pass, but never outlast the proxy."""
        self.proxy.ended.wait(seconds)


@dataclass(frozen=True)
class Answer:
    """The proxy answers itself; the server hears nothing."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def play(self, exchange: Exchange) -> None:
        given = {**self.headers, "content-length": str(len(self.body)), "connection": "close"}
        lines = [f"HTTP/1.1 {self.status} As-Told", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        exchange.send("\r\n".join(lines).encode("latin-1") + self.body)


def rate_limited(
    *, seconds: float | None = None, milliseconds: float | None = None, date: datetime | None = None
) -> Answer:
    """A 429 as OpenAI sends it, with the forms of Retry-After that are given; ``date`` is in UTC."""
    forms = {
        "retry-after-ms": None if milliseconds is None else f"{milliseconds:g}",
        "retry-after": format_datetime(date, usegmt=True) if date else None if seconds is None else f"{seconds:g}",
    }
    body = b'{"error": {"message": "Slow down.", "type": "requests", "code": "rate_limit_exceeded"}}'
    kind = {"content-type": "application/json"}
    return Answer(429, kind | {name: value for name, value in forms.items() if value is not None}, body)


@dataclass(frozen=True)
class Reset:
    """The connection breaks: before the server hears of the request, or after it has answered (a lost answer)."""

    forwarded: bool = False

    def play(self, exchange: Exchange) -> None:
        if self.forwarded:
            exchange.forward()
        exchange.reset()


@dataclass(frozen=True)
class Stall:
    """Silence, then a reset: before the server hears of the request, or in place of its answer."""

    seconds: float = 3_600.0
    forwarded: bool = False

    def play(self, exchange: Exchange) -> None:
        if self.forwarded:
            exchange.forward()
        exchange.wait(self.seconds)
        exchange.reset()


@dataclass(frozen=True)
class Drip:
    """The right answer, ``piece`` bytes at a time."""

    pause_seconds: float
    piece: int = 1

    def play(self, exchange: Exchange) -> None:
        answer = exchange.forward()
        for start in range(0, len(answer), self.piece):
            exchange.send(answer[start : start + self.piece])
            exchange.wait(self.pause_seconds)


@dataclass(frozen=True)
class Truncate:
    """The connection ends after this share of the answer's body; of its head, where it has no body."""

    share: float = 0.5

    def play(self, exchange: Exchange) -> None:
        answer = exchange.forward()
        head = answer.index(b"\r\n\r\n") + 4
        whole = len(answer) > head
        exchange.send(answer[: head + int((len(answer) - head) * self.share) if whole else head // 2])


@dataclass(frozen=True)
class FlipBit:
    """One bit of the answer's body is wrong, at this share of it; an answer without a body passes as it is."""

    share: float = 0.5

    def play(self, exchange: Exchange) -> None:
        answer = bytearray(exchange.forward())
        head = answer.index(b"\r\n\r\n") + 4
        bits = (len(answer) - head) * 8
        if bits:
            bit = min(int(bits * self.share), bits - 1)
            answer[head + bit // 8] ^= 1 << bit % 8
        exchange.send(bytes(answer))


@dataclass(frozen=True)
class StripHeader:
    """The server never sees this header of the request (its name in lower case)."""

    name: str

    def play(self, exchange: Exchange) -> None:
        exchange.send(exchange.forward(without=self.name))


def in_turn(*faults: Fault | None) -> Program:
    """One of these a request, None for an unharmed one; nothing is broken after the last."""
    left = iter(faults)
    return lambda _request: next(left, None)


def sometimes(share: float, *faults: Fault, seed: int) -> Program:
    """This share of all requests is broken, by one of these faults, as the dice fall."""
    dice = random.Random(seed)
    return lambda _request: dice.choice(faults) if dice.random() < share else None


def always(fault: Fault) -> Program:
    """Every request is broken by this fault."""
    return lambda _request: fault


def on(method: str, program: Program) -> Program:
    """A program that only requests of this method are put to."""
    return lambda request: program(request) if request.method == method else None
