"""Two consumers of one AMQP queue, to which faults happen while messages come: each is stored, once."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pika
import pytest
from pika.exceptions import AMQPError, UnroutableError
from sqlalchemy import select

from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from fmn.settings import CONFIG_VARIABLE
from tests.factories.databases import tables_in
from tests.faults.conftest import LONG
from tests.faults.process_roles import READY
from tests.faults.results_table import Row, Table
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.waiting import wait_until
from tests.system.process_supervisor import Program, Supervisor

#: Messages of each of the four faults: 2,000 of a long run, 320 of a short one.
MESSAGES: Final = 500 if LONG else 80
#: Messages a second.
PACE: Final = 60.0
#: Bytes that all messages of a fault have together: three times what the spool holds.
BYTES: Final = 3 * 1024 * 1024
QUEUE: Final = "faults-amqp"
TOPIC: Final = "org.example.prod.oven.bake"
FMN: Final = str(Path(sys.executable).with_name("fmn"))
SETTINGS: Final = """[app:main]
fmn.database.url = {database}
fmn.fedora_messaging.urls = {broker}
fmn.fedora_messaging.queue = {queue}
fmn.fedora_messaging.bindings = org.example.prod.#
fmn.fedora_messaging.prefetch = 20
fmn.bus.batch_messages = 20
fmn.spool.directory = {directory}/spool
fmn.spool.max_megabytes = 1
"""


class Site:
    """A database, a queue with two consumers, and what was published there."""

    def __init__(
        self, directory: Path, postgresql: PostgreSQL, rabbitmq: RabbitMQ, database: Database, url: str,
    ) -> None:
        self.postgresql, self.rabbitmq, self.database = postgresql, rabbitmq, database
        config = directory / "fmn.ini"
        written = SETTINGS.format(database=url, broker=rabbitmq.url, queue=QUEUE, directory=directory)
        config.write_text(written.replace("%", "%%"))
        self._environment = {**os.environ, CONFIG_VARIABLE: str(config)}
        self._directory = directory
        self.programs: list[Program] = []
        self.published = 0
        self._publishing: Any = None
        #: Nobody publishes while it's held.
        self.quiet = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep two consumers running, as systemd does."""
        with Supervisor() as supervisor:
            for name in ("consumer-1", "consumer-2"):
                log = self._directory / f"{name}.log"
                self.programs.append(supervisor.add(
                    Program(name, [FMN, "consumer", "fedora-messaging"], self._environment, log)))
            try:
                wait_until(lambda: all(map(connected, self.programs)), READY, "not both are connected")
                yield
            except BaseException as error:
                error.add_note("\n".join(f"{each.name}: {each.end_of_log()}" for each in self.programs))
                raise

    def publish(self, count: int) -> None:
        """Publish messages, each until the broker has it in a queue, as a careful publisher does."""
        for _ in range(count):
            with self.quiet:
                self.published += 1
                body = json.dumps({"n": self.published, "padding": "x" * (BYTES // MESSAGES)}).encode()
                while not self._has_taken(body, f"id-{self.published}"):
                    time.sleep(0.1)
            time.sleep(1 / PACE)
        with suppress(AMQPError):
            self._publishing.connection.close()
        self._publishing = None

    def _has_taken(self, body: bytes, message_id: str) -> bool:
        properties = pika.BasicProperties(delivery_mode=2, message_id=message_id)
        try:
            if self._publishing is None:
                self._publishing = pika.BlockingConnection(pika.URLParameters(self.rabbitmq.url)).channel()
                self._publishing.confirm_delivery()
            self._publishing.basic_publish("amq.topic", TOPIC, body, properties, mandatory=True)
        except UnroutableError:  # the queue is gone
            return False
        except (AMQPError, OSError):  # the connection is closed
            self._publishing = None
            return False
        return True

    @contextmanager
    def channel(self) -> Iterator[Any]:
        with pika.BlockingConnection(pika.URLParameters(self.rabbitmq.url)) as connection:
            yield connection.channel()

    def has_stored(self, first: int) -> bool:
        """Whether the ledger has the first so many messages; each is in it once, by its constraint."""
        with self.database.reading() as session:
            known = set(session.scalars(select(StoredMessage.msg_id)))
        return known >= {f"id-{number}" for number in range(1, first + 1)}

    def kill(self, program: Program) -> None:
        """Kill a consumer, as the kernel does when there's no memory left; it's started again."""
        with suppress(ProcessLookupError):
            os.kill(program.main, 9)

    def delete_queue(self) -> None:
        """Delete the queue once nothing waits in it: what does is gone with any queue."""
        with self.quiet, self.channel() as channel:
            wait_until(
                lambda: not channel.queue_declare(QUEUE, passive=True).method.message_count, READY,
                "the queue isn't consumed")
            channel.queue_delete(QUEUE)

    def waits_for_room(self) -> bool:
        """Whether a consumer says that the spool is full."""
        return any("messages stay with their sender" in each.end_of_log() for each in self.programs)


def connected(program: Program) -> bool:
    return "source connected" in program.end_of_log()


def kill_consumers(site: Site) -> None:
    for program in site.programs:
        site.kill(program)
        time.sleep(0.3)


def crash_broker(site: Site) -> None:
    site.rabbitmq.kill()
    site.rabbitmq.start()


def database_away(site: Site) -> None:
    site.postgresql.stop()
    try:
        wait_until(site.waits_for_room, READY, "the spool doesn't get full")
        site.kill(site.programs[0])
    finally:
        site.postgresql.start()


FAULTS: Final[dict[str, Callable[[Site], object]]] = {
    "AMQP: both consumers killed": kill_consumers,
    "AMQP: queue deleted": Site.delete_queue,
    "AMQP: broker crashed": crash_broker,
    "AMQP: PostgreSQL away, spool full, a consumer killed": database_away,
}


@pytest.mark.short
@pytest.mark.usefixtures("alone")
def test_each_message_is_stored_once_whatever_happens(
    tmp_path: Path, postgresql: PostgreSQL, rabbitmq: RabbitMQ, table: Table,
) -> None:
    url = postgresql.create_database()
    with tables_in(url) as database:
        site = Site(tmp_path, postgresql, rabbitmq, database, url)
        with site.running():
            for name, happen in FAULTS.items():
                table.rows.append(suffered(site, name, happen))
        # And nothing is left at the broker, which has no consumer any more
        with site.channel() as channel:
            assert channel.queue_delete(QUEUE).method.message_count == 0


def suffered(site: Site, name: str, happen: Callable[[Site], object]) -> Row:
    """What comes of a fault while messages are published."""
    publishing = threading.Thread(target=site.publish, args=[MESSAGES], daemon=True)
    publishing.start()
    time.sleep(5 / PACE)
    happen(site)
    # Recovered is who has stored what came until the fault's end; what comes later is stored too.
    ended, came = time.monotonic(), site.published
    wait_until(lambda: site.has_stored(came), READY, f"after {name} something isn't stored")
    recovered = time.monotonic() - ended
    publishing.join(READY)
    assert not publishing.is_alive(), "not everything was published"
    wait_until(lambda: site.has_stored(site.published), READY, f"after {name} something isn't stored")
    return Row(name, 1, MESSAGES, MESSAGES, 0, 0, 0, recovered)
