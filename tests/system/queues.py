"""What RabbitMQ says of its queues and of who consumes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pika

from tests.servers.rabbitmq import RabbitMQ
from tests.servers.waiting import wait_until


@dataclass(frozen=True)
class Consumers:
    """The consumers of a queue by their tags: the one that gets its tasks, and those that stand by."""

    active: Sequence[str]
    waiting: Sequence[str]


def consumers_of(rabbitmq: RabbitMQ, queue: str) -> Consumers:
    """Who consumes a queue with a single active consumer."""
    rows = json.loads(rabbitmq.ctl(
        "list_consumers", "queue_name", "consumer_tag", "activity_status", "--formatter", "json"))
    by_status = {
        status: [row["consumer_tag"] for row in rows
                 if row["queue_name"] == queue and row["activity_status"] == status]
        for status in ("single_active", "waiting")
    }
    return Consumers(by_status["single_active"], by_status["waiting"])


def wait_for_consumers(rabbitmq: RabbitMQ, queue: str, count: int, timeout: float = 60) -> Consumers:
    """Wait until a queue has as many consumers, and return them."""
    def as_many() -> Consumers | None:
        queues = rabbitmq.list_queues()
        found = consumers_of(rabbitmq, queue) if queue in queues else Consumers((), ())
        return found if len(found.active) + len(found.waiting) == count else None

    found = wait_until(as_many, timeout, f"{queue} doesn't get {count} consumers")
    assert found is not None
    return found


class Bell:
    """Rings within milliseconds of a queue losing consumers. With the active one goes its turn."""

    def __init__(self, rabbitmq: RabbitMQ, queue: str) -> None:
        self._queue = queue
        self._connection = pika.BlockingConnection(pika.URLParameters(rabbitmq.url))
        self._channel = self._connection.channel()

    def wait(self, count: int, timeout: float = 60) -> None:
        """Wait until the queue has no more consumers than so many."""
        def lost() -> bool:
            declared = self._channel.queue_declare(self._queue, passive=True)
            return bool(declared.method.consumer_count <= count)

        wait_until(lost, timeout, f"{self._queue} keeps its consumers")

    def close(self) -> None:
        self._connection.close()
