"""Publishers' addresses: which of them can be connected to, and when.

libzmq looks host names up in the one thread that moves all messages, and again and again if that
fails. So only names that resolve are given to it, and we look them up in a thread of our own.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue

import structlog

from fmn.bus.errors import BusError

#: Seconds until a host name that nobody knows is looked up again.
RETRY_SECONDS = 60.0

HIGHEST_PORT = 65535

_TCP = re.compile(r"tcp://(?P<host>[^:\s]+|\[[^\]\s]+\]):(?P<port>[0-9]{1,5})")

logger = structlog.get_logger()


def host_of(endpoint: str) -> str | None:
    """The host name in ``endpoint``; ``None`` if there's nothing to look up.

    Raises :class:`BusError` if it isn't an address.
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


def resolves(host: str) -> bool:
    """Whether ``host`` has an IPv4 address, the kind that libzmq uses unless told otherwise."""
    try:
        return bool(socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM))
    except (OSError, UnicodeError):  # UnicodeError: no host can be called that
        return False


class Resolver:
    """Sorts endpoints into those that can be connected to and those whose host isn't known yet.

    Each host is warned of once, however often it's looked up in vain.
    """

    def __init__(
            self, endpoints: Iterable[str], *, lookup: Callable[[str], bool] = resolves,
            retry_seconds: float = RETRY_SECONDS) -> None:
        """Raises :class:`BusError` if one of ``endpoints`` isn't an address."""
        self._ready: SimpleQueue[str] = SimpleQueue()
        self._waiting: dict[str, list[str]] = {}
        self._lookup, self._retry_seconds = lookup, retry_seconds
        self._closed = threading.Event()
        for endpoint in dict.fromkeys(endpoints):
            host = host_of(endpoint)
            if host is None:
                self._ready.put(endpoint)
            else:
                self._waiting.setdefault(host, []).append(endpoint)
        if self._waiting:
            threading.Thread(target=self._look_up, name="fmn-bus-resolver", daemon=True).start()

    def ready(self) -> list[str]:
        """The endpoints that can be connected to and haven't been returned before."""
        endpoints = []
        try:
            while True:
                endpoints.append(self._ready.get_nowait())
        except Empty:
            return endpoints

    def close(self) -> None:
        """Stop looking up."""
        self._closed.set()

    def _look_up(self) -> None:
        warned: set[str] = set()
        while self._waiting:
            for host in list(self._waiting):
                if self._closed.is_set():
                    return
                if self._lookup(host):
                    for endpoint in self._waiting.pop(host):
                        self._ready.put(endpoint)
                elif host not in warned:
                    warned.add(host)
                    logger.warning("bus host not found", host=host, retry_seconds=self._retry_seconds)
            self._closed.wait(self._retry_seconds if self._waiting else 0)
