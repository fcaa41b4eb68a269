"""The servers around FMN restart, crash, forget everything, or take nothing more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis

from tests.faults.loaded_installation import Site
from tests.faults.process_roles import CONSUMERS, kill
from tests.servers.server import Server

#: Seconds for which RabbitMQ takes nothing: longer than anybody waits for its answer.
ALARM = 8
#: Seconds between two faults.
PAUSE = 1.0
#: Seconds until messages are on the consumers' disks.
SPOOLED = 4.0

Happen = Callable[[Site], object]


def crash(server: Server) -> None:
    server.kill()
    server.start()


def flush(site: Site) -> None:
    with redis.Redis.from_url(site.machinery.redis.url) as client:
        client.flushall()


def purge(site: Site) -> None:
    rabbitmq = site.machinery.rabbitmq
    for queue in rabbitmq.list_queues():
        rabbitmq.ctl("purge_queue", queue)


def memory_alarm(site: Site) -> None:
    with site.machinery.rabbitmq.memory_alarm():
        time.sleep(ALARM)


def disk_alarm(site: Site) -> None:
    rabbitmq = site.machinery.rabbitmq
    rabbitmq.ctl("set_disk_free_limit", "mem_relative", "1000")
    time.sleep(ALARM)
    rabbitmq.ctl("set_disk_free_limit", "200MB")


def away_while_consumers_die(site: Site) -> None:
    """What consumers have taken and can't store has to be there when they're back."""
    with stopped(site.machinery.postgresql):
        time.sleep(SPOOLED)
        for name in CONSUMERS:
            kill(site.installation, name)
            site.wait_until_ready()


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@pytest.mark.parametrize(("what", "happen", "times"), [
    ("PostgreSQL restarted", lambda site: site.machinery.postgresql.restart(), 2),
    pytest.param("PostgreSQL crashed", lambda site: crash(site.machinery.postgresql), 2,
                 marks=pytest.mark.short),
    ("PostgreSQL away, and both consumers killed meanwhile", away_while_consumers_die, 1),
    ("RabbitMQ restarted", lambda site: site.machinery.rabbitmq.restart(), 1),
    ("RabbitMQ crashed", lambda site: crash(site.machinery.rabbitmq), 1),
    ("RabbitMQ wiped", lambda site: site.machinery.rabbitmq.wipe(), 1),
    ("RabbitMQ's queues purged", purge, 3),
    pytest.param(f"RabbitMQ's memory alarm for {ALARM} s", memory_alarm, 1, marks=pytest.mark.short),
    (f"RabbitMQ's disk alarm for {ALARM} s", disk_alarm, 1),
    ("Redis flushed", flush, 3),
    ("Redis restarted", lambda site: site.machinery.redis.restart(), 2),
])
def test_happens(site: Site, what: str, happen: Happen, times: int) -> None:
    with site.suffering(what) as case:
        for _ in range(times):
            with case.happening():
                happen(site)
            time.sleep(PAUSE)
    site.wait_until_ready()


@pytest.mark.parametrize("name", ["postgresql", "rabbitmq", "redis"])
def test_hangs(site: Site, name: str) -> None:
    server: Server = getattr(site.machinery, name)
    with site.suffering(f"{name} hangs for {ALARM} s") as case, case.happening(), server.frozen():
        time.sleep(ALARM)
    site.wait_until_ready()
