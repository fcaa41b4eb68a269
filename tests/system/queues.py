"""What RabbitMQ says of its queues and of who consumes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

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
        known = rabbitmq.list_queues().get(queue)
        if (known.consumers if known else 0) != count:
            return None  # without asking for who they are, which takes a process and half a second
        found = consumers_of(rabbitmq, queue)
        return found if len(found.active) + len(found.waiting) == count else None

    found = wait_until(as_many, timeout, f"{queue} doesn't get {count} consumers")
    assert found is not None
    return found
