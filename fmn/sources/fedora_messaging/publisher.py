"""Publisher of messages over AMQP, in the form of fedora-messaging: properties, headers and body."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import pika
from pika.exceptions import AMQPConnectionError, AMQPError

from fmn.catalog import Facts, Message, Severity, catalog
from fmn.infra.clock import utc_now
from fmn.settings import FedoraMessagingSettings, PublishSettings
from fmn.sources.errors import BusError
from fmn.sources.fedora_messaging.connection import reason_of
from fmn.sources.fedora_messaging.publisher_connection import publisher_connection
from fmn.sources.outgoing import as_json, full_topic
from fmn.sources.rejection import short_repr

#: Schema of a message that belongs to no schema package: its body may be any object.
BASE_SCHEMA: Final = "base.message"
#: Schemas of FMN's own messages, which are named like their topics.
FMN_SCHEMAS: Final = frozenset({"fmn.rule.create.v1", "fmn.rule.update.v1", "fmn.rule.delete.v1"})
#: Bytes of a routing key, and of a header's name.
SHORT_STRING_BYTES: Final = 255
#: Names in headers. Messages about more are found by their other facts.
MAX_NAMES: Final = 200
#: Severity in a header, as the numbers of Python's log levels.
SEVERITIES: Final[Mapping[Severity, int]] = {
    Severity.DEBUG: 10, Severity.INFO: 20, Severity.WARNING: 30, Severity.ERROR: 40}
#: Kind of thing in a header by a package's namespace; rpm for all others.
_KINDS: Final[Mapping[str, str]] = {
    "container": "container", "containers": "container", "modules": "module", "flatpaks": "flatpak"}
#: What fedmsg puts in front of an id.
_YEAR: Final = re.compile(r"\d{4}-")


class AmqpPublisher:
    """Publisher on a topic exchange. A message counts as sent once the broker has confirmed it.

    A context manager; not thread-safe. Connects when it publishes, and again after a lost connection.
    """

    def __init__(self, settings: PublishSettings, receiving: FedoraMessagingSettings) -> None:
        """Read the certificates. ``receiving`` has the broker if ``settings`` names none.

        :raises BusError: no broker is named, or a certificate can't be used
        """
        self._settings = settings
        self._target = publisher_connection(settings, receiving)
        self._connection: pika.BlockingConnection | None = None
        self._channel: Any = None

    def publish(self, event_topic: str, msg: object, msg_id: str = "") -> Mapping[str, Any]:
        """Send ``msg``, a JSON object, and return what was sent, with ``topic`` and ``msg_id``.

        The topic's prefix and environment come from the settings unless ``event_topic`` begins with the
        prefix already. Pass ``msg_id`` for a message that may be sent twice; a year in front of it goes.

        :raises BusError: it's no message of this bus, or the broker doesn't take it
        """
        topic, body = _routing_key(full_topic(self._settings, event_topic)), as_json(msg)
        if not isinstance(body, dict):
            raise BusError(f"the message is {short_repr(body)}: over AMQP it takes a JSON object")
        message = Message(_without_year(msg_id) or str(uuid.uuid4()), topic, utc_now(), body)
        self._send(topic, json.dumps(body).encode(), message_properties(message))
        return {"topic": topic, "msg_id": message.msg_id, "msg": body}

    def _send(self, topic: str, body: bytes, properties: pika.BasicProperties) -> None:
        try:
            try:
                self._publish(topic, body, properties)
            except AMQPConnectionError:  # an old connection; whoever gets the message twice knows its id
                self.close()
                self._publish(topic, body, properties)
        except (AMQPError, OSError) as error:
            self.close()
            raise BusError(
                f"{self._target.address} doesn't take the message: {reason_of(error)}") from error

    def _publish(self, topic: str, body: bytes, properties: pika.BasicProperties) -> None:
        if self._connection is None or not self._connection.is_open or not self._channel.is_open:
            self._connection = pika.BlockingConnection(self._target.hosts)
            self._channel = self._connection.channel()
            self._channel.confirm_delivery()
        # Not mandatory: nobody may be interested.
        self._channel.basic_publish(self._target.exchange, topic, body, properties)

    def close(self) -> None:
        """Close the connection. The next message opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.is_open:
            with suppress(AMQPError, OSError):  # it's gone already
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()


def message_properties(message: Message) -> pika.BasicProperties:
    """Properties and headers of a message. The catalogue says whom and what it concerns."""
    facts = catalog().facts(message)
    headers = {
        **_schema(message.title),
        "fedora_messaging_severity": SEVERITIES[facts.event.severity],
        "sent-at": message.sent_at.replace(microsecond=0).isoformat(),
        "priority": 0,
        **dict.fromkeys(sorted(_names(facts))[:MAX_NAMES], True),
    }
    return pika.BasicProperties(
        content_type="application/json", content_encoding="utf-8", delivery_mode=2, priority=0,
        message_id=message.msg_id, headers=headers)


def _schema(title: str) -> Mapping[str, str]:
    if title in FMN_SCHEMAS:
        return {"fedora_messaging_schema": title, "fedora_messaging_schema_package": "fmn_messages"}
    return {"fedora_messaging_schema": BASE_SCHEMA}


def _names(facts: Facts) -> Iterable[str]:
    things = [
        *(("user", name) for name in facts.usernames), *(("group", name) for name in facts.groups),
        *((_KINDS.get(package.namespace, "rpm"), package.name) for package in facts.packages)]
    names = (f"fedora_messaging_{kind}_{name}" for kind, name in things)
    return {name for name in names if len(name.encode("utf-8", "replace")) <= SHORT_STRING_BYTES}


def _routing_key(topic: str) -> str:
    if len(topic.encode("utf-8", "replace")) > SHORT_STRING_BYTES:
        raise BusError(f"{short_repr(topic)} can't be a topic over AMQP: it has more than "
                       f"{SHORT_STRING_BYTES} bytes")
    return topic


def _without_year(msg_id: str) -> str:
    """A message's id without fedmsg's year, by which bridged messages are known here."""
    return _YEAR.sub("", msg_id, count=1) if _YEAR.match(msg_id) else msg_id
