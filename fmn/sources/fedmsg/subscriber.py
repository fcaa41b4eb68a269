"""Subscriber of the bus: a SUB socket connected to every publisher, read in batches."""

from __future__ import annotations

import math
import resource
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import structlog
import zmq

from fmn.infra import metrics
from fmn.infra.clock import utc_now
from fmn.settings import BusSettings
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.publisher_connections import GapCallback, PublisherConnections
from fmn.sources.fedmsg.resolver import Resolver, resolve_ipv4
from fmn.sources.fedmsg.zmq_sockets import Context, receive, subscriber_socket
from fmn.sources.linger import Linger

#: Bytes that complete a batch, whatever its number of messages: decoded they take 25 times as much.
BATCH_BYTES = 4 * 1024 * 1024
#: Milliseconds within which an idle subscriber notices a stop or a resolved host.
IDLE_MILLISECONDS = 200
#: Open files besides the endpoints' connections: database, broker, logs, libraries.
RESERVED_FILES = 512

logger = structlog.get_logger()


def _ignore_gap(_since: datetime, _until: datetime) -> None:
    """Ignore a gap."""


class Subscriber:
    """Subscriber to ``endpoints`` for topics that match the patterns ``topics``.

    A context manager; not thread-safe, as any ZeroMQ socket.
    """

    def __init__(
            self, endpoints: Sequence[str], topics: Sequence[str], context: Context | None = None, *,
            message_bytes: int = BusSettings().max_message_bytes,
            lookup: Callable[[str], str | None] = resolve_ipv4, on_gap: GapCallback = _ignore_gap) -> None:
        """Open the socket.

        Messages larger than ``message_bytes`` are rejected, and much larger ones not read. ``on_gap`` is
        called with the start and end of a publisher's absence, once it's back.

        :raises BusError: one of ``endpoints`` is no valid address
        """
        self._resolver = Resolver(endpoints, lookup=lookup)
        _raise_open_files_limit(len(endpoints) + RESERVED_FILES)
        self._context, self._owns_context = context or zmq.Context(), context is None
        self._socket = subscriber_socket(self._context, topics, message_bytes, len(endpoints))
        self._connections = PublisherConnections(self._socket, on_gap, self._resolver.look_up, utc_now)
        self._connect()

    def batches(
            self, stop: threading.Event, size: int = 100,
            wait_milliseconds: int = 20) -> Iterator[list[list[bytes]]]:
        """Batches of messages, each message a list of frames, until ``stop`` is set.

        A batch is complete with ``size`` messages or :data:`BATCH_BYTES`, or ``wait_milliseconds`` after the
        batch before: a message that comes alone doesn't wait. No batch is empty.
        """
        linger = Linger(wait_milliseconds / 1000)
        while not stop.is_set():
            metrics.loop_timestamp.labels("consumer").set_to_current_time()
            self._connect()
            self._connections.poll()
            if self._socket.poll(IDLE_MILLISECONDS):
                yield self._batch(stop, size, linger)

    def _batch(self, stop: threading.Event, size: int, linger: Linger) -> list[list[bytes]]:
        batch: list[list[bytes]] = []
        taken = 0
        while len(batch) < size and taken < BATCH_BYTES:
            try:
                frames = receive(self._socket)
                batch.append(frames)
                taken += sum(map(len, frames))
            except zmq.Again:
                remaining = math.ceil(linger.remaining() * 1000)
                if remaining <= 0 or stop.is_set():
                    break
                self._socket.poll(min(remaining, IDLE_MILLISECONDS))
        linger.end()
        return batch

    def _connect(self) -> None:
        for endpoint, address in self._resolver.ready():
            try:
                self._connections.connect(endpoint, address)
            except zmq.ZMQError as error:
                self.close()
                raise BusError(f"{endpoint} can't be connected to: {error.strerror}") from error

    def close(self) -> None:
        """Close the socket; unread messages are lost."""
        self._resolver.close()
        self._connections.close()
        self._socket.close()
        if self._owns_context:
            self._context.term()

    def __enter__(self) -> Self:
        return self

    def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None,
            trace: TracebackType | None) -> None:
        self.close()


def _raise_open_files_limit(wanted: int) -> None:
    """Raise this process's limit of open files to ``wanted``; each connection takes one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if limit < wanted:
        logger.warning("open files limited", limit=limit, wanted=wanted)
