"""Formatter of Server-Sent Events: from a rendered delivery to an event per notification. Pure."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fmn.delivery.contract import RenderedDelivery, RenderedNotification, SystemMessage
from fmn.delivery.notification_json import notification_fields
from fmn.delivery.notification_text import NotificationText, notification_text, web_link
from fmn.delivery.signed_links import Links
from fmn.people.preferences import Presentation


@dataclass(frozen=True, slots=True)
class SseEvent:
    """An event: a JSON object, and the id at which a reconnecting client resumes."""

    id: str
    data: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The event as a line of JSON."""
        # ASCII, for JavaScript takes more characters for line ends than one would think.
        return json.dumps(self.data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def format_events(
    delivery: RenderedDelivery, applications: Mapping[str, str], links: Links,
) -> Sequence[SseEvent]:
    """Format the events of a delivery: one for each notification, oldest first, or a system message.

    Their ids are the delivery's key, and in a digest, behind a slash, which of its items it is, from 1. One
    more, after them, tells of what is only counted, and why they come together.
    ``applications`` are the applications' titles by category.
    """
    if delivery.system_message is not None:
        return [_system_message(delivery, delivery.system_message)]
    wanted = delivery.presentation
    events = [
        SseEvent(
            event_id, _data(event_id, item, notification_text(item, applications, links, wanted), wanted))
        for event_id, item in zip(_ids(delivery), delivery.items, strict=True)
    ]
    return [*events, _rest(delivery, links)] if delivery.more or delivery.note else events


def _ids(delivery: RenderedDelivery) -> Iterable[str]:
    if len(delivery.items) == 1:
        return [delivery.key]
    return [f"{delivery.key}/{position}" for position, _ in enumerate(delivery.items, start=1)]


def _rest(delivery: RenderedDelivery, links: Links) -> SseEvent:
    """The event that has the delivery's note and count."""
    event_id = f"{delivery.key}/rest"
    more = f"{delivery.more:,} more are in your inbox." if delivery.more else ""
    summary, link = " ".join(filter(None, [delivery.note, more])), links.inbox()
    markup = _linked(summary, link) if delivery.presentation.markup else html.escape(summary)
    return SseEvent(event_id, {
        "dom_id": f"rest-{delivery.key}", "date_time": delivery.created_at.isoformat(), "icon": "",
        "link": link, "markup": markup, "secondary_icon": "", "id": event_id, "summary": summary,
    })


def _system_message(delivery: RenderedDelivery, system_message: SystemMessage) -> SseEvent:
    return SseEvent(delivery.key, {
        "dom_id": f"letter-{delivery.key}", "date_time": delivery.created_at.isoformat(), "icon": "",
        "link": "", "markup": html.escape(system_message.subject), "secondary_icon": "", "id": delivery.key,
        "summary": system_message.subject, "text": "\n\n".join(system_message.paragraphs),
        "why": system_message.because,
    })


def _data(
    event_id: str, item: RenderedNotification, note: NotificationText, wanted: Presentation,
) -> Mapping[str, Any]:
    return {**_fmn2_fields(item, note, wanted), "id": event_id, **notification_fields(item, note)}


def _fmn2_fields(
    item: RenderedNotification, note: NotificationText, wanted: Presentation,
) -> Mapping[str, str]:
    """Fields that FMN 2's clients know; missing ones are ``""``."""
    return {
        "dom_id": f"notification-{item.notification_id}",
        "date_time": note.sent_at.isoformat(),
        "icon": web_link(item.description.icon),
        "link": note.link,
        "markup": _linked(note.summary, note.link) if wanted.markup else html.escape(note.summary),
        "secondary_icon": web_link(item.description.secondary_icon),
    }


def _linked(summary: str, link: str) -> str:
    """The summary as HTML, linked."""
    text = html.escape(summary)
    return f'<a href="{html.escape(link)}">{text}</a>' if link else text
