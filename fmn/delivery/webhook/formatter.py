"""What a web hook is sent: from a delivery in words to JSON. Pure. docs/reference/webhooks describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fmn.delivery.contract import RenderedDelivery, RenderedNotification, SystemMessage
from fmn.delivery.notification_json import notification_fields
from fmn.delivery.notification_text import notification_text
from fmn.delivery.signed_links import Links
from fmn.people.preferences import Presentation


def format_body(delivery: RenderedDelivery, applications: Mapping[str, str], links: Links) -> bytes:
    """The body of a request, in ASCII. ``applications`` are the applications' titles by category."""
    system_message = delivery.system_message
    if system_message is not None:
        kind, data = system_message.kind, _system_message(system_message, links)
    else:
        kind = "digest" if delivery.count > 1 or delivery.note else "notification"
        data = _digest(delivery, applications, links)
    said = {
        "type": kind, "timestamp": delivery.created_at.isoformat(), "data": {"nick": delivery.nick, **data}}
    return json.dumps(said, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def _digest(delivery: RenderedDelivery, applications: Mapping[str, str], links: Links) -> Mapping[str, Any]:
    return {
        "items": [_item(item, applications, links, delivery.presentation) for item in delivery.items],
        "more": delivery.more,
        "note": delivery.note,
        "inbox": links.inbox(),
    }


def _item(
    item: RenderedNotification, applications: Mapping[str, str], links: Links, presentation: Presentation,
) -> Mapping[str, Any]:
    note = notification_text(item, applications, links, presentation)
    return {
        "id": item.notification_id, "sent_at": note.sent_at.isoformat(), "link": note.link, "text": note.long,
        **notification_fields(item, note),
    }


def _system_message(system_message: SystemMessage, links: Links) -> Mapping[str, Any]:
    said = {"subject": system_message.subject, "text": "\n\n".join(
        system_message.paragraphs), "because": system_message.because}
    if system_message.confirmation is None:
        return said
    return {**said, "code": links.code(system_message.confirmation)}
