"""Message from a source, as all packages use it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

#: Parts of a topic before its title. A topic is ``<prefix>.<environment>.<category>.<event…>``; the prefix
#: has two parts in practice (``org.fedoraproject``).
TITLE_STARTS_AT = 3
#: Name of the first source, which messages of older versions came from.
FEDMSG = "fedmsg"
#: Name of the source of Fedora's messages over AMQP.
FEDORA_MESSAGING = "fedora-messaging"


@dataclass(frozen=True, slots=True)
class Message:
    """A message, validated and repaired by the :mod:`fmn.sources` package that received it.

    ``body`` is any JSON, in practice an object; fedmsg's is the ``msg`` field on the wire. ``sent_at`` is
    aware and in UTC. ``signer`` is who vouches for the id: the common name of fedmsg's certificate, ``""`` if
    signatures aren't checked or don't exist. ``headers`` are what a source says beside the body, of the names
    in ``fmn/sources``; fedmsg has none. ``source`` is the name of the source. ``category`` and ``title`` are
    parts of the topic.
    """

    msg_id: str
    topic: str
    sent_at: datetime
    body: Any
    signer: str = ""
    headers: Mapping[str, Any] = field(default_factory=dict)
    source: str = FEDMSG
    category: str = field(init=False)
    title: str = field(init=False)

    def __post_init__(self) -> None:
        parts = self.topic.split(".", TITLE_STARTS_AT)
        title = parts[TITLE_STARTS_AT] if len(parts) > TITLE_STARTS_AT else ""
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "category", title.split(".", 1)[0])

    @property
    def identity(self) -> tuple[str, str]:
        """Unique key of the message: signer and id."""
        return self.signer, self.msg_id

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any], *, now: datetime | None = None) -> Message:
        """Message of a decoded body, leniently, since recorded ones lack some fields.

        A missing ``msg_id`` becomes a digest of the content, so that reading it again gives the same id; a
        missing or invalid ``timestamp`` becomes ``now``.
        """
        msg_id = wire.get("msg_id")
        return cls(
            msg_id=msg_id if isinstance(msg_id, str) and msg_id else content_id(wire),
            topic=str(wire.get("topic", "")),
            sent_at=moment(wire.get("timestamp")) or now or datetime.now(UTC),
            body=wire.get("msg"),
        )

    @classmethod
    def from_record(cls, record: Mapping[str, Any], *, now: datetime | None = None) -> Message:
        """Message of a record of fedora-messaging: ``topic``, ``headers``, ``body`` and ``id``, leniently.

        datagrepper and the library's own command write messages like this. A missing ``id`` becomes a digest
        of the content; a missing or invalid ``sent-at`` becomes ``now``.
        """
        msg_id, headers = record.get("id"), record.get("headers")
        headers = headers if isinstance(headers, dict) else {}
        return cls(
            msg_id=msg_id if isinstance(msg_id, str) and msg_id else content_id(record),
            topic=str(record.get("topic", "")),
            sent_at=iso_moment(headers.get("sent-at")) or now or datetime.now(UTC),
            body=record.get("body"),
            headers=headers,
            source=FEDORA_MESSAGING,
        )


def content_id(wire: Mapping[str, Any]) -> str:
    """Id derived from the content of a message without one."""
    text = json.dumps(wire, sort_keys=True, separators=(",", ":"), default=str)
    return f"content-{hashlib.sha256(text.encode('ascii', 'replace')).hexdigest()[:32]}"


def moment(timestamp: object) -> datetime | None:
    """The aware UTC datetime of seconds since 1970; ``None`` for an invalid value."""
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float):
        return None
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def iso_moment(text: object) -> datetime | None:
    """The aware UTC datetime of an ISO 8601 text with a time zone; ``None`` for an invalid value."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
