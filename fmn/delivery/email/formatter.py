"""Formatter of mails: from a rendered delivery to a whole mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType

from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.email import html, plain
from fmn.delivery.email.digest_sections import DigestSection
from fmn.delivery.email.headers import common_headers, own_headers, system_mail_headers
from fmn.delivery.email.mail_content import ActionLink, MailContent, mail_content
from fmn.delivery.email.mime import Block, Entity, Text, alternatives, alternatives_of, quoted_printable
from fmn.delivery.email.mime_digest import mime_digest
from fmn.delivery.email.recipients import parse_recipient
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.size_limit import MAX_BYTES_PER_CHARACTER, fit_to_size
from fmn.delivery.email.system_mail import system_mail
from fmn.delivery.notification_text import CACHED_TEXTS, NotificationText
from fmn.delivery.signed_links import Links

#: The modules that write a mail's parts: plain text and, for who wants it, HTML.
Parts = tuple[ModuleType, ...]

#: Bytes of a body beside its two texts: boundaries and the parts' own headers.
_AROUND_PARTS = 600
#: Bytes of a single without its text, at the very most: a name and a summary as long as they may be.
_FRAME = 80_000


@dataclass(frozen=True, slots=True)
class MailOptions:
    """Options of all mails of an installation. ``applications`` are the applications' titles by category."""

    settings: EmailSettings
    links: Links
    applications: Mapping[str, str]


def format_mail(delivery: RenderedDelivery, options: MailOptions) -> Entity:
    """Format the mail of a delivery: a system message, a single notification, or a digest.

    Its body has at most ``max_body_bytes``: a text that is too long is cut, with a link to all of it; a
    notification that finds no room at all is counted, with a link to the inbox.
    Raises :class:`~fmn.delivery.email.recipients.RecipientError` if its destination can't be one.
    """
    recipient = parse_recipient(delivery.destination)
    if delivery.system_message is not None:
        notice = system_mail(delivery, delivery.system_message, options.links)
        headers = system_mail_headers(delivery, notice, recipient, options.settings)
        return alternatives([part.notice(notice) for part in _parts(delivery)]).within(
            headers, utf8=recipient.needs_utf8)
    content = mail_content(delivery, options.applications, options.links)
    room = options.settings.max_body_bytes - _AROUND_PARTS
    utf8 = recipient.needs_utf8
    return _body(delivery, content, room, options).within(
        own_headers(delivery, content, recipient, options.settings), utf8=utf8,
        first=common_headers(delivery, content, options.settings, options.applications, utf8=utf8))


def _body(delivery: RenderedDelivery, content: MailContent, room: int, options: MailOptions) -> Entity:
    parts = _parts(delivery)
    if not content.is_digest:
        return alternatives_of(_single(content, room, parts))
    if delivery.presentation.mime_digest:
        return mime_digest(delivery, content, room, options.settings, options.links, options.applications)
    return alternatives(_digest(content, room, parts))


def _parts(delivery: RenderedDelivery) -> Parts:
    return (plain, html) if delivery.presentation.markup else (plain,)


def _single(content: MailContent, room: int, parts: Parts) -> Sequence[Text]:
    def told(note: NotificationText) -> Sequence[Text]:
        return [
            [before, Block(part.footer(content)), behind]
            for part, (before, behind) in zip(
                parts, around_footers(parts, note.without_recipient), strict=True)]

    note = content.first_notification
    if len(note.long) * MAX_BYTES_PER_CHARACTER + _FRAME > room:
        [note] = fit_to_size([note], room, lambda _, note: _size(
            block.text for text in told(note) for block in text), len(parts))
    return told(note)


@lru_cache(CACHED_TEXTS)
def around_footers(parts: Parts, note: NotificationText) -> Sequence[tuple[Block, Block]]:
    """Both parts of a single's mail around its footer, which alone differs between readers.

    What concerns many people is told one after the other, so it's written and encoded once.
    """
    return [(Block(part.beginning(note)), Block(part.end())) for part in parts]


def _digest(content: MailContent, room: int, parts: Parts) -> Sequence[str]:
    # The frame is measured as if it had to own up to leaving out nearly all.
    frame = replace(content, sections=content.sections[:1])
    left = room - _size(part.digest(frame, "") for part in parts)
    told = replace(content, sections=list(_fitting(content, left, parts)))
    return [part.digest(told, "".join(_written(part, told))) for part in parts]


def _fitting(content: MailContent, room: int, parts: Parts) -> Iterator[DigestSection]:
    """Sections of a digest that fit into ``room`` bytes, shortened as needed."""
    places = [(section, note is section.notes[0]) for section in content.sections for note in section.notes]

    def cost(index: int, note: NotificationText) -> int:
        section, is_first = places[index]
        size = _size(part.listed(section, note) for part in parts)
        return size + _frame_size(section, content.inbox, parts) if is_first else size

    notes = fit_to_size(
        [note for section in content.sections for note in section.notes], room, cost, len(parts))
    for section in content.sections:
        if not notes:
            return
        yield replace(section, notes=notes[:len(section.notes)])
        notes = notes[len(section.notes):]


def _frame_size(section: DigestSection, inbox: ActionLink, parts: Parts) -> int:
    """Size in bytes of a section without its notifications, with the line that counts them."""
    bare = replace(section, notes=[])
    return _size(part.opening(section) + part.closing(bare, inbox) for part in parts)


def _written(part: ModuleType, content: MailContent) -> Iterator[str]:
    """Texts of the sections in one of the parts."""
    for section in content.sections:
        yield part.opening(section)
        yield from (part.listed(section, note) for note in section.notes)
        yield part.closing(section, content.inbox)


def _size(texts: Iterable[str]) -> int:
    """Size in bytes of texts, encoded."""
    return sum(len(quoted_printable(text)) for text in texts)
