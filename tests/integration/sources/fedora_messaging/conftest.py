from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import started
from tests.factories.amqp import AmqpSite
from tests.servers.certificates import TestAuthority
from tests.servers.rabbitmq import RabbitMQ


@pytest.fixture(scope="session")
def tls_broker(server_directory: Path) -> Iterator[AmqpSite]:
    """A RabbitMQ that speaks TLS and knows the user ``fmn``. It takes seconds to start: tests share it."""
    authority = TestAuthority(server_directory / "authority")
    broker = RabbitMQ(server_directory / "rabbitmq-tls", authority=authority)
    try:
        yield AmqpSite(started(broker), authority)
    finally:
        broker.stop()


@pytest.fixture
def site(tls_broker: AmqpSite) -> Iterator[AmqpSite]:
    """The same with a queue of the test's own."""
    tls_broker.new_queue()
    yield tls_broker
    tls_broker.delete_queue()
