"""Formatter of chat and push messages: from a rendered delivery to a title and a text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fmn.delivery.apprise.markup_writers import MarkdownWriter, MarkupWriter, PlainTextWriter
from fmn.delivery.contract import RenderedDelivery, SystemMessage
from fmn.delivery.headline import notifications_text
from fmn.delivery.notification_groups import NotificationGroup, group_notifications
from fmn.delivery.notification_text import NotificationText, in_time_zone, notification_text, period
from fmn.delivery.signed_links import Links
from fmn.localized import number_text
from fmn.text import shorten
from fmn.translations import gettext, in_language

#: Things that a digest tells of at most: what somebody scrolls through in a chat.
MAX_GROUPS: Final = 30
#: Characters of a summary, and of a longer text.
_LONGEST_SUMMARY: Final = 300
_LONGEST_TEXT: Final = 2_000


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A title in plain text, and a text, which is Markdown if ``is_markdown``."""

    title: str
    text: str
    is_markdown: bool


def format_message(
    delivery: RenderedDelivery, applications: Mapping[str, str], links: Links, *, room: int, markdown: bool,
) -> ChatMessage:
    """Format the message of a delivery: a system message, a single notification, or a digest.

    Its text has ``room`` characters at most, if that's enough for a sentence. A digest tells alike ones
    together; what it has no room for is counted, with a link to the inbox. ``applications`` are the
    applications' titles by category.
    """
    with in_language(delivery.language):
        return _format(
            delivery, applications, links, room, MarkdownWriter() if markdown else PlainTextWriter())


def _format(
    delivery: RenderedDelivery, applications: Mapping[str, str], links: Links, room: int,
    writer: MarkupWriter,
) -> ChatMessage:
    markdown = isinstance(writer, MarkdownWriter)
    if delivery.system_message is not None:
        return ChatMessage(delivery.system_message.subject, _system_message(
            delivery.system_message, links, room, writer), markdown)
    notes = [
        (group, notification_text(group.items[0], applications, links, delivery.presentation))
        for group in group_notifications(delivery.items)]
    if delivery.count == 1:
        [(_, note)] = notes
        return ChatMessage(note.application, _single(note, delivery.remarks, room, writer), markdown)
    with in_time_zone(delivery.time_zone):
        when = period([item.message.sent_at for item in delivery.items])
    title = f"{notifications_text(delivery.count)}, {when}"
    return ChatMessage(title, _digest(delivery, notes, links, room, writer), markdown)


def _system_message(system_message: SystemMessage, links: Links, room: int, writer: MarkupWriter) -> str:
    code = [] if system_message.confirmation is None else [links.code(system_message.confirmation)]
    return _cut("\n\n".join([*system_message.paragraphs, *code, system_message.because]), room, writer)


def _single(note: NotificationText, reason: str, room: int, writer: MarkupWriter) -> str:
    parts = [*filter(None, [writer.escape(reason)]), _entry(note, note.summary, writer)]
    if note.tells_why:
        parts.append(writer.link(gettext("Why"), note.why))
    left = min(_LONGEST_TEXT, room - sum(len(part) + 2 for part in parts) - 2)
    if note.long and left > 0:
        parts.insert(-1 if note.tells_why else len(parts), _cut(note.long, left, writer))
    return "\n\n".join(parts)


def _cut(text: str, room: int, writer: MarkupWriter) -> str:
    """As many whole lines as fit, or a part of the first."""
    # Writing never makes it shorter. What is longer needn't be written, and may be megabytes.
    text = text.lstrip("\n")[:room + 1]
    end, more = writer.escape("\n"), writer.escape("\n…")
    written = ""
    for line in text.split("\n"):
        longer = f"{written}{end}{writer.escape(line)}" if written else writer.escape(line)
        if len(longer) + len(more) > room:
            return f"{written}{more}" if written else writer.escape(shorten(line, room // 2))
        written = longer
    return writer.escape(text)


def _digest(
    delivery: RenderedDelivery, notes: Sequence[tuple[NotificationGroup, NotificationText]], links: Links,
    room: int, writer: MarkupWriter,
) -> str:
    lines = [*filter(None, [writer.escape(delivery.remarks)])]
    untold = delivery.count
    for group, line in _lines(notes, writer):
        rest = _rest(untold, links, writer)
        if sum(len(each) + 2 for each in (*lines, line, rest)) > room:
            break
        lines.append(line)
        untold -= len(group.items)
    return "\n\n".join([*lines, _rest(untold, links, writer)] if untold else lines)


def _lines(
    notes: Sequence[tuple[NotificationGroup, NotificationText]], writer: MarkupWriter,
) -> Iterator[tuple[NotificationGroup, str]]:
    for group, note in notes[:MAX_GROUPS]:
        told = _entry(note, f"{note.application}: {group.summary}", writer, linked=len(group.items) == 1)
        yield group, told


def _entry(note: NotificationText, summary: str, writer: MarkupWriter, *, linked: bool = True) -> str:
    text = shorten(summary, _LONGEST_SUMMARY)
    return writer.link(text, note.link) if linked and note.link else writer.escape(text)


def _rest(untold: int, links: Links, writer: MarkupWriter) -> str:
    more = gettext("And {number} more in your inbox").format(number=number_text(untold))
    return writer.link(more, links.inbox())
