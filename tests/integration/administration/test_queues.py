"""What administrators see of RabbitMQ's queues."""

from __future__ import annotations

import dramatiq
import pytest

from fmn.administration.queues import BrokerUnavailableError, Queue, queues
from fmn.infra.backend_queues import backend_queue
from fmn.infra.broker import open_broker
from fmn.settings import BrokerSettings
from tests.servers.ports import free_port
from tests.servers.rabbitmq import RabbitMQ

#: A context that no other test has, so that its queue is ours alone.
CONTEXT = "carrier-pigeon"


def test_says_how_much_waits_and_that_nobody_works_on_it(rabbitmq: RabbitMQ) -> None:
    # Given a task that waits
    settings = BrokerSettings(url=rabbitmq.url)
    broker = open_broker(settings, {CONTEXT: 2})
    name, second = backend_queue(CONTEXT), backend_queue(CONTEXT, 1)
    for queue, tasks in ((name, 1), (second, 2)):
        fly = dramatiq.actor(actor_name=f"fly on {queue}", queue_name=queue, broker=broker)(lambda: None)
        for _ in range(tasks):
            fly.send()
    # When somebody looks, also for a queue that isn't there
    try:
        found = {queue.name: queue for queue in queues(settings, {CONTEXT: 2, "smoke-signal": 1})}
    finally:
        broker.close()
    # Then
    assert found[name] == Queue(name, 1, 0)
    assert found[second] == Queue(second, 2, 0)
    assert backend_queue("smoke-signal") not in found


def test_says_why_it_cannot_tell() -> None:
    gone = BrokerSettings(url=f"amqp://guest:guest@127.0.0.1:{free_port()}/")
    with pytest.raises(BrokerUnavailableError, match="RabbitMQ doesn't answer"):
        queues(gone, {"email": 1})
