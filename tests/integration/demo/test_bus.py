"""The demo bus beside a RabbitMQ: messages come over both buses."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pika

from fmn.catalog import catalog
from fmn.demo.bus import ENVIRONMENT, DemoBus
from fmn.demo.certificates import certificates_in
from fmn.settings import FedoraMessagingSettings, PublishSettings
from fmn.sources.fedmsg.subscriber import Subscriber
from fmn.sources.fedora_messaging.publisher import AmqpPublisher
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.waiting import wait_until

SOON = 30


def test_with_a_broker_every_other_message_goes_there(rabbitmq: RabbitMQ, tmp_path: Path) -> None:
    receiving = FedoraMessagingSettings(urls=(rabbitmq.url,), queue="unused")
    bus = DemoBus(catalog(), certificates_in(tmp_path), 0.001,
                  AmqpPublisher(PublishSettings(environment=ENVIRONMENT), receiving))
    stop = Event()
    thread = Thread(target=bus.run, args=[stop])
    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, "amq.topic", f"org.fedoraproject.{ENVIRONMENT}.#")
        with Subscriber(bus.endpoints, ["*"]) as subscriber:
            thread.start()
            try:
                wait_until(lambda: channel.basic_get(queue, auto_ack=True)[0], SOON, "a message over AMQP")
                assert next(subscriber.batches(Event()))
            finally:
                stop.set()
                thread.join(SOON)
