"""The message: one event from the bus, as every room of FMN knows it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

#: A topic is ``<prefix>.<environment>.<category>.<event…>``; the prefix has two parts in practice
#: (``org.fedoraproject``), so what follows the third dot says what happened.
TITLE_STARTS_AT = 3


@dataclass(frozen=True, slots=True)
class Message:
    """One event from the bus, checked and made storable by :mod:`fmn.sources.fedmsg`.

    ``body`` is the event itself (the ``msg`` field on the wire): any JSON, in practice an object.
    ``sent_at`` is aware and in UTC. ``signer`` is the certificate's common name, empty when
    signatures aren't checked. ``category`` and ``title`` follow from the topic.
    """

    msg_id: str
    topic: str
    sent_at: datetime
    body: Any
    signer: str = ""
    category: str = field(init=False)
    title: str = field(init=False)

    def __post_init__(self) -> None:
        parts = self.topic.split(".", TITLE_STARTS_AT)
        title = parts[TITLE_STARTS_AT] if len(parts) > TITLE_STARTS_AT else ""
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "category", title.split(".", 1)[0])

    @property
    def identity(self) -> tuple[str, str]:
        """What no other message has: who signed it, and the id that they gave it."""
        return self.signer, self.msg_id

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any], *, now: datetime | None = None) -> Message:
        """Read a decoded bus message leniently: recorded ones lack one field or another.

        A missing ``msg_id`` becomes a digest of the content, so the same message read twice is
        still the same message; a missing or unusable ``timestamp`` becomes ``now``.
        """
        msg_id = wire.get("msg_id")
        return cls(
            msg_id=msg_id if isinstance(msg_id, str) and msg_id else content_id(wire),
            topic=str(wire.get("topic", "")),
            sent_at=moment(wire.get("timestamp")) or now or datetime.now(UTC),
            body=wire.get("msg"),
        )


def content_id(wire: Mapping[str, Any]) -> str:
    """An id for a message that came without one: the same content gives the same id."""
    text = json.dumps(wire, sort_keys=True, separators=(",", ":"), default=str)
    return f"content-{hashlib.sha256(text.encode('ascii', 'replace')).hexdigest()[:32]}"


def moment(timestamp: object) -> datetime | None:
    """The aware UTC datetime of seconds since 1970, or ``None`` for what can't be one."""
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float):
        return None
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None
