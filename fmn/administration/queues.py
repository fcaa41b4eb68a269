"""Broker queues: the number of tasks waiting in each, and of processes that consume from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import dramatiq
import pika
from dramatiq.brokers.stub import StubBroker
from dramatiq.common import xq_name
from pika.exceptions import AMQPError, ChannelClosedByBroker

from fmn.infra.broker import DIGESTS_QUEUE, MATCH_QUEUE, backend_queue
from fmn.settings import BrokerSettings

#: Time limit for RabbitMQ's answers, in seconds: somebody is waiting for the page.
TIMEOUT_SECONDS: Final = 3


class BrokerUnavailableError(Exception):
    """The broker can't be reached; the text says why."""


@dataclass(frozen=True)
class Queue:
    """A queue: ``waiting`` tasks and the ``processes`` that consume them.

    Tasks that failed too often are ``quarantined``; RabbitMQ keeps them for a week.
    """

    name: str
    waiting: int
    processes: int
    quarantined: int = 0


def queues(settings: BrokerSettings, contexts: Iterable[str]) -> Sequence[Queue]:
    """Return FMN's queues that exist. Raises :class:`BrokerUnavailableError`."""
    names = [MATCH_QUEUE, DIGESTS_QUEUE, *map(backend_queue, contexts)]
    if settings.url == "memory://":
        return _in_memory(names)
    with _connected(settings) as connection:
        return [found for name in names if (found := _queue(connection, name))]


def check_connection(settings: BrokerSettings) -> None:
    """Connect to the broker and disconnect. Raises :class:`BrokerUnavailableError`."""
    if settings.url != "memory://":
        with _connected(settings):
            pass


@contextmanager
def _connected(settings: BrokerSettings) -> Iterator[pika.BlockingConnection]:
    try:
        with pika.BlockingConnection(_parameters(settings.url)) as connection:
            yield connection
    except (AMQPError, OSError) as error:
        raise BrokerUnavailableError(f"RabbitMQ doesn't answer: {type(error).__name__}") from error


def _in_memory(names: Iterable[str]) -> Sequence[Queue]:
    broker = dramatiq.get_broker()
    if not isinstance(broker, StubBroker):
        raise BrokerUnavailableError("the broker is in the memory of another process")
    return [Queue(name, broker.queues[name].qsize(), 1) for name in names if name in broker.queues]


def _parameters(url: str) -> pika.URLParameters:
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.stack_timeout = TIMEOUT_SECONDS
    parameters.blocked_connection_timeout = TIMEOUT_SECONDS
    parameters.connection_attempts = 1
    return parameters


def _queue(connection: pika.BlockingConnection, name: str) -> Queue | None:
    found, quarantined = _declare_passively(connection, name), _declare_passively(connection, xq_name(name))
    if found is None:
        return None
    return Queue(
        name, found.message_count, found.consumer_count, quarantined.message_count if quarantined else 0)


def _declare_passively(connection: pika.BlockingConnection, name: str) -> Any:
    try:
        return connection.channel().queue_declare(name, passive=True).method
    except ChannelClosedByBroker:  # no process has declared this queue yet
        return None
