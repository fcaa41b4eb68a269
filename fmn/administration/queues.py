"""Broker queues: the number of tasks waiting in each, and of processes that consume from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import dramatiq
import pika
from dramatiq.brokers.stub import StubBroker
from dramatiq.common import dq_name, xq_name
from pika.exceptions import AMQPError, ChannelClosedByBroker

from fmn.infra.backend_queues import first_partition, has_one_active_consumer
from fmn.infra.broker import queue_names
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


def queues(settings: BrokerSettings, partitions: Mapping[str, int]) -> Sequence[Queue]:
    """Return FMN's queues that exist, by the number of partitions of each context.

    Raises :class:`BrokerUnavailableError`.
    """
    names = queue_names(partitions)
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
    found, dead = _declare_passively(connection, name), None
    if found is None:
        return None
    if first_partition(name) == name:  # which has the dead letters of all
        dead = _declare_passively(connection, xq_name(name))
    return Queue(
        name, found.message_count, _consumers(connection, name, found),
        dead.message_count if dead else 0)


def _consumers(connection: pika.BlockingConnection, name: str, found: Any) -> int:
    # RabbitMQ doesn't count those that stand by. They all consume the queue of delayed tasks.
    delayed = _declare_passively(connection, dq_name(name)) if has_one_active_consumer(name) else None
    return max(int(each.consumer_count) for each in (found, delayed) if each)


def _declare_passively(connection: pika.BlockingConnection, name: str) -> Any:
    try:
        return connection.channel().queue_declare(name, passive=True).method
    except ChannelClosedByBroker:  # no process has declared this queue yet
        return None
