"""fedora-messaging as a source: parses what its queue delivers, and acknowledges what is safe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from threading import Event
from typing import Final, Self

from fmn.catalog import Message
from fmn.catalog.message import FEDORA_MESSAGING
from fmn.infra import metrics
from fmn.infra.clock import utc_now
from fmn.ledger.unreadable import UnreadableMessage
from fmn.settings import Settings
from fmn.sources.contract import Batch
from fmn.sources.fedora_messaging.connection import connection_parameters
from fmn.sources.fedora_messaging.parser import AmqpMessageParser, Delivery
from fmn.sources.fedora_messaging.receiver import Receiver
from fmn.sources.linger import Linger
from fmn.sources.rejection import MessageRejectedError, RejectionReason
from fmn.sources.spool.sqlite_spool import ReceivedMessage

#: Reasons of messages that are read and not wanted. All others are kept for administrators.
UNWANTED: Final = frozenset({
    RejectionReason.IGNORED_TOPIC, RejectionReason.JUNK, RejectionReason.IGNORED_COPR_OWNER,
    RejectionReason.BRIDGED})


class FedoraMessagingSource:
    """Source of an AMQP queue. The broker keeps what isn't acknowledged."""

    name: Final = FEDORA_MESSAGING
    acknowledges: Final = True

    def __init__(
        self, receiver: Receiver, message_parser: AmqpMessageParser, *, batch_messages: int = 100,
        batch_milliseconds: int = 20,
    ) -> None:
        self._receiver, self._message_parser = receiver, message_parser
        self._batch_messages, self._linger = batch_messages, Linger(batch_milliseconds / 1000)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The source of the settings.

        :raises OperatorError: a certificate or key can't be read
        """
        connection_parameters(settings.fedora_messaging)
        receiver = Receiver(settings.fedora_messaging, settings.bus.max_message_bytes)
        return cls(
            receiver, AmqpMessageParser(settings.bus, ignores_bridged=settings.receives_from_both_buses),
            batch_messages=settings.bus.batch_messages,
            batch_milliseconds=settings.bus.batch_milliseconds)

    def running(self) -> AbstractContextManager[None]:
        """Hold the connection until the end of the block."""
        return self._receiver.running()

    def batches(self, stop: Event) -> Iterator[Batch]:
        """Parsed batches of the queue."""
        while not stop.is_set():
            self.waiting()
            if deliveries := self._receiver.take(self._batch_messages, self._linger):
                yield self.parse(deliveries)

    def parse(self, deliveries: Sequence[Delivery]) -> Batch:
        """The acceptable messages of some deliveries, and the errors of the others."""
        now, messages, rejected, unreadable = utc_now(), [], [], []
        for delivery in deliveries:
            try:
                messages.append(ReceivedMessage(self._message_parser.parse(delivery, now), now))
            except MessageRejectedError as error:
                rejected.append(error)
                if error.reason not in UNWANTED:
                    unreadable.append(_unreadable(delivery, error, now))
        return Batch(messages, rejected, unreadable, receipt=deliveries[-1])

    def safe(self, batch: Batch) -> None:
        """Acknowledge a batch, and all before it."""
        if isinstance(batch.receipt, Delivery):
            self._receiver.acknowledge(batch.receipt)

    def stored(self, messages: Sequence[Message]) -> None:
        """Do nothing: the broker keeps messages while the consumer is away, so there are no gaps."""

    def dropped(self, since: datetime, until: datetime) -> None:
        """Do nothing: none of this source's messages is dropped."""

    def waiting(self) -> None:
        """Show that the source isn't stuck."""
        metrics.loop_timestamp.labels(self.name).set_to_current_time()

    def problem(self) -> str:
        """Why the queue isn't consumed; "" if it is."""
        found = self._receiver.problem
        return f"{self.name} isn't connected: {found}" if found else ""


def _unreadable(delivery: Delivery, error: MessageRejectedError, now: datetime) -> UnreadableMessage:
    return UnreadableMessage.of(
        FEDORA_MESSAGING, now, str(delivery.topic), error.reason.value, error.detail, delivery.body)
