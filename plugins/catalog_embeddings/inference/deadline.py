"""An end to every request, however slowly its answer drips in.

httpx's time-outs hold for one read each: a server that sends a byte now and then keeps a request, and its place in
the gate, for ever. Here every read, write and handshake gets what is left of the request's own time.
"""

import ssl
import threading
import time
from functools import cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx2


class DeadlineTransport(httpx2.HTTPTransport):
    """httpx's own transport, whose requests end after so many seconds with a ReadTimeout."""

    def __init__(self, seconds: float, limits: httpx2.Limits, proxy: str | None = None) -> None:
        """A transport with its own pool of connections; ``proxy`` as ``proxy_for`` says."""
        super().__init__(verify=trusted(), limits=limits, proxy=proxy)
        self._seconds = seconds
        self._clock = _Clock()
        pool: Any = self._pool
        # The pool can be given a network backend, but httpx has no way to pass one on.
        pool._network_backend = _Backend(pool._network_backend, self._clock)  # noqa: SLF001

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; the thread that sends it reads the answer too."""
        self._clock.ends_at = time.monotonic() + self._seconds
        return super().handle_request(request)


@cache
def trusted() -> ssl.SSLContext:
    """Whom the clients of this process trust: to read all those certificates takes longer than a small request."""
    return httpx2.create_ssl_context()


def proxy_for(url: httpx2.URL) -> str | None:
    """The proxy that the environment names for an address: a client with its own transport does not look for it."""
    if proxy_bypass(url.host):
        return None
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


class _Clock(threading.local):
    """When the request of this thread has to be over."""

    ends_at = 0.0

    def left(self, timeout: float | None) -> float:
        """Seconds for the next step: ``timeout``, or less."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise httpx2.ReadTimeout("the whole answer took too long")
        return left if timeout is None else min(timeout, left)


class _Backend:
    """A network backend of the pool, whose connections keep to the clock."""

    def __init__(self, backend: Any, clock: _Clock) -> None:
        self._backend = backend
        self._clock = clock

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **options: Any) -> "_Stream":
        return _Stream(self._backend.connect_tcp(host, port, self._clock.left(timeout), **options), self._clock)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _Stream:
    """A connection, with the interface that the pool knows."""

    def __init__(self, stream: Any, clock: _Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data: bytes = self._stream.read(max_bytes, self._clock.left(timeout))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._clock.left(timeout)), self._clock)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
