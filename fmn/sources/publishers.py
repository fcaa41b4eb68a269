"""Publishers of the settings: one for each bus that FMN publishes on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from typing import Any, Protocol, Self

from fmn.catalog.message import FEDMSG
from fmn.settings import FedoraMessagingSettings, PublishSettings
from fmn.sources.fedmsg.publisher import Publisher
from fmn.sources.fedora_messaging.publisher import AmqpPublisher


class MessagePublisher(Protocol):
    """Interface of a publisher. Not thread-safe."""

    def publish(self, event_topic: str, msg: object, msg_id: str = "") -> Mapping[str, Any]:
        """Send ``msg`` under ``event_topic``; returns what was sent, with ``topic`` and ``msg_id``.

        Pass ``msg_id``, as on fedmsg, for a message that may be sent twice.

        :raises BusError: the message can't be sent
        """

    def close(self) -> None:
        """Close the connection."""


class Publishers:
    """Publishers that send each message on every bus of ``fmn.publish.bus``."""

    def __init__(
        self, settings: PublishSettings, receiving: FedoraMessagingSettings | None = None,
    ) -> None:
        """Open each. ``receiving`` has the broker of AMQP if ``settings`` names none.

        :raises BusError: an address, a key or a certificate can't be used
        """
        with ExitStack() as opened:
            #: The publishers by bus.
            self.by_bus: Mapping[str, MessagePublisher] = {
                bus: opened.enter_context(closing(_opened(bus, settings, receiving))) for bus in settings.bus}
            self._opened = opened.pop_all()

    def publish(self, event_topic: str, msg: object, msg_id: str = "") -> Mapping[str, Any]:
        """Send a message on each bus; returns what was sent on the first.

        :raises BusError: one of them doesn't take it, and those after it weren't tried
        """
        first, *_ = [each.publish(event_topic, msg, msg_id) for each in self.by_bus.values()]
        return first

    def close(self) -> None:
        """Close all."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _opened(
    bus: str, settings: PublishSettings, receiving: FedoraMessagingSettings | None,
) -> MessagePublisher:
    return Publisher(settings) if bus == FEDMSG else AmqpPublisher(
        settings, receiving or FedoraMessagingSettings())
