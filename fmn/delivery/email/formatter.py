"""What a mail says: from a delivery in words to a whole mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType

from fmn.delivery.contract import Outgoing
from fmn.delivery.email import html, plain
from fmn.delivery.email.digest_sections import Section
from fmn.delivery.email.headers import common_headers, notice_headers, own_headers
from fmn.delivery.email.mail_content import Letter, Way, letter_of
from fmn.delivery.email.mime import Block, Entity, Text, alternatives, alternatives_of, quoted_printable
from fmn.delivery.email.mime_digest import mime_digest
from fmn.delivery.email.recipients import recipient_of
from fmn.delivery.email.size_limit import MOST_BYTES_PER_CHARACTER, fit
from fmn.delivery.email.system_mail import notice_of
from fmn.delivery.notification_text import KNOWN_NOTES, Note
from fmn.delivery.signed_links import Links
from fmn.settings import EmailSettings

#: The modules that write a mail's parts: plain text and, for who wants it, HTML.
Parts = tuple[ModuleType, ...]

#: Bytes of a body beside its two texts: boundaries and the parts' own headers.
_AROUND_PARTS = 600
#: Bytes of a single without its text, at the very most: a name and a summary as long as they may be.
_FRAME = 80_000


@dataclass(frozen=True, slots=True)
class Look:
    """How all mails of an installation look. ``applications`` are the applications' titles by category."""

    settings: EmailSettings
    links: Links
    applications: Mapping[str, str]


def format_mail(outgoing: Outgoing, look: Look) -> Entity:
    """The mail of a delivery: a letter, a single, or with several items a digest.

    Its body has at most ``max_body_bytes``: a text that is too long is cut, with a link to all of it; a
    notification that finds no room at all is counted, with a link to the inbox.
    Raises :class:`~fmn.delivery.email.recipients.AddressError` if its destination can't be one.
    """
    recipient = recipient_of(outgoing.destination)
    if outgoing.letter is not None:
        notice = notice_of(outgoing, outgoing.letter, look.links)
        headers = notice_headers(outgoing, notice, recipient, look.settings)
        return alternatives([part.notice(notice) for part in _parts(outgoing)]).within(
            headers, utf8=recipient.needs_utf8)
    letter = letter_of(outgoing, look.applications, look.links)
    room = look.settings.max_body_bytes - _AROUND_PARTS
    utf8 = recipient.needs_utf8
    return _body(outgoing, letter, room, look).within(
        own_headers(outgoing, letter, recipient, look.settings), utf8=utf8,
        first=common_headers(outgoing, letter, look.settings, look.applications, utf8=utf8))


def _body(outgoing: Outgoing, letter: Letter, room: int, look: Look) -> Entity:
    parts = _parts(outgoing)
    if not letter.is_digest:
        return alternatives_of(_single(letter, room, parts))
    if outgoing.presentation.mime_digest:
        return mime_digest(outgoing, letter, room, look.settings, look.links, look.applications)
    return alternatives(_digest(letter, room, parts))


def _parts(outgoing: Outgoing) -> Parts:
    return (plain, html) if outgoing.presentation.markup else (plain,)


def _single(letter: Letter, room: int, parts: Parts) -> Sequence[Text]:
    def told(note: Note) -> Sequence[Text]:
        return [
            [before, Block(part.footer(letter)), behind]
            for part, (before, behind) in zip(parts, around_footers(parts, note.impersonal), strict=True)]

    note = letter.note
    if len(note.long) * MOST_BYTES_PER_CHARACTER + _FRAME > room:
        [note] = fit([note], room, lambda _, note: _size(
            block.text for text in told(note) for block in text), len(parts))
    return told(note)


@lru_cache(KNOWN_NOTES)
def around_footers(parts: Parts, note: Note) -> Sequence[tuple[Block, Block]]:
    """What stands in each part of a single before and behind its footer, which alone is its reader's own.

    What concerns many people is told one after the other, so it's written and encoded once.
    """
    return [(Block(part.beginning(note)), Block(part.end())) for part in parts]


def _digest(letter: Letter, room: int, parts: Parts) -> Sequence[str]:
    # The frame is measured as if it had to own up to leaving out nearly all.
    frame = replace(letter, sections=letter.sections[:1])
    left = room - _size(part.digest(frame, "") for part in parts)
    told = replace(letter, sections=list(_fitting(letter, left, parts)))
    return [part.digest(told, "".join(_written(part, told))) for part in parts]


def _fitting(letter: Letter, room: int, parts: Parts) -> Iterator[Section]:
    """The sections of a digest that have ``room`` (bytes), with as much as has room of each."""
    places = [(section, note is section.notes[0]) for section in letter.sections for note in section.notes]

    def cost(index: int, note: Note) -> int:
        section, is_first = places[index]
        size = _size(part.listed(section, note) for part in parts)
        return size + _frame_size(section, letter.inbox, parts) if is_first else size

    notes = fit([note for section in letter.sections for note in section.notes], room, cost, len(parts))
    for section in letter.sections:
        if not notes:
            return
        yield replace(section, notes=notes[:len(section.notes)])
        notes = notes[len(section.notes):]


def _frame_size(section: Section, inbox: Way, parts: Parts) -> int:
    """The bytes of a section around its notifications, as if it had to own up to listing none."""
    bare = replace(section, notes=[])
    return _size(part.opening(section) + part.closing(bare, inbox) for part in parts)


def _written(part: ModuleType, letter: Letter) -> Iterator[str]:
    """The sections as one of the parts has them."""
    for section in letter.sections:
        yield part.opening(section)
        yield from (part.listed(section, note) for note in section.notes)
        yield part.closing(section, letter.inbox)


def _size(texts: Iterable[str]) -> int:
    """The bytes of all of them on the wire."""
    return sum(len(quoted_printable(text)) for text in texts)
