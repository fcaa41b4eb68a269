"""Demo bus: publishes the catalogue's examples in a loop, signed over ZeroMQ, and over AMQP with a broker."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import ExitStack
from threading import Event
from typing import Final

import structlog

from fmn.catalog import Catalog, Message
from fmn.catalog.message import TITLE_STARTS_AT
from fmn.demo.certificates import Certificates
from fmn.demo.ports import free_port
from fmn.settings import PublishSettings
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.publisher import Publisher
from fmn.sources.publishers import MessagePublisher

log = structlog.get_logger()

ENVIRONMENT: Final = "prod"


class DemoBus:
    """Demo bus with a publisher per topic prefix, as on a real bus with several services.

    With ``amqp``, every other message is published there instead.
    """

    def __init__(
        self, catalog: Catalog, certificates: Certificates, seconds_between: float,
        amqp: MessagePublisher | None = None,
    ) -> None:
        self._amqp = amqp
        self._messages = [event.example_message() for event in catalog.event_types()]
        self._seconds_between = seconds_between
        self._publishers: Mapping[str, PublishSettings] = {
            prefix: PublishSettings(
                endpoint=f"tcp://127.0.0.1:{free_port()}", topic_prefix=prefix, environment=ENVIRONMENT,
                certificate_file=certificates.certificate, key_file=certificates.key)
            for prefix in sorted({_prefix(message) for message in self._messages})
        }

    @property
    def endpoints(self) -> list[str]:
        """The addresses for subscribers."""
        return [settings.endpoint for settings in self._publishers.values()]

    def run(self, stop: Event) -> None:
        """Publish until ``stop`` is set, each round in another order."""
        publishers = {prefix: Publisher(settings) for prefix, settings in self._publishers.items()}
        with ExitStack() as opened:
            for publisher in (*publishers.values(), *filter(None, [self._amqp])):
                opened.callback(publisher.close)
            while not stop.is_set():
                for number, message in enumerate(random.sample(self._messages, len(self._messages))):
                    if stop.wait(self._seconds_between):
                        return
                    if self._amqp is None or number % 2:
                        publishers[_prefix(message)].publish(message.topic, message.body)
                    else:
                        _publish_over_amqp(self._amqp, message)


def _publish_over_amqp(publisher: MessagePublisher, message: Message) -> None:
    try:
        publisher.publish(message.title, message.body)
    except BusError as error:  # the broker may come back
        log.warning("demo message not published", topic=message.topic, reason=str(error))


def _prefix(message: Message) -> str:
    return ".".join(message.topic.split(".")[:TITLE_STARTS_AT - 1])
