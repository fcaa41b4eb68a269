"""An installation for each test: the session's servers, emptied, a mail server and a bus of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pika
import pytest
import redis

from tests.scheduling import FIGURES
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer
from tests.servers.smtp import SmtpServer
from tests.system.bus import Bus
from tests.system.installation import Installation, SharedServers
from tests.system.population import Crowd, make_crowd

#: People of a usual crowd.
PEOPLE = 40
#: Addresses of the bus: several services publish, some from several hosts.
PUBLISHERS = 3


@pytest.fixture
def shared_servers(
    postgresql_url: str, rabbitmq: RabbitMQ, redis_server: RedisServer, smtp_server: SmtpServer,
) -> Iterator[SharedServers]:
    empty(rabbitmq, redis_server)
    yield SharedServers(postgresql_url, rabbitmq, redis_server, smtp_server)
    empty(rabbitmq, redis_server)


def empty(rabbitmq: RabbitMQ, redis_server: RedisServer) -> None:
    """Delete all queues and cached values: other tests' tasks and directories aren't for us."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    with closing(pika.BlockingConnection(pika.URLParameters(rabbitmq.url))) as connection:
        channel = connection.channel()
        for queue in rabbitmq.list_queues():
            channel.queue_delete(queue)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    with Bus(tmp_path, PUBLISHERS) as running:
        yield running


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Chance that can be repeated: the test's name is the seed."""
    return random.Random(request.node.name)


@pytest.fixture
def crowd(chance: random.Random) -> Crowd:
    """People who want to be told at once."""
    some = make_crowd(PEOPLE, chance)
    return replace(some, people=[
        replace(person, digest_count=None, digest_seconds=None) for person in some.people])


@pytest.fixture
def installation(tmp_path: Path, shared_servers: SharedServers, bus: Bus, crowd: Crowd) -> Installation:
    """An installation with tables and everybody's accounts, whose processes don't run yet."""
    prepared = Installation(tmp_path, shared_servers, bus, crowd)
    prepared.prepare()
    return prepared


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Shows figures at the end of the run, also of a test that passes, and whichever process it ran in."""
    return lambda text: record_property(FIGURES, text)
