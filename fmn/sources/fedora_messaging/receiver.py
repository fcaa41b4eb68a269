"""Receiver of an AMQP queue: connects, reconnects, and acknowledges, in a thread of its own.

Heartbeats go on whatever the database does, since the thread only moves messages into memory. There are never
more of them than the prefetch: the broker doesn't send more before some are acknowledged.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Final

import pika
import structlog
from pika.exceptions import AMQPError

from fmn.catalog.message import FEDORA_MESSAGING
from fmn.errors import OperatorError
from fmn.infra import metrics
from fmn.infra.clock import utc_now
from fmn.settings import FedoraMessagingSettings
from fmn.sources.fedora_messaging.connection import (
    CONNECTION_ERRORS,
    UNDECODABLE,
    certificate_problems,
    connect,
    connection_parameters,
    declare,
    host_of,
    reason_of,
)
from fmn.sources.fedora_messaging.parser import Delivery
from fmn.sources.linger import Linger

log = structlog.get_logger()

#: Seconds until the first attempt to reconnect, doubled up to the maximum; each is shortened by up to half at
#: random, so that all clients of a broker that comes back don't connect at once.
FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 30.0
#: Seconds after which a connection counts as good, so that the next delay is the first one again.
STABLE_SECONDS: Final = 10.0
#: Seconds within which an idle thread notices a stop.
IDLE_SECONDS: Final = 0.5
#: Seconds for the last acknowledgements at a stop.
STOP_TIMEOUT: Final = 5.0
#: Bytes that are kept of a body above the limit: administrators see the beginning.
EXCERPT_BYTES: Final = 4_096
#: Characters of a broker's reason for a log line.
LONGEST_REASON: Final = 500
#: Bytes of bodies in memory, an eighth of a consumer's memory limit: prefetch bounds their number alone. What
#: is beyond goes back to the queue until the others are taken.
MAX_WAITING_BYTES: Final = 64 * 1024 * 1024
#: Bytes that complete a batch, whatever its number of messages.
BATCH_BYTES: Final = 4 * 1024 * 1024


class Receiver:
    """Receiver of one queue. :meth:`take` belongs to one thread; acknowledge from any."""

    def __init__(self, settings: FedoraMessagingSettings, max_bytes: int) -> None:
        self._settings, self._max_bytes = settings, max_bytes
        self._received: SimpleQueue[Delivery] = SimpleQueue()
        self._stop = Event()
        self._failure: BaseException | None = None
        #: The connection and its channel, while messages are consumed.
        self._open: tuple[pika.BlockingConnection, Any] | None = None
        self._last_tag = self._acknowledged = 0
        #: Bytes of bodies that came and that were taken; whether there were too many of them.
        self._came = self._taken = 0
        self._full = False
        #: What is wrong with the files of certificates.
        self._certificates = ""
        #: Why nothing is received; "" while it is.
        self.problem = "it hasn't connected yet"
        metrics.source_connected.labels(FEDORA_MESSAGING).set(0)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Receive until the end of the block, and send the last acknowledgements then."""
        thread = Thread(target=self._run, name="AMQP connection", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(STOP_TIMEOUT)

    def take(self, most: int, linger: Linger) -> Sequence[Delivery]:
        """Up to ``most`` deliveries; waits shortly for one, and for more as long as ``linger`` says.

        Raises the error that ended the connection's thread.
        """
        if self._failure is not None:
            raise self._failure
        taken: list[Delivery] = []
        size = 0
        with suppress(Empty):
            while len(taken) < most and size < BATCH_BYTES:
                delivery = self._received.get(timeout=linger.remaining() if taken else IDLE_SECONDS)
                taken.append(delivery)
                size += len(delivery.body)
        if taken:
            linger.end()
        self._taken += size
        return taken

    def acknowledge(self, last: Delivery) -> None:
        """Acknowledge a delivery and all before it.

        Nothing happens if its channel is closed: then the broker delivers them again.
        """
        opened = self._open  # read once: the connection's thread may close it meanwhile
        if opened is not None and opened[1] is last.channel:
            with suppress(AMQPError):
                opened[0].add_callback_threadsafe(partial(self._send_acknowledgement, last))

    def _send_acknowledgement(self, last: Delivery) -> None:
        channel: Any = last.channel
        if channel.is_open:
            channel.basic_ack(last.tag, multiple=True)
            self._acknowledged = last.tag
            self._update_unacknowledged()

    def _update_unacknowledged(self) -> None:
        metrics.source_unacknowledged.labels(FEDORA_MESSAGING).set(self._last_tag - self._acknowledged)

    def _run(self) -> None:
        try:
            failed = 0
            while not self._stop.is_set():
                started = time.monotonic()
                self._receive()
                failed = 0 if time.monotonic() - started > STABLE_SECONDS else failed + 1
                self._stop.wait(delay_after(failed))
        except BaseException as error:  # noqa: BLE001 - raised by the thread that takes
            self._failure = error

    def _receive(self) -> None:
        """Consume on the first host that accepts us, until the connection ends."""
        self._certificates = "; ".join(certificate_problems(self._settings, utc_now()))
        try:
            hosts = connection_parameters(self._settings)
        except OperatorError as error:  # files may be missing for a moment while they're renewed
            self._lost("no host", str(error))
            return
        for parameters in hosts:
            if self._stop.is_set() or self._consume_from(parameters):
                return

    def _consume_from(self, parameters: pika.ConnectionParameters) -> bool:
        """Consume from one host until the connection ends; returns whether it accepted us."""
        accepted = False
        try:
            connection = connect(parameters)
            try:
                channel = connection.channel()
                declare(channel, self._settings)
                accepted = True
                self._consume(connection, channel, host_of(parameters))
            finally:
                self._open = None
                with suppress(*CONNECTION_ERRORS):
                    connection.close()
        except CONNECTION_ERRORS as error:
            self._lost(host_of(parameters), reason_of(error))
        return accepted

    def _consume(self, connection: pika.BlockingConnection, channel: Any, host: str) -> None:
        # What an earlier connection received is taken first, so memory never holds more than the prefetch.
        self._process(connection, channel, until=self._received.empty)
        cancelled = Event()
        self._last_tag = self._acknowledged = 0
        self._open = connection, channel
        channel.add_on_cancel_callback(lambda _method: cancelled.set())
        connection.add_on_connection_blocked_callback(
            lambda *_: log.warning("the broker has blocked the connection: it's short of memory or disk"))
        channel.basic_qos(prefetch_count=self._settings.prefetch)
        self._connected(host)
        while not (self._stop.is_set() or cancelled.is_set()):
            self._consume_until_full(connection, channel, cancelled)
        if cancelled.is_set():
            self._lost(host, f"the queue {self._settings.queue} was deleted")

    def _consume_until_full(
        self, connection: pika.BlockingConnection, channel: Any, cancelled: Event,
    ) -> None:
        self._full = False
        consumer = channel.basic_consume(self._settings.queue, self._on_message)
        self._process(connection, channel, until=lambda: cancelled.is_set() or self._full)
        if self._full and not cancelled.is_set():
            log.warning("much is in memory, messages stay in the queue", source=FEDORA_MESSAGING)
            channel.basic_cancel(consumer)  # what hasn't come yet goes back to the queue
            self._process(connection, channel, until=self._received.empty)

    def _process(self, connection: pika.BlockingConnection, channel: Any, until: Callable[[], bool]) -> None:
        """Run the connection until the condition, or a stop."""
        while not (self._stop.is_set() or until()):
            connection.process_data_events(IDLE_SECONDS)
            if not channel.is_open:
                raise channel._closing_reason or AMQPError("the channel was closed")  # noqa: SLF001 - no other way
        connection.process_data_events(0)

    def _on_message(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        if self._came - self._taken > MAX_WAITING_BYTES:
            self._full = True
            channel.basic_nack(method.delivery_tag, requeue=True)
            return
        self._keep(channel, method, properties, body)

    def _keep(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        too_large = len(body) > self._max_bytes
        self._received.put(Delivery(
            topic=method.routing_key, body=body[:EXCERPT_BYTES] if too_large else body, size=len(body),
            headers=properties.headers or {}, message_id=properties.message_id,
            content_encoding=properties.content_encoding, priority=properties.priority,
            readable=properties.type != UNDECODABLE, channel=channel, tag=method.delivery_tag))
        self._came += min(len(body), EXCERPT_BYTES) if too_large else len(body)
        self._last_tag = method.delivery_tag
        self._update_unacknowledged()

    def _connected(self, host: str) -> None:
        self.problem = ""
        metrics.source_connected.labels(FEDORA_MESSAGING).set(1)
        log.info("source connected", source=FEDORA_MESSAGING, host=host, queue=self._settings.queue)

    def _lost(self, host: str, reason: str) -> None:
        # The broker may just hang up on a certificate that it doesn't accept.
        reason = "; ".join(filter(None, [self._certificates, reason[:LONGEST_REASON]]))
        self.problem = f"{host}: {reason}"
        metrics.source_connected.labels(FEDORA_MESSAGING).set(0)
        metrics.source_unacknowledged.labels(FEDORA_MESSAGING).set(0)
        if not self._stop.is_set():
            log.warning(
                "source disconnected, connecting again", source=FEDORA_MESSAGING, host=host, reason=reason)


def delay_after(failed: int) -> float:
    """Seconds until the next attempt after so many failed ones in a row."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failed, 10))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - no secret
