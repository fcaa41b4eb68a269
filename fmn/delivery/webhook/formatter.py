"""What a web hook is sent: from a delivery in words to JSON. Pure. docs/webhooks describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fmn.delivery.contract import Item, Letter, Outgoing
from fmn.delivery.json_fields import fields_of
from fmn.delivery.notification_text import note_of
from fmn.delivery.signed_links import Links
from fmn.people.preferences import Presentation


def format_body(outgoing: Outgoing, applications: Mapping[str, str], links: Links) -> bytes:
    """The body of a request, in ASCII. ``applications`` are the applications' titles by category."""
    letter = outgoing.letter
    if letter is not None:
        kind, data = letter.kind, _letter(letter, links)
    else:
        kind = "digest" if outgoing.count > 1 or outgoing.note else "notification"
        data = _digest(outgoing, applications, links)
    said = {
        "type": kind, "timestamp": outgoing.created_at.isoformat(), "data": {"nick": outgoing.nick, **data}}
    return json.dumps(said, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def _digest(outgoing: Outgoing, applications: Mapping[str, str], links: Links) -> Mapping[str, Any]:
    return {
        "items": [_item(item, applications, links, outgoing.presentation) for item in outgoing.items],
        "more": outgoing.more,
        "note": outgoing.note,
        "inbox": links.inbox(),
    }


def _item(
    item: Item, applications: Mapping[str, str], links: Links, presentation: Presentation,
) -> Mapping[str, Any]:
    note = note_of(item, applications, links, presentation)
    return {
        "id": item.notification_id, "sent_at": note.sent_at.isoformat(), "link": note.link, "text": note.long,
        **fields_of(item, note),
    }


def _letter(letter: Letter, links: Links) -> Mapping[str, Any]:
    said = {"subject": letter.subject, "text": "\n\n".join(letter.paragraphs), "because": letter.because}
    if letter.confirmation is None:
        return said
    return {**said, "code": links.code(letter.confirmation)}
