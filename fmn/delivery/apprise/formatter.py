"""What chat and push services say: from a delivery in words to a title and a text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fmn.delivery.apprise.markup_writers import Markdown, Plain, Writer
from fmn.delivery.contract import Letter, Outgoing
from fmn.delivery.notification_groups import Group, groups_of
from fmn.delivery.notification_text import Note, note_of, period
from fmn.delivery.signed_links import Links
from fmn.text import shorten

#: Things that a digest tells of at most: what somebody scrolls through in a chat.
MOST_GROUPS: Final = 30
#: Characters of a summary, and of a longer text.
_LONGEST_SUMMARY: Final = 300
_LONGEST_TEXT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Message:
    """A title in plain text, and a text, which is Markdown if ``is_markdown``."""

    title: str
    text: str
    is_markdown: bool


def format_message(
    outgoing: Outgoing, applications: Mapping[str, str], links: Links, *, room: int, markdown: bool,
) -> Message:
    """The message of a delivery: a letter, a single, or with several items a digest.

    Its text has ``room`` characters at most, if that's enough for a sentence. A digest tells alike ones
    together; what it has no room for is counted, with a link to the inbox. ``applications`` are the
    applications' titles by category.
    """
    writer: Writer = Markdown() if markdown else Plain()
    if outgoing.letter is not None:
        return Message(outgoing.letter.subject, _letter(outgoing.letter, links, room, writer), markdown)
    notes = [
        (group, note_of(group.items[0], applications, links, outgoing.presentation))
        for group in groups_of(outgoing.items)]
    if outgoing.count == 1:
        [(_, note)] = notes
        return Message(note.application, _single(note, outgoing.remarks, room, writer), markdown)
    when = period([item.message.sent_at for item in outgoing.items])
    return Message(
        f"{outgoing.count:,} notifications, {when}", _digest(outgoing, notes, links, room, writer), markdown)


def _letter(letter: Letter, links: Links, room: int, writer: Writer) -> str:
    code = [] if letter.confirmation is None else [links.code(letter.confirmation)]
    return _cut("\n\n".join([*letter.paragraphs, *code, letter.because]), room, writer)


def _single(note: Note, reason: str, room: int, writer: Writer) -> str:
    parts = [*filter(None, [writer.said(reason)]), _told(note, note.summary, writer)]
    if note.tells_why:
        parts.append(writer.linked("Why", note.why))
    left = min(_LONGEST_TEXT, room - sum(len(part) + 2 for part in parts) - 2)
    if note.long and left > 0:
        parts.insert(-1 if note.tells_why else len(parts), _cut(note.long, left, writer))
    return "\n\n".join(parts)


def _cut(text: str, room: int, writer: Writer) -> str:
    """As many whole lines as there's room for; or a part of the first."""
    # Writing never makes it shorter. What is longer needn't be written, and may be megabytes.
    text = text.lstrip("\n")[:room + 1]
    end, more = writer.said("\n"), writer.said("\n…")
    written = ""
    for line in text.split("\n"):
        longer = f"{written}{end}{writer.said(line)}" if written else writer.said(line)
        if len(longer) + len(more) > room:
            return f"{written}{more}" if written else writer.said(shorten(line, room // 2))
        written = longer
    return writer.said(text)


def _digest(
    outgoing: Outgoing, notes: Sequence[tuple[Group, Note]], links: Links, room: int, writer: Writer,
) -> str:
    lines = [*filter(None, [writer.said(outgoing.remarks)])]
    untold = outgoing.count
    for group, line in _lines(notes, writer):
        rest = _rest(untold, links, writer)
        if sum(len(each) + 2 for each in (*lines, line, rest)) > room:
            break
        lines.append(line)
        untold -= len(group.items)
    return "\n\n".join([*lines, _rest(untold, links, writer)] if untold else lines)


def _lines(notes: Sequence[tuple[Group, Note]], writer: Writer) -> Iterator[tuple[Group, str]]:
    for group, note in notes[:MOST_GROUPS]:
        told = _told(note, f"{note.application}: {group.summary}", writer, linked=len(group.items) == 1)
        yield group, told


def _told(note: Note, summary: str, writer: Writer, *, linked: bool = True) -> str:
    text = shorten(summary, _LONGEST_SUMMARY)
    return writer.linked(text, note.link) if linked and note.link else writer.said(text)


def _rest(untold: int, links: Links, writer: Writer) -> str:
    return writer.linked(f"And {untold:,} more in your inbox", links.inbox())
