"""Both buses at once with a bridge in between, in both directions: each event is stored once."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

import pika
import pytest
import zmq
from sqlalchemy import select

from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from fmn.settings import BusSettings, Settings
from fmn.sources.configured_sources import opened_sources
from fmn.sources.consumer import Consumer
from fmn.sources.fedora_messaging.publisher import message_properties
from tests.factories.amqp import SOON, AmqpSite
from tests.factories.counters import counted
from tests.factories.messages import NOON, make_message
from tests.servers.waiting import wait_until
from tests.system.bus import Bus

#: Events on each bus.
EVENTS: Final = 20
BRIDGE: Final = "amqp-bridge"


class Bridge:
    """What Fedora had between its buses: passes messages on in both directions, each once."""

    def __init__(self, bus: Bus, site: AmqpSite) -> None:
        self._bus, self._site = bus, site
        self.passed = {"to amqp": 0, "to fedmsg": 0}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=run) for run in (self._to_amqp, self._to_fedmsg)]
        self._ready = threading.Barrier(3)

    def _to_amqp(self) -> None:
        """The id stays; the body is what fedmsg wraps; the signature goes."""
        with zmq.Context() as context, context.socket(zmq.SUB) as socket, self._site.channel() as channel:
            socket.setsockopt(zmq.SUBSCRIBE, b"")
            for endpoint in self._bus.endpoints:
                socket.connect(endpoint)
            self._ready.wait()
            while not self._stop.is_set():
                if not socket.poll(20):
                    continue
                wire = json.loads(socket.recv_multipart()[1])
                if wire["username"] == BRIDGE:  # else it would go round and round
                    continue
                properties = pika.BasicProperties(message_id=wire["msg_id"], headers={
                    "fedora_messaging_schema": "base.message", "fedora_messaging_severity": 20})
                body = json.dumps(wire["msg"]).encode()
                channel.basic_publish("amq.topic", wire["topic"], body, properties)
                self.passed["to amqp"] += 1

    def _to_fedmsg(self) -> None:
        """A year comes before the id; it's sent now, and signed by the bridge; headers go."""
        with self._site.channel() as channel:
            queue = channel.queue_declare("", exclusive=True).method.queue
            channel.queue_bind(queue, "amq.topic", f"org.example.{self._site.queue}.#")
            self._ready.wait()
            for method, properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=0.02):
                if self._stop.is_set():
                    break
                if method is None or properties.message_id[4] == "-":
                    continue
                self._bus.carry(self._bus.signed({
                    "topic": method.routing_key, "msg": json.loads(body), "timestamp": int(time.time()),
                    "msg_id": f"2026-{properties.message_id}", "username": BRIDGE, "i": 1}))
                self.passed["to fedmsg"] += 1
            channel.cancel()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(SOON)


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    with Bus(tmp_path_factory.mktemp("bus"), 1) as running:
        yield running


@contextmanager
def receiving_from_both(database: Database, bus: Bus, site: AmqpSite) -> Iterator[None]:
    settings = Settings(
        bus=BusSettings(
            endpoints=tuple(bus.endpoints), ca_file=bus.authority, crl_file=bus.revocations,
            batch_messages=10, batch_milliseconds=1),
        fedora_messaging=site.settings())
    stop = threading.Event()
    with opened_sources(settings, database) as sources:
        consumer = Consumer.from_settings(settings, sources, database, lambda _ids: None)
        thread = threading.Thread(target=consumer.run, args=[stop])
        thread.start()
        try:
            wait_until(lambda: site.ready() >= 0, SOON, "a queue")
            yield
        finally:
            stop.set()
            thread.join(SOON)


def publish_over_amqp(site: AmqpSite, topic: str, body: Any) -> str:
    msg_id = str(uuid.uuid4())
    message = make_message(body=body, sent_at=NOON)
    properties = message_properties(message)
    properties.message_id = msg_id
    properties.headers["sent-at"] = NOON.isoformat()
    with site.channel() as channel:
        channel.confirm_delivery()
        channel.basic_publish("amq.topic", topic, json.dumps(body).encode(), properties)
    return msg_id


def ids_in(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(select(StoredMessage.msg_id)))


def test_each_event_is_stored_once(database: Database, bus: Bus, site: AmqpSite) -> None:
    # Given an installation that receives from both buses, and a bridge between these
    before = counted("fmn_messages_rejected", reason="bridged")
    with receiving_from_both(database, bus, site), Bridge(bus, site) as bridge:
        bus.wait_for_listeners(2)
        # When services publish on either
        sent = []
        for number in range(EVENTS):
            msg_id, frames = bus.sign(site.topic, {"n": number})
            bus.send(msg_id, frames)
            sent += [msg_id, publish_over_amqp(site, site.topic, {"n": number})]
        # Then the bridge passes on each
        wait_until(lambda: set(bridge.passed.values()) == {EVENTS}, SOON, f"{bridge.passed} are bridged")
        # and FMN stores each in its original form, and knows the others for what they are
        wait_until(lambda: ids_in(database) == sorted(sent), SOON, "messages are missing")
        wait_until(lambda: counted("fmn_messages_rejected", reason="bridged") - before == 2 * EVENTS,
                   SOON, "not all bridged messages came")
    assert ids_in(database) == sorted(sent)


def test_without_the_other_bus_bridged_messages_count(database: Database, site: AmqpSite) -> None:
    with site.consuming(database):
        wait_until(lambda: site.ready() >= 0, SOON, "a queue")
        with site.channel() as channel:
            channel.basic_publish("amq.topic", site.topic, b"{}", pika.BasicProperties(message_id="2026-1"))
        wait_until(lambda: ids_in(database) == ["2026-1"], SOON, "a message")
