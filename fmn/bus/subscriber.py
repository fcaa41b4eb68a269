"""Listening: one SUB socket connected to every publisher, and what arrives, in batches."""

from __future__ import annotations

import math
import resource
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

import structlog
import zmq

from fmn import metrics
from fmn.bus.endpoints import Resolver, resolves
from fmn.bus.errors import BusError
from fmn.bus.links import Away, Links
from fmn.bus.sockets import Context, listening_socket
from fmn.clock import utc_now

#: Milliseconds within which an idle subscriber notices that it's to stop, or that a host was found.
IDLE_MILLISECONDS = 200
#: Open files beside the endpoints' connections: database, broker, logs, libraries.
OTHER_FILES = 512

logger = structlog.get_logger()


class Subscriber:
    """Listens to ``endpoints`` for messages whose topics match the patterns ``topics``.

    A context manager. Only one thread may use it, as with any ZeroMQ socket.
    """

    def __init__(
            self, endpoints: Sequence[str], topics: Sequence[str], context: Context | None = None, *,
            lookup: Callable[[str], bool] = resolves, away: Away | None = None) -> None:
        """Raises :class:`BusError` if one of ``endpoints`` isn't an address.

        ``away`` is told from when until when a publisher couldn't be heard, once it can be again.
        """
        self._resolver = Resolver(endpoints, lookup=lookup)
        _allow_open_files(len(endpoints) + OTHER_FILES)
        self._context, self._owns_context = context or zmq.Context(), context is None
        self._socket = listening_socket(self._context, topics)
        self._links = Links(self._socket, away, utc_now) if away is not None else None
        self._connect()

    def batches(
            self, stop: threading.Event, size: int = 100,
            wait_milliseconds: int = 50) -> Iterator[list[list[bytes]]]:
        """What arrives, as lists of messages, each a list of its frames; ends when ``stop`` is set.

        A batch is given as soon as it has ``size`` messages, or ``wait_milliseconds`` after its first
        one. There are no empty batches.
        """
        while not stop.is_set():
            metrics.loop_moved.labels("consumer").set_to_current_time()
            self._connect()
            if self._links is not None:
                self._links.look()
            if self._socket.poll(IDLE_MILLISECONDS):
                yield self._batch(stop, size, wait_milliseconds)

    def _batch(self, stop: threading.Event, size: int, wait_milliseconds: int) -> list[list[bytes]]:
        deadline = time.monotonic() + wait_milliseconds / 1000
        batch: list[list[bytes]] = []
        while len(batch) < size:
            try:
                batch.append(self._socket.recv_multipart(zmq.NOBLOCK))
            except zmq.Again:
                remaining = math.ceil((deadline - time.monotonic()) * 1000)
                if remaining <= 0 or stop.is_set():
                    break
                self._socket.poll(min(remaining, IDLE_MILLISECONDS))
        return batch

    def _connect(self) -> None:
        for endpoint in self._resolver.ready():
            if self._links is not None:
                self._links.expect(endpoint)
            try:
                self._socket.connect(endpoint)
            except zmq.ZMQError as error:
                self.close()
                raise BusError(f"{endpoint} can't be connected to: {error.strerror}") from error
            logger.info("listening", endpoint=endpoint)

    def close(self) -> None:
        """Stop listening; what wasn't taken is gone."""
        self._resolver.close()
        if self._links is not None:
            self._links.close()
        self._socket.close()
        if self._owns_context:
            self._context.term()

    def __enter__(self) -> Self:
        return self

    def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None,
            trace: TracebackType | None) -> None:
        self.close()


def _allow_open_files(wanted: int) -> None:
    """Raise this process's limit of open files if it is lower; each connection takes one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if limit < wanted:
        logger.warning("open files limited", limit=limit, wanted=wanted)
