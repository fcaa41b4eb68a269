"""A RabbitMQ with a queue for one test, and what's published and consumed there."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pika
from pika.exceptions import ChannelClosedByBroker

from fmn.infra.db import Database
from fmn.settings import BusSettings, FedoraMessagingSettings, Settings, SpoolSettings
from fmn.sources.consumer import Consumer
from fmn.sources.fedora_messaging.source import FedoraMessagingSource
from tests.servers.certificates import A_DAY
from tests.servers.rabbitmq import RabbitMQ

#: Seconds for anything that takes milliseconds on an idle machine.
SOON: Final = 30.0
USER: Final = "fmn"
PASSWORD: Final = "fmn's password"


@dataclass(frozen=True)
class Consuming:
    """A consumer that runs in a thread: its source, and the ids that it had matched."""

    source: FedoraMessagingSource
    stop: threading.Event
    ids: list[int]


class AmqpSite:
    """A broker that speaks TLS, its authority, a user, and a queue bound to topics of its own."""

    def __init__(self, broker: RabbitMQ) -> None:
        assert broker.authority is not None
        self.broker, self.authority = broker, broker.authority
        self.queue = ""

    @contextmanager
    def user(self, name: str = USER, password: str = PASSWORD) -> Iterator[None]:
        """Somebody who may have queues of their own, until the end of the block."""
        self.broker.add_user(name, password)
        self.broker.set_permissions(name, configure="^fmn")
        try:
            yield
        finally:
            self.broker.delete_user(name)

    def new_queue(self) -> None:
        """Name another queue; it's made by whoever declares it."""
        self.queue = f"fmn-{uuid.uuid4()}"

    @property
    def topic(self) -> str:
        return f"org.example.{self.queue}.oven.bake"

    def delete_queue(self) -> None:
        with self.channel() as channel:
            channel.queue_delete(self.queue)

    def make_queue(self) -> None:
        """Declare the queue, as the broker's administrators do."""
        with self.channel() as channel:
            channel.queue_declare(self.queue, durable=True)
            channel.queue_bind(self.queue, "amq.topic", f"org.example.{self.queue}.#")

    def ready(self) -> int:
        """Messages in the queue that no consumer has; -1 without a queue."""
        with self.channel() as channel:
            try:
                found: int = channel.queue_declare(self.queue, passive=True).method.message_count
            except ChannelClosedByBroker:
                return -1
            return found

    def publish(self, *numbers: int, padding: int = 0) -> None:
        """Publish numbered messages; returns once the broker has them."""
        for number in numbers:
            self.publish_raw(
                json.dumps({"n": number, "padding": "x" * padding}).encode(),
                pika.BasicProperties(delivery_mode=2, message_id=f"id-{number}"))

    def publish_raw(self, body: bytes, properties: Any = None) -> None:
        with self.channel() as channel:
            channel.confirm_delivery()
            channel.basic_publish("amq.topic", self.topic, body, properties, mandatory=True)

    @contextmanager
    def channel(self) -> Iterator[Any]:
        connection = pika.BlockingConnection(pika.URLParameters(self.broker.url))
        try:
            yield connection.channel()
        finally:
            connection.close()

    def settings(self, **changed: Any) -> FedoraMessagingSettings:
        """Settings with a client certificate."""
        certificate, key = self.certificate()
        known: Mapping[str, Any] = {
            "urls": (f"amqps://localhost:{self.broker.tls_port}/%2F",), "ca_file": self.authority.ca_file,
            "certificate_file": certificate, "key_file": key, "queue": self.queue,
            "bindings": (f"org.example.{self.queue}.#",), "prefetch": 10}
        return FedoraMessagingSettings(**{**known, **changed})

    def certificate(self, lasts: timedelta = A_DAY) -> tuple[Path, Path]:
        """The user's certificate and key, made anew."""
        return self.authority.issue("client", USER, lasts)

    @contextmanager
    def consuming(
        self, database: Database, settings: FedoraMessagingSettings | None = None, *,
        spool: SpoolSettings | None = None, match: Callable[[list[int]], None] | None = None,
    ) -> Iterator[Consuming]:
        """Consume until the end of the block."""
        every = Settings(
            bus=BusSettings(batch_messages=10, batch_milliseconds=1), spool=spool or SpoolSettings(),
            fedora_messaging=settings or self.settings())
        source, stop, ids = FedoraMessagingSource.from_settings(every), threading.Event(), list[int]()
        consumer = Consumer.from_settings(every, [source], database, match or ids.extend)
        failures: list[BaseException] = []
        thread = threading.Thread(target=_run, args=[consumer, stop, failures], daemon=True)
        thread.start()
        try:
            yield Consuming(source, stop, ids)
        finally:
            stop.set()
            thread.join(SOON)
        assert not thread.is_alive()
        assert not failures


def _run(consumer: Consumer, stop: threading.Event, failures: list[BaseException]) -> None:
    try:
        consumer.run(stop)
    except BaseException as error:  # noqa: BLE001 - asserted by the test
        failures.append(error)
