"""What a mail says: from a delivery in words to a whole mail. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from types import ModuleType

from fmn.delivery.contract import Outgoing
from fmn.delivery.email import html, plain
from fmn.delivery.email.addresses import recipient_of
from fmn.delivery.email.fitting import MOST_BYTES_PER_CHARACTER, fit
from fmn.delivery.email.headers import headers_of, notice_headers
from fmn.delivery.email.letters import Letter, Way, letter_of
from fmn.delivery.email.mime import WIRE, WIRE_UTF8, compose, quoted_printable
from fmn.delivery.email.notices import notice_of
from fmn.delivery.email.sections import Section
from fmn.delivery.links import Links
from fmn.delivery.notes import Note
from fmn.settings import EmailSettings

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


def format_mail(outgoing: Outgoing, look: Look) -> EmailMessage:
    """The mail of a delivery: a letter, a single, or with several items a digest.

    Its body has at most ``max_body_bytes``: a text that is too long is cut, with a link to all of it; a
    notification that finds no room at all is counted, with a link to the inbox.
    Raises :class:`~fmn.delivery.email.addresses.AddressError` if its destination can't be one.
    """
    recipient = recipient_of(outgoing.destination)
    policy = WIRE_UTF8 if recipient.needs_utf8 else WIRE
    if outgoing.letter is not None:
        notice = notice_of(outgoing, outgoing.letter, look.links)
        return compose(
            notice_headers(outgoing, notice, recipient, look.settings),
            plain.notice(notice), html.notice(notice), policy)
    letter = letter_of(outgoing, look.applications, look.links)
    room = look.settings.max_body_bytes - _AROUND_PARTS
    texts = _digest(letter, room) if letter.is_digest else _single(letter, room)
    headers = headers_of(outgoing, letter, recipient, look.settings, look.applications)
    return compose(headers, *texts, policy)


def _single(letter: Letter, room: int) -> tuple[str, str]:
    def told(note: Note) -> tuple[str, str]:
        one = replace(letter, sections=[replace(section, notes=[note])])
        return plain.whole(one), html.whole(one)

    [section], note = letter.sections, letter.note
    if len(note.long) * MOST_BYTES_PER_CHARACTER + _FRAME > room:
        [note] = fit([note], room, lambda _, note: _size(*told(note)))
    return told(note)


def _digest(letter: Letter, room: int) -> tuple[str, str]:
    # The frame is measured as if it had to own up to leaving out nearly all.
    frame = replace(letter, sections=letter.sections[:1])
    left = room - _size(plain.digest(frame, ""), html.digest(frame, ""))
    told = replace(letter, sections=list(_fitting(letter, left)))
    return (plain.digest(told, "".join(_written(plain, told))),
            html.digest(told, "".join(_written(html, told))))


def _fitting(letter: Letter, room: int) -> Iterator[Section]:
    """The sections of a digest that have ``room`` (bytes), with as much as has room of each."""
    places = [(section, note is section.notes[0]) for section in letter.sections for note in section.notes]

    def cost(index: int, note: Note) -> int:
        section, is_first = places[index]
        size = _size(plain.listed(section, note), html.listed(section, note))
        return size + _frame_size(section, letter.inbox) if is_first else size

    notes = fit([note for section in letter.sections for note in section.notes], room, cost)
    for section in letter.sections:
        if not notes:
            return
        yield replace(section, notes=notes[:len(section.notes)])
        notes = notes[len(section.notes):]


def _frame_size(section: Section, inbox: Way) -> int:
    """The bytes of a section around its notifications, as if it had to own up to listing none."""
    bare = replace(section, notes=[])
    return _size("".join(part.opening(section) + part.closing(bare, inbox) for part in (plain, html)), "")


def _written(part: ModuleType, letter: Letter) -> Iterator[str]:
    """The sections as one of the parts has them."""
    for section in letter.sections:
        yield part.opening(section)
        yield from (part.listed(section, note) for note in section.notes)
        yield part.closing(section, letter.inbox)


def _size(plain_text: str, markup: str) -> int:
    """The bytes of both on the wire."""
    return len(quoted_printable(plain_text)) + len(quoted_printable(markup))
