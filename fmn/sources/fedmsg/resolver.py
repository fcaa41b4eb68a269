"""DNS resolver of publishers' endpoints, in a thread of its own.

libzmq resolves host names in its only I/O thread, repeatedly if that fails, and identifies a connection by
the IP address. So it gets IP addresses only.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

import structlog

from fmn.sources.errors import BusError

#: Seconds until an unknown host name is looked up again.
RETRY_SECONDS = 60.0

HIGHEST_PORT = 65535

_TCP = re.compile(r"tcp://(?P<host>[^:\s]+|\[[^\]\s]+\]):(?P<port>[0-9]{1,5})")

logger = structlog.get_logger()


def host_of(endpoint: str) -> str | None:
    """The host name in ``endpoint``; ``None`` if there's nothing to look up.

    :raises BusError: ``endpoint`` is no valid address
    """
    if endpoint.startswith(("ipc://", "inproc://")):
        return None
    match = _TCP.fullmatch(endpoint)
    if match is None or int(match["port"]) > HIGHEST_PORT:
        raise BusError(f"{endpoint} isn't an address such as tcp://hub.example.org:9940")
    host = match["host"]
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host
    return None


def resolve_ipv4(host: str) -> str | None:
    """The IPv4 address of ``host``, libzmq's default family; ``None`` without one."""
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: an invalid host name
        return None
    return str(found[0][4][0]) if found else None


class Resolver:
    """Resolver of endpoints. Logs one warning per unknown host."""

    def __init__(
            self, endpoints: Iterable[str], *, lookup: Callable[[str], str | None] = resolve_ipv4,
            retry_seconds: float = RETRY_SECONDS) -> None:
        """Start the thread.

        :raises BusError: one of ``endpoints`` is no valid address
        """
        self._ready: SimpleQueue[tuple[str, str]] = SimpleQueue()
        self._hosts = {endpoint: host_of(endpoint) for endpoint in endpoints}
        self._waiting: SimpleQueue[str] = SimpleQueue()
        self._lookup, self._retry_seconds = lookup, retry_seconds
        self._closed, self._wake = threading.Event(), threading.Event()
        for endpoint in self._hosts:
            self.look_up(endpoint)
        if any(self._hosts.values()):
            threading.Thread(target=self._run, name="fmn-bus-resolver", daemon=True).start()

    def look_up(self, endpoint: str) -> None:
        """Look an endpoint up (again). It becomes ready when its host is found."""
        if self._hosts[endpoint] is None:
            self._ready.put((endpoint, endpoint))
        else:
            self._waiting.put(endpoint)
            self._wake.set()

    def ready(self) -> list[tuple[str, str]]:
        """Endpoints resolved since the last call, each with its address."""
        return list(_drain(self._ready))

    def close(self) -> None:
        """Stop the thread."""
        self._closed.set()
        self._wake.set()

    def _run(self) -> None:
        warned: set[str] = set()
        missing: set[str] = set()
        while True:
            self._wake.clear()
            if self._closed.is_set():
                return
            missing = self._find([*missing, *_drain(self._waiting)], warned)
            self._wake.wait(self._retry_seconds if missing else None)

    def _find(self, endpoints: Iterable[str], warned: set[str]) -> set[str]:
        """Look endpoints up; returns those not found."""
        missing, found = set(), dict[str, str | None]()
        for endpoint in dict.fromkeys(endpoints):
            host = self._hosts[endpoint] or ""
            if self._closed.is_set():
                break
            if host not in found:
                found[host] = self._lookup(host)
            if (address := found[host]) is not None:
                self._ready.put((endpoint, endpoint.replace(f"//{host}:", f"//{address}:", 1)))
                continue
            missing.add(endpoint)
            if host not in warned:
                warned.add(host)
                logger.warning("bus host not found", host=host, retry_seconds=self._retry_seconds)
        return missing


_Item = TypeVar("_Item")


def _drain(queue: SimpleQueue[_Item]) -> Iterator[_Item]:
    with suppress(Empty):
        while True:
            yield queue.get_nowait()
