"""Thousands of connections that listen to streams, and note when their events come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

#: What an event's data begins with, in a stream.
DATA: Final = b"\ndata: "
#: Connections that are opened at the same time.
AT_ONCE: Final = 50


class Listener(asyncio.Protocol):
    """One connection. ``arrivals`` are when each of its events came, in seconds of the monotonic clock."""

    def __init__(self, arrived: Callable[[int], None]) -> None:
        self.arrivals: list[float] = []
        self.begun = asyncio.Event()
        self._arrived = arrived
        self._unread = b"\n"

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if not self.begun.is_set() and b"\r\n\r\n" in self._unread:
            if not self._unread.startswith(b"\nHTTP/1.1 200"):
                raise RuntimeError(self._unread.decode())
            self.begun.set()
        if found := self._unread.count(DATA):
            self.arrivals += [time.monotonic()] * found
            self._unread = self._unread[self._unread.rindex(DATA) + len(DATA):]
            self._arrived(found)


class Crowd:
    """All who listen to a server on this host."""

    def __init__(self, port: int) -> None:
        self.listeners: list[Listener] = []
        self._port = port
        self._arrived = 0
        self._wanted = 0
        self._all_there = asyncio.Event()

    async def connect(self, requests: Sequence[tuple[str, Mapping[str, str]]]) -> None:
        """Open a connection for each request, a path and headers; returns when all streams have begun."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(path: str, headers: Mapping[str, str]) -> None:
            async with room:
                transport, listener = await asyncio.get_running_loop().create_connection(
                    lambda: Listener(self._note), "127.0.0.1", self._port)
                lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1",
                         *(f"{name}: {value}" for name, value in headers.items())]
                transport.write("\r\n".join([*lines, "", ""]).encode())
                await listener.begun.wait()
                self.listeners.append(listener)

        await asyncio.gather(*(one(path, headers) for path, headers in requests))

    async def has_got(self, count: int) -> None:
        """Return when as many events have come as if each had got so many."""
        self._wanted = count * len(self.listeners)
        self._all_there.clear()
        self._note(0)
        await self._all_there.wait()

    def _note(self, found: int) -> None:
        self._arrived += found
        if self._arrived >= self._wanted:
            self._all_there.set()
