"""Mail of a single notification.

One message may concern ten thousand people, and their mails are made one after the other. So what they share
(sender, subject, the texts before the footer) is rendered and encoded once for a message; addresses, ids and
the footer's links are made for each mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from fmn.delivery.contract import RenderedDelivery, RenderedNotification
from fmn.delivery.email.headers import common_headers, own_headers, sender_mailbox, sorting_headers
from fmn.delivery.email.mail_content import ActionLink, sent_because, settings_link, stop_link
from fmn.delivery.email.mail_options import MailOptions, Parts, parts_of
from fmn.delivery.email.mime import Block, Encoded, Entity, Text, alternatives_of, encoded_size
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.size_limit import AROUND_PARTS, MAX_BYTES_PER_CHARACTER, fit_to_size
from fmn.delivery.headline import addressed
from fmn.delivery.notification_text import NotificationText, personal_text, shared_text
from fmn.delivery.signed_links import Links
from fmn.people.email_addresses import EmailAddress
from fmn.people.preferences import Presentation
from fmn.translations import gettext

#: Bytes of a mail without its text, at the very most: a name and a summary as long as they may be.
_FRAME = 80_000
#: Messages whose shared parts are kept, for each time zone: those of a chunk of deliveries.
_KEPT = 256

#: The texts of a mail's part before and after its footer.
_AroundFooter = tuple[Block, Block]


def single_mail(delivery: RenderedDelivery, recipient: EmailAddress, options: MailOptions) -> Entity:
    """Make the mail of a delivery that has one notification."""
    [item] = delivery.items
    shared = _shared_parts(
        _MessageKey(item, options), delivery.presentation, delivery.time_zone, delivery.language)
    stop = stop_link(delivery, options.links)
    texts = _texts(delivery, item, shared, _footer(delivery, item, stop, options.links), options)
    return alternatives_of(texts).within(
        own_headers(delivery, stop, recipient, options.settings), utf8=recipient.needs_utf8,
        first=_common_headers(delivery, item, shared, options.settings, utf8=recipient.needs_utf8))


@dataclass(frozen=True, slots=True)
class _Footer:
    because: str
    actions: Sequence[ActionLink]


@dataclass(frozen=True, slots=True)
class _SharedParts:
    """What the mails of a message have in common."""

    text: NotificationText
    around_footers: Sequence[_AroundFooter]
    sender: Encoded
    sorting: Sequence[tuple[str, str]]
    #: Encoded headers by subject, the deliveries' time, and whether they may have UTF-8.
    headers: dict[tuple[str, datetime, bool], str] = field(default_factory=dict)


class _MessageKey:
    """Key of a message's parts: equal for the same objects, since comparing their values takes too long."""

    __slots__ = ("_objects", "item", "options")

    def __init__(self, item: RenderedNotification, options: MailOptions) -> None:
        self.item, self.options = item, options
        # While they're kept, nothing else can have their ids.
        self._objects = (item.message, item.description, item.usernames, item.packages, options)

    def __hash__(self) -> int:
        return hash(tuple(map(id, self._objects)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _MessageKey) and all(
            one is another for one, another in zip(self._objects, other._objects, strict=True))


@lru_cache(_KEPT)
def _shared_parts(
    key: _MessageKey, presentation: Presentation, _time_zone: str, _language: str,
) -> _SharedParts:
    # Zone and language are only parts of the key: they're the ones that are in force.
    text = shared_text(key.item, key.options.applications, presentation)
    return _SharedParts(
        text, _around_footers(text, parts_of(presentation)),
        sender_mailbox([text.application], key.options.settings), list(sorting_headers([key.item])))


def _around_footers(text: NotificationText, parts: Parts) -> Sequence[_AroundFooter]:
    return [(Block(part.beginning(text)), Block(part.end())) for part in parts]


def _common_headers(
    delivery: RenderedDelivery, item: RenderedNotification, shared: _SharedParts, settings: EmailSettings, *,
    utf8: bool,
) -> str:
    subject = addressed(shared.text.summary, item, delivery.nick)
    key = subject, delivery.created_at, utf8
    if key not in shared.headers:
        shared.headers[key] = common_headers(
            shared.sender, subject, delivery.created_at, settings, shared.sorting, utf8=utf8)
    return shared.headers[key]


def _footer(
    delivery: RenderedDelivery, item: RenderedNotification, stop: ActionLink, links: Links,
) -> _Footer:
    # A single has no place above for what a digest says first of all.
    because = f"{delivery.remarks} {sent_because(delivery)}".lstrip()
    settings = settings_link(links)
    if not delivery.presentation.trigger_links:
        return _Footer(because, (stop, settings))
    return _Footer(
        because, (ActionLink(gettext("Why you got this"), links.why(item.notification)), stop, settings))


def _texts(
    delivery: RenderedDelivery, item: RenderedNotification, shared: _SharedParts, footer: _Footer,
    options: MailOptions,
) -> Sequence[Text]:
    """The texts of the mail's parts, shortened if they're too long."""
    parts, text = parts_of(delivery.presentation), shared.text
    footers = [Block(part.footer(footer)) for part in parts]
    room = options.settings.max_body_bytes - AROUND_PARTS
    too_long = len(text.long) * MAX_BYTES_PER_CHARACTER + _FRAME > room
    if not too_long and not (text.link and delivery.presentation.short_links):
        return _with_footers(shared.around_footers, footers)
    own = personal_text(text, item, options.links, delivery.presentation)
    if too_long:
        [own] = fit_to_size([own], room, lambda _, note: encoded_size(
            block.text for part in _with_footers(_around_footers(note, parts), footers) for block in part),
            len(parts))
    return _with_footers(_around_footers(own, parts), footers)


def _with_footers(around: Iterable[_AroundFooter], footers: Iterable[Block]) -> Sequence[Text]:
    return [(before, footer, after) for (before, after), footer in zip(around, footers, strict=True)]
