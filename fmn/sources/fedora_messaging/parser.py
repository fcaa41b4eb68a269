"""Parser of AMQP messages: from a delivery to a storable message, or a reason to reject it. Pure.

The body is the message, without an envelope; the topic is the routing key, and the rest is in properties and
headers. The size is checked before anything is decoded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fmn.catalog.message import FEDORA_MESSAGING, Message, content_id
from fmn.infra import metrics
from fmn.settings import BusSettings
from fmn.sources.inbound_filter import InboundFilter
from fmn.sources.json_objects import decode_object
from fmn.sources.rejection import MessageRejectedError, RejectionReason, short_repr
from fmn.sources.repair import may_need_repair, repaired_and_counted
from fmn.sources.topics import check_topic
from fmn.sources.webhook_headers import without_secrets

#: Characters of an id, as wide as the ledger's column. Real ids have 36.
LONGEST_MSG_ID: Final = 200
#: No message of this kind was sent before.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: Tolerance for a publisher's clock that is ahead.
MAX_CLOCK_AHEAD: Final = timedelta(days=1)
#: Headers that are kept of a message, and characters of each and of its value.
MAX_HEADERS: Final = 200
LONGEST_HEADER: Final = 200
#: Names that some publishers send for nobody.
NO_NAMES: Final = frozenset({"None", ""})
#: What a message may be encoded in. Python knows more, which may expand to any size.
ENCODINGS: Final = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "ascii": "ascii",
    "iso-8859-1": "latin-1", "latin-1": "latin-1", "latin1": "latin-1"}
#: Beginning of ids that fedmsg gives, and the bridge from there keeps: the year.
BRIDGED_ID: Final = re.compile(r"\d{4}-", re.ASCII)
#: Metric label of a ``sent-at`` that can't be read.
SENT_AT: Final = "sent-at"

_SCHEMA: Final = "fedora_messaging_schema"
_NUMBERS: Final = ("fedora_messaging_severity", "priority")
_FLAG: Final = re.compile(
    r"fedora_messaging_(?:user|group|rpm|container|module|flatpak)_(?P<name>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as AMQP delivers it.

    ``size`` is the body's; of a body that's too large, ``body`` is the beginning. ``readable`` says whether
    its properties could be decoded. ``tag`` acknowledges it on its ``channel``.
    """

    topic: object
    body: bytes
    size: int
    headers: Mapping[Any, Any] = field(default_factory=dict)
    message_id: object = None
    content_encoding: object = None
    priority: object = None
    readable: bool = True
    channel: object = None
    tag: int = 0


class AmqpMessageParser:
    """Parser of AMQP messages. Thread-safe.

    Size, junk suffixes and Copr owners are those of ``fmn.bus``; topics are selected by the queue's bindings.
    """

    def __init__(self, settings: BusSettings, *, ignores_bridged: bool = False) -> None:
        """With ``ignores_bridged``, messages that a bridge brought from fedmsg are rejected."""
        self._ignores_bridged = ignores_bridged
        self._max_bytes = settings.max_message_bytes
        self._inbound_filter = InboundFilter(settings.model_copy(update={"topics": ("*",)}))

    def parse(self, delivery: Delivery, now: datetime) -> Message:
        """The message of a delivery that arrived at ``now``.

        A ``sent-at`` that is missing or can't be right is replaced by the time of receipt: nothing else in
        the message depends on it.

        :raises MessageRejectedError: the message is invalid or unwanted
        """
        if not delivery.readable:
            raise MessageRejectedError(RejectionReason.BAD_PROPERTIES, "the properties can't be decoded")
        if delivery.size > self._max_bytes:
            raise MessageRejectedError(
                RejectionReason.TOO_LARGE, f"{delivery.size} bytes, and at most {self._max_bytes} are taken")
        topic = check_topic(delivery.topic)
        self._inbound_filter.check_topic(topic)
        body = decode_object(delivery.body, _encoding(delivery.content_encoding))
        self._inbound_filter.check(topic, body)
        headers = _headers(delivery)
        msg_id = _msg_id(delivery, topic, body)
        if self._ignores_bridged and BRIDGED_ID.match(msg_id):
            raise MessageRejectedError(RejectionReason.BRIDGED, f"{msg_id} is an id of fedmsg")
        return Message(
            msg_id, topic, _sent_at(headers, now), without_secrets(_repaired(body)), headers=headers,
            source=FEDORA_MESSAGING)


def _encoding(value: object) -> str:
    if value is None or value == "":
        return "utf-8"
    known = ENCODINGS.get(value.lower()) if isinstance(value, str) else None
    if known is None:
        raise MessageRejectedError(
            RejectionReason.UNKNOWN_ENCODING, f"the content encoding is {short_repr(value)}")
    return known


def _msg_id(delivery: Delivery, topic: str, body: Mapping[str, Any]) -> str:
    """The message's id, or one derived from its content without one."""
    msg_id = delivery.message_id
    if msg_id is None or msg_id == "":
        sent_at = short_repr(delivery.headers.get("sent-at"))
        return content_id({"topic": topic, "msg": body, "sent-at": sent_at})
    if isinstance(msg_id, str) and len(msg_id) <= LONGEST_MSG_ID and msg_id.isprintable():
        return msg_id
    raise MessageRejectedError(RejectionReason.BAD_MSG_ID, f"the message_id is {short_repr(msg_id)}")


def _headers(delivery: Delivery) -> dict[str, Any]:
    """The headers that are kept: what FMN's rules and catalogue know, without names of nobody."""
    kept: dict[str, Any] = {}
    for name, value in _known_headers(delivery):
        if len(kept) >= MAX_HEADERS:
            metrics.messages_repaired.labels("headers").inc()
            break
        kept[name] = value
    return kept


def _known_headers(delivery: Delivery) -> Iterator[tuple[str, Any]]:
    given = delivery.headers
    for name in (_SCHEMA, "sent-at"):
        if _is_text(text := given.get(name)):
            yield name, text
    for name in _NUMBERS:
        value = given.get(name, delivery.priority if name == "priority" else None)
        if isinstance(value, int) and not isinstance(value, bool):
            yield name, value
    yield from ((name, True) for name, value in given.items() if value is True and _is_flag(name))


def _is_flag(name: object) -> bool:
    """Whether a header names somebody or something that the message is about."""
    found = _FLAG.fullmatch(name) if isinstance(name, str) and _is_text(name) else None
    return found is not None and found["name"] not in NO_NAMES


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_HEADER and value.isprintable()


def _sent_at(headers: Mapping[str, Any], now: datetime) -> datetime:
    if SENT_AT not in headers:
        return now
    try:
        read = datetime.fromisoformat(headers[SENT_AT])
        sent_at = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        sent_at = EARLIEST - MAX_CLOCK_AHEAD
    if EARLIEST <= sent_at <= now + MAX_CLOCK_AHEAD:
        return sent_at
    metrics.messages_repaired.labels(SENT_AT).inc()
    return now


def _repaired(body: dict[str, Any]) -> Any:
    # The one spelling that `may_need_repair` relies on, as fedmsg's canonical text has it.
    if not may_need_repair(json.dumps(body).encode("ascii")):
        return body
    return repaired_and_counted(body)
