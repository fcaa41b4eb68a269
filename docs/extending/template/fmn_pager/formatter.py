"""Formats a delivery as the one line that a pager shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.delivery.contract import RenderedDelivery, SystemMessage
from fmn.delivery.notification_text import notification_text
from fmn.delivery.signed_links import Links
from fmn.text import shorten

#: Characters that a pager shows.
LONGEST = 200


def format_line(delivery: RenderedDelivery, applications: Mapping[str, str], links: Links) -> str:
    """The line of a delivery: a system message, a single notification, or a digest of several."""
    if delivery.system_message is not None:
        return _system_message(delivery.system_message, links)
    notes = [notification_text(item, applications, links, delivery.presentation) for item in delivery.items]
    if delivery.count == 1:
        return shorten(f"{notes[0].application}: {notes[0].summary}", LONGEST)
    return shorten(f"{delivery.count:,} notifications, the first: {notes[0].summary}", LONGEST)


def _system_message(system_message: SystemMessage, links: Links) -> str:
    if system_message.confirmation is not None:
        return f"{system_message.subject}: {links.code(system_message.confirmation)}"
    return shorten(f"{system_message.subject}: {' '.join(system_message.paragraphs)}", LONGEST)
