"""What Server-Sent Events say: from a delivery in words to one event per notification. Pure."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fmn.delivery.contract import Item, Letter, Outgoing
from fmn.delivery.json_fields import fields_of
from fmn.delivery.notification_text import Note, note_of, web_link
from fmn.delivery.signed_links import Links
from fmn.people.preferences import Presentation


@dataclass(frozen=True, slots=True)
class Event:
    """One event: a JSON object, and the id from which a client that lost its connection goes on."""

    id: str
    data: Mapping[str, Any]

    @property
    def text(self) -> str:
        """What it says, as a line of JSON."""
        # ASCII, for JavaScript takes more characters for line ends than one would think.
        return json.dumps(self.data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def format_events(
    outgoing: Outgoing, applications: Mapping[str, str], links: Links,
) -> Sequence[Event]:
    """The events of a delivery: one for each item, oldest first, or that of a letter.

    Their ids are the delivery's key, and in a digest, behind a slash, which of its items it is, from 1. One
    more, after them, tells of what is only counted, and why they come together.
    ``applications`` are the applications' titles by category.
    """
    if outgoing.letter is not None:
        return [_letter(outgoing, outgoing.letter)]
    wanted = outgoing.presentation
    events = [
        Event(event_id, _data(event_id, item, note_of(item, applications, links, wanted), wanted))
        for event_id, item in zip(_ids(outgoing), outgoing.items, strict=True)
    ]
    return [*events, _rest(outgoing, links)] if outgoing.more or outgoing.note else events


def _ids(outgoing: Outgoing) -> Iterable[str]:
    if len(outgoing.items) == 1:
        return [outgoing.key]
    return [f"{outgoing.key}/{position}" for position, _ in enumerate(outgoing.items, start=1)]


def _rest(outgoing: Outgoing, links: Links) -> Event:
    """What there is to say beside the items."""
    event_id = f"{outgoing.key}/rest"
    more = f"{outgoing.more:,} more are in your inbox." if outgoing.more else ""
    summary, link = " ".join(filter(None, [outgoing.note, more])), links.inbox()
    markup = _linked(summary, link) if outgoing.presentation.markup else html.escape(summary)
    return Event(event_id, {
        "dom_id": f"rest-{outgoing.key}", "date_time": outgoing.created_at.isoformat(), "icon": "",
        "link": link, "markup": markup, "secondary_icon": "", "id": event_id, "summary": summary,
    })


def _letter(outgoing: Outgoing, letter: Letter) -> Event:
    return Event(outgoing.key, {
        "dom_id": f"letter-{outgoing.key}", "date_time": outgoing.created_at.isoformat(), "icon": "",
        "link": "", "markup": html.escape(letter.subject), "secondary_icon": "", "id": outgoing.key,
        "summary": letter.subject, "text": "\n\n".join(letter.paragraphs), "why": letter.because,
    })


def _data(event_id: str, item: Item, note: Note, wanted: Presentation) -> Mapping[str, Any]:
    return {**_of_fmn_2(item, note, wanted), "id": event_id, **fields_of(item, note)}


def _of_fmn_2(item: Item, note: Note, wanted: Presentation) -> Mapping[str, str]:
    """The fields that FMN 2's clients know; what there isn't is ``""``."""
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
