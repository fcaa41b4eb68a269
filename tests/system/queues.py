"""What RabbitMQ says of its queues and of who consumes them."""

from __future__ import annotations

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
    rows = rabbitmq.evaluate("""[
        [element(4, proplists:get_value(queue_name, Row)), proplists:get_value(activity_status, Row),
         proplists:get_value(consumer_tag, Row)] || Row <- rabbit_amqqueue:consumers_all(<<"/">>)]""")
    active, waiting = (
        [tag for name, status, tag in rows if (name, status) == (queue, wanted)]
        for wanted in ("single_active", "waiting"))
    return Consumers(active, waiting)


def wait_for_consumers(rabbitmq: RabbitMQ, queue: str, count: int, timeout: float = 60) -> Consumers:
    """Wait until a queue has as many consumers, and return them."""
    def as_many() -> Consumers | None:
        found = consumers_of(rabbitmq, queue)
        return found if len(found.active) + len(found.waiting) == count else None

    found = wait_until(as_many, timeout, f"{queue} doesn't get {count} consumers")
    assert found is not None
    return found
