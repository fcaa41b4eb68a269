"""Connections of :mod:`httpcore`'s pools: to checked addresses, and over by a deadline.

A name is resolved once, and the checked address is the one connected to, so that DNS rebinding has no
effect. The pools follow no redirects and know no proxies.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import httpcore

#: Bytes sent between checks of the deadline.
_PIECE: Final = 16_384
#: When what this thread does has to be over, in seconds of the monotonic clock.
_deadline: ContextVar[float] = ContextVar("deadline")


@contextmanager
def deadline_at(deadline: float) -> Iterator[None]:
    """Set the deadline of all connections in this context, however slowly the server reads or answers.

    In seconds of the monotonic clock. What isn't over by then raises :class:`httpcore.TimeoutException`.
    """
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def _time_left(error: type[httpcore.TimeoutException]) -> float:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise error("the time is up")
    return left


class GuardedNetworkBackend(httpcore.NetworkBackend):
    """Connects pools to addresses and ports that pass ``check``, which raises :class:`OSError` for others.

    If a name has several addresses, all of them have to pass.
    """

    def __init__(self, check: Callable[[str, int], None]) -> None:
        self._check = check
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection. The deadline replaces ``timeout``. Raises :class:`OSError` as well."""
        addresses = _addresses(host, port)
        for address in addresses:
            self._check(address, port)
        return _TimedStream(self._connected(addresses, port))

    def _connected(self, addresses: Sequence[str], port: int) -> httpcore.NetworkStream:
        *others, last = addresses
        for address in others:
            try:
                return self._plain.connect_tcp(
                    address, port, _time_left(httpcore.ConnectTimeout) / len(addresses))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._plain.connect_tcp(last, port, _time_left(httpcore.ConnectTimeout))


def _addresses(host: str, port: int) -> Sequence[str]:
    """Resolve a host, the best address first. Raises :class:`OSError` without any."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "that can't be a name") from error
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class _TimedStream(httpcore.NetworkStream):
    """A connection whose reads and writes are limited by the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _time_left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start:start + _PIECE], _time_left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _time_left(httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
