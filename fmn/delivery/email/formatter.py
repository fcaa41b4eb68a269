"""Formatter of mails: from a rendered delivery to a whole mail. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import ModuleType

from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.email.digest_sections import DigestSection
from fmn.delivery.email.headers import (
    common_headers,
    digest_subject,
    own_headers,
    sender_mailbox,
    sorting_headers,
    system_mail_headers,
)
from fmn.delivery.email.mail_content import ActionLink, MailContent, mail_content
from fmn.delivery.email.mail_options import MailOptions, Parts, parts_of
from fmn.delivery.email.mime import Entity, alternatives, encoded_size
from fmn.delivery.email.mime_digest import mime_digest
from fmn.delivery.email.recipients import parse_recipient
from fmn.delivery.email.single import single_mail
from fmn.delivery.email.size_limit import AROUND_PARTS, fit_to_size
from fmn.delivery.email.system_mail import system_mail
from fmn.delivery.notification_text import NotificationText, application_of, in_time_zone
from fmn.people.email_addresses import EmailAddress
from fmn.translations import SOURCE_LANGUAGE, in_language


def format_mail(delivery: RenderedDelivery, options: MailOptions) -> Entity:
    """Format the mail of a delivery: a system message, a single notification, or a digest.

    Its body has at most ``max_body_bytes``: a text that is too long is cut, with a link to all of it; a
    notification that finds no room at all is counted, with a link to the inbox.
    Times are in its owner's zone.
    Raises :class:`~fmn.delivery.email.recipients.RecipientError` if its destination can't be one.
    """
    with in_time_zone(delivery.time_zone):
        if delivery.language == SOURCE_LANGUAGE:
            return _format_mail(delivery, options)
        with in_language(delivery.language):
            return _format_mail(delivery, options)


def _format_mail(delivery: RenderedDelivery, options: MailOptions) -> Entity:
    recipient = parse_recipient(delivery.destination)
    if delivery.system_message is not None:
        notice = system_mail(delivery, delivery.system_message, options.links)
        headers = system_mail_headers(delivery, notice, recipient, options.settings)
        return alternatives([part.notice(notice) for part in parts_of(delivery.presentation)]).within(
            headers, utf8=recipient.needs_utf8)
    if delivery.count == 1:
        return single_mail(delivery, recipient, options)
    return _digest_mail(delivery, recipient, options)


def _digest_mail(delivery: RenderedDelivery, recipient: EmailAddress, options: MailOptions) -> Entity:
    content = mail_content(delivery, options.applications, options.links)
    settings, utf8 = options.settings, recipient.needs_utf8
    sender = sender_mailbox(
        {application_of(item, options.applications) for item in delivery.items}, settings)
    return _body(delivery, content, settings.max_body_bytes - AROUND_PARTS, options).within(
        own_headers(delivery, content.stop, recipient, settings), utf8=utf8,
        first=common_headers(
            sender, digest_subject(delivery, content), delivery.created_at, settings,
            sorting_headers(delivery.items), utf8=utf8))


def _body(delivery: RenderedDelivery, content: MailContent, room: int, options: MailOptions) -> Entity:
    if delivery.presentation.mime_digest:
        return mime_digest(delivery, content, room, options.settings, options.links, options.applications)
    return alternatives(_digest(content, room, parts_of(delivery.presentation)))


def _digest(content: MailContent, room: int, parts: Parts) -> Sequence[str]:
    # The frame is measured as if it had to own up to leaving out nearly all.
    frame = replace(content, sections=content.sections[:1])
    left = room - encoded_size(part.digest(frame, "") for part in parts)
    told = replace(content, sections=list(_fitting(content, left, parts)))
    return [part.digest(told, "".join(_written(part, told))) for part in parts]


def _fitting(content: MailContent, room: int, parts: Parts) -> Iterator[DigestSection]:
    """Sections of a digest that fit into ``room`` bytes, shortened as needed."""
    places = [(section, note is section.notes[0]) for section in content.sections for note in section.notes]

    def cost(index: int, note: NotificationText) -> int:
        section, is_first = places[index]
        size = encoded_size(part.listed(section, note) for part in parts)
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
    return encoded_size(part.opening(section) + part.closing(bare, inbox) for part in parts)


def _written(part: ModuleType, content: MailContent) -> Iterator[str]:
    """Texts of the sections in one of the parts."""
    for section in content.sections:
        yield part.opening(section)
        yield from (part.listed(section, note) for note in section.notes)
        yield part.closing(section, content.inbox)
