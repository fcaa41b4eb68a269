"""What IRC lines say: from a delivery in words to the texts of some ``PRIVMSG``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fmn.catalog import Severity
from fmn.delivery.contract import Outgoing
from fmn.delivery.irc.letters import letter_lines
from fmn.delivery.irc.line_splitting import LONGEST_LINE, shortened, size, wrapped
from fmn.delivery.notification_groups import Group, groups_of
from fmn.delivery.notification_text import application_of, busiest, note_of, period
from fmn.delivery.signed_links import Links
from fmn.people.preferences import Presentation
from fmn.settings import MOST_IRC_LINES
from fmn.text import shorten

#: Things that a digest tells of. Servers throw out whoever sends more than a line or so in a second, and
#: nobody reads back through more than a screen.
MOST_GROUPS = 10
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


def format_lines(outgoing: Outgoing, applications: Mapping[str, str], links: Links) -> Sequence[str]:
    """The lines of a delivery: a single, or with several items a digest, which tells alike ones together.

    Each has at most :data:`LONGEST_LINE` bytes in UTF-8 and no control characters but, where markup is
    wanted, our own for colours. ``applications`` are the applications' titles by category. What a digest has
    no room for is counted, with a link to the inbox. There are :data:`~fmn.settings.MOST_IRC_LINES` at most.
    """
    if outgoing.letter is not None:
        return letter_lines(outgoing.letter, links)
    groups = groups_of(outgoing.items)
    told = [_told(group, applications, links, outgoing.presentation) for group in groups[:MOST_GROUPS]]
    if outgoing.count > 1:
        told.insert(0, _headline(outgoing, applications))
    if remarks := outgoing.remarks:
        told.insert(0, remarks.split())
    if left_out := outgoing.more + sum(len(group.items) for group in groups[MOST_GROUPS:]):
        told.append(["and", f"{left_out:,}", "more:", links.inbox()])
    lines = [line for words in told for line in wrapped(words)]
    return shortened(lines, MOST_IRC_LINES, f"and more that had no room: {links.inbox()}")


def _told(
    group: Group, applications: Mapping[str, str], links: Links, presentation: Presentation,
) -> Sequence[str]:
    """Alike notifications in words, which stay whole where a line has room for them."""
    first = group.items[0]
    note = note_of(first, applications, links, presentation)
    tag = f"[{shorten(note.application, _LONGEST_TAG)}]"
    # Only the tag: some clients take a code behind a link for a part of it.
    tag = _COLOUR.format(_COLOURS[first.description.severity], tag) if presentation.markup else tag
    summary = shorten(group.summary, _LONGEST_SUMMARY).split()
    # Each of several has a link of its own. In two lines a link would lead nowhere.
    link = note.link if len(group.items) == 1 and size(note.link) <= LONGEST_LINE else ""
    why = f"Why: {note.why}" if note.tells_why else ""
    return [tag, *summary, *filter(None, (link, why))]


def _headline(outgoing: Outgoing, applications: Mapping[str, str]) -> Sequence[str]:
    items = outgoing.items
    shares = busiest((application_of(item, applications) for item in items), _NAMED_APPLICATIONS)
    counts = ", ".join(f"{count:,} from {application}" for application, count in shares)
    when = period([item.message.sent_at for item in items])
    first = f"the first {len(items):,} " if outgoing.more else ""
    return f"{outgoing.count:,} notifications, {first}{when}: {counts}".split()
