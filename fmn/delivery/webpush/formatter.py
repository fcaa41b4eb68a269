"""Formats rendered deliveries as push messages: the JSON that the service worker shows. Pure.

``webapp/static/service-worker.js`` reads it: ``title``, ``body`` and ``tag`` of a notification, ``url``,
which a click opens, and ``why``, FMN's own page about it, which a button named ``why_label`` opens.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fmn.catalog.events import Severity
from fmn.delivery.contract import RenderedDelivery, SystemMessage
from fmn.delivery.headline import addressed, digest_headline
from fmn.delivery.notification_groups import group_notifications
from fmn.delivery.notification_text import NotificationText, notification_text
from fmn.delivery.signed_links import Links
from fmn.delivery.webpush import base64url
from fmn.text import shorten
from fmn.translations import gettext, in_language

#: Bytes of a message. Push services take 3,993, but some phones' less.
MAX_BYTES: Final = 2_800
#: Characters of a title and of a text that systems show; they cut far shorter ones.
_LONGEST_TITLE: Final = 150
_LONGEST_TEXT: Final = 300
#: What a digest lists; the inbox has all.
_MAX_LINES: Final = 4
#: Characters of a topic (RFC 8030 section 5.4).
_TOPIC_LENGTH: Final = 32
CONFIRMATION: Final = "confirmation"


class Urgency(StrEnum):
    """How soon a push service wakes a phone up for a message (RFC 8030 section 5.3)."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


_URGENCIES: Final[Mapping[Severity, Urgency]] = {
    Severity.DEBUG: Urgency.LOW, Severity.INFO: Urgency.NORMAL, Severity.WARNING: Urgency.NORMAL,
    Severity.ERROR: Urgency.HIGH}


@dataclass(frozen=True)
class PushMessage:
    """A message for one browser.

    With a ``topic`` it replaces an earlier one of the same topic that the push service still keeps.
    """

    body: bytes
    urgency: Urgency
    topic: str = ""


@dataclass(frozen=True)
class _Shown:
    """What the service worker shows."""

    title: str
    text: str
    tag: str
    url: str = ""
    why: str = ""
    code: str = ""

    def encode(self, kind: str) -> bytes:
        """As JSON of at most :data:`MAX_BYTES`; links that are too long are replaced by FMN's own page."""
        return _encoded(self, kind) if len(_encoded(self, kind)) <= MAX_BYTES else _encoded(
            replace(self, url=self.why), kind)


def format_push(
    delivery: RenderedDelivery, applications: Mapping[str, str], links: Links, secret: str,
) -> PushMessage:
    """Format a delivery. ``applications`` are the applications' titles by category.

    ``secret`` keeps push services from telling by the topic who hears of the same thing.
    """
    with in_language(delivery.language):
        return _format(delivery, applications, links, secret)


def _format(
    delivery: RenderedDelivery, applications: Mapping[str, str], links: Links, secret: str,
) -> PushMessage:
    tag = _keyed(secret, delivery.key)
    if delivery.system_message is not None:
        shown = _system_message(delivery.system_message, tag, links)
        return PushMessage(shown.encode(delivery.system_message.kind), Urgency.HIGH)
    urgency = max((_URGENCIES[item.description.severity] for item in delivery.items), key=list(Urgency).index)
    if delivery.count > 1:
        return PushMessage(_digest(delivery, tag, links).encode("digest"), urgency)
    [item] = delivery.items
    thread = item.description.thread
    topic = _keyed(secret, f"{delivery.preference_id}\0{delivery.destination}\0{thread}") if thread else ""
    note = notification_text(item, applications, links, delivery.presentation)
    shown = _single(note, addressed(note.summary, item, delivery.nick), delivery.remarks, topic or tag)
    return PushMessage(shown.encode("notification"), urgency, topic)


def _single(note: NotificationText, summary: str, remarks: str, tag: str) -> _Shown:
    text = " ".join(filter(None, [remarks, note.long.replace("\n", " ")]))
    return _Shown(
        shorten(summary, _LONGEST_TITLE) or note.title, shorten(text, _LONGEST_TEXT) or note.application, tag,
        note.link or note.why, note.why)


def _digest(delivery: RenderedDelivery, tag: str, links: Links) -> _Shown:
    groups = group_notifications(delivery.items)[:_MAX_LINES]
    lines = [shorten(group.summary, _LONGEST_TITLE) for group in groups]
    text = "\n".join(filter(None, [shorten(delivery.remarks, _LONGEST_TITLE), *lines]))
    return _Shown(digest_headline(delivery), text[:_LONGEST_TEXT], tag, links.inbox(), links.inbox())


def _system_message(message: SystemMessage, tag: str, links: Links) -> _Shown:
    here = links.preference("webpush")
    if message.confirmation is not None:
        code = links.code(message.confirmation)
        # Where the page is open, it enters the code by itself.
        said = gettext("The code is {code}.").format(code=code)
        return _Shown(gettext("Confirm this browser"), said, CONFIRMATION, here, code=code)
    text = shorten(" ".join(message.paragraphs), _LONGEST_TEXT)
    return _Shown(shorten(message.subject, _LONGEST_TITLE), text, tag, here)


def _encoded(shown: _Shown, kind: str) -> bytes:
    fields = {
        "kind": kind, "title": shown.title, "body": shown.text, "tag": shown.tag, "url": shown.url,
        "why": shown.why, "why_label": gettext("Why?") if shown.why != shown.url else "", "code": shown.code}
    text = json.dumps({name: value for name, value in fields.items() if value}, ensure_ascii=False)
    return text.encode("utf-8", "replace")


def _keyed(secret: str, what: str) -> str:
    digest = hmac.digest(secret.encode(), f"fmn.webpush.topic\0{what}".encode(), hashlib.sha256)
    return base64url.encode(digest)[:_TOPIC_LENGTH]
