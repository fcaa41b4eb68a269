from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.amqp import AmqpSite
from tests.servers.rabbitmq import RabbitMQ


@pytest.fixture
def site(rabbitmq: RabbitMQ) -> Iterator[AmqpSite]:
    """The session's RabbitMQ, with the user ``fmn`` and a queue of the test's own."""
    made = AmqpSite(rabbitmq)
    with made.user():
        made.new_queue()
        yield made
        made.delete_queue()
