"""JSON fields of a notification, the same in all channels for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fmn.delivery.bus_lag import lag_sentence
from fmn.delivery.contract import RenderedNotification
from fmn.delivery.notification_text import NotificationText, name

#: People, packages and groups that are named of each. A mass rebuild concerns thousands; the why page has
#: all.
MAX_NAMES = 100


def notification_fields(item: RenderedNotification, note: NotificationText) -> Mapping[str, Any]:
    """The fields of a notification; missing ones are ``""``, a missing agent is ``None``."""
    return {
        "summary": note.summary,
        "title": note.title,
        "category": name(item.message.category),
        "application": note.application,
        "event_type": name(item.description.kind),
        "severity": item.description.severity,
        "late": lag_sentence(item.lag),
        "agent": name(item.agent or "") or None,
        "usernames": list(_names(item.usernames)),
        "packages": list(_names(item.packages)),
        "groups": list(_names(item.groups)),
        "filter": note.filter_name if note.tells_why else "",
        "why": note.why if note.tells_why else "",
    }


def _names(names: Sequence[str]) -> Iterator[str]:
    return filter(None, map(name, names[:MAX_NAMES]))
