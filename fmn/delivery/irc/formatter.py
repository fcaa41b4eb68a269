"""Formatter of IRC lines: from a rendered delivery to texts of ``PRIVMSG``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fmn.catalog import Severity
from fmn.delivery.contract import RenderedDelivery, SystemMessage
from fmn.delivery.headline import digest_headline
from fmn.delivery.irc.line_splitting import LONGEST_LINE, limit_lines, size, wrap_words
from fmn.delivery.irc.settings import MAX_IRC_LINES
from fmn.delivery.notification_groups import NotificationGroup, group_notifications
from fmn.delivery.notification_text import (
    application_of,
    in_time_zone,
    most_frequent,
    notification_text,
    period,
)
from fmn.delivery.signed_links import Links
from fmn.localized import number_text
from fmn.people.preferences import Presentation
from fmn.text import one_line, shorten
from fmn.translations import gettext, in_language

#: Things that a digest tells of. Servers throw out whoever sends more than a line or so in a second, and
#: nobody reads back through more than a screen.
MAX_GROUPS = 10
#: Characters of a summary. Real ones have up to 200; the why page shows all of it.
_LONGEST_SUMMARY = 300
#: Characters of an application's name in front of a line.
_LONGEST_TAG = 40
#: A digest's first line names this many applications, and counts the rest together.
_NAMED_APPLICATIONS = 4

#: mIRC's codes, which nearly all clients know. Two digits, or one that follows would be read as part of them.
_COLOUR = "\x03{:02}{}\x0f"
#: Those that can be read on white and on black: grey, teal, orange, red.
_COLOURS = MappingProxyType({
    Severity.DEBUG: 14, Severity.INFO: 10, Severity.WARNING: 7, Severity.ERROR: 4,
})


def format_lines(delivery: RenderedDelivery, applications: Mapping[str, str], links: Links) -> Sequence[str]:
    """Format the lines of a delivery: a single notification, or a digest, with related ones grouped.

    Each has at most :data:`LONGEST_LINE` bytes in UTF-8 and no control characters but, where markup is
    wanted, our own for colours. ``applications`` are the applications' titles by category. What a digest has
    no room for is counted, with a link to the inbox. There are
    :data:`~fmn.delivery.irc.settings.MAX_IRC_LINES` at most.
    """
    if delivery.system_message is not None:
        return system_message_lines(delivery.system_message, links)
    with in_language(delivery.language), in_time_zone(delivery.time_zone):
        return _notification_lines(delivery, applications, links)


def _notification_lines(
    delivery: RenderedDelivery, applications: Mapping[str, str], links: Links,
) -> Sequence[str]:
    groups = group_notifications(delivery.items)
    entries = [
        _entry_words(group, applications, links, delivery.presentation) for group in groups[:MAX_GROUPS]]
    if delivery.count > 1:
        entries.insert(0, _headline(delivery, applications))
    if remarks := delivery.remarks:
        entries.insert(0, remarks.split())
    if left_out := delivery.more + sum(len(group.items) for group in groups[MAX_GROUPS:]):
        entries.append(gettext("and {number} more: {link}").format(
            number=number_text(left_out), link=links.inbox()).split())
    lines = [line for words in entries for line in wrap_words(words)]
    return limit_lines(lines, MAX_IRC_LINES, gettext("and more: {link}").format(link=links.inbox()))


def _entry_words(
    group: NotificationGroup, applications: Mapping[str, str], links: Links, presentation: Presentation,
) -> Sequence[str]:
    """Words of a group's entry; a word isn't divided unless it's longer than a line."""
    first = group.items[0]
    note = notification_text(first, applications, links, presentation)
    tag = f"[{shorten(note.application, _LONGEST_TAG)}]"
    # Only the tag: some clients take a code behind a link for a part of it.
    tag = _COLOUR.format(_COLOURS[first.description.severity], tag) if presentation.markup else tag
    summary = shorten(group.summary, _LONGEST_SUMMARY).split()
    # Each of several has a link of its own. In two lines a link would lead nowhere.
    link = note.link if len(group.items) == 1 and size(note.link) <= LONGEST_LINE else ""
    why = gettext("Why: {link}").format(link=note.why) if note.tells_why else ""
    return [tag, *summary, *filter(None, (link, why))]


def _headline(delivery: RenderedDelivery, applications: Mapping[str, str]) -> Sequence[str]:
    items = delivery.items
    shares = most_frequent((application_of(item, applications) for item in items), _NAMED_APPLICATIONS)
    counts = ", ".join(
        gettext("{number} from {application}").format(number=number_text(count), application=application)
        for application, count in shares)
    told = gettext("{headline}, the first {number} {period}: {counts}") if delivery.more else (
        "{headline}, {period}: {counts}")
    return told.format(
        headline=digest_headline(delivery), number=number_text(len(items)), counts=counts,
        period=period([item.message.sent_at for item in items])).split()


def system_message_lines(system_message: SystemMessage, links: Links) -> Sequence[str]:
    """Format the lines of a system message: subject, text and reason."""
    said = [f"{system_message.subject}: {' '.join(system_message.paragraphs)}", system_message.because]
    if system_message.confirmation is not None:
        said.insert(1, links.confirm(system_message.confirmation))
    return [line for text in said for line in wrap_words(one_line(text).split())]
