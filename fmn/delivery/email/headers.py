"""Headers of mails: subject, threading, filtering (``X-FMN-*``) and unsubscribing."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from fmn.catalog import Severity
from fmn.delivery.contract import RenderedDelivery, RenderedNotification
from fmn.delivery.email.mail_content import ActionLink, MailContent
from fmn.delivery.email.mime import Encoded, mailbox, written
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.system_mail import SystemMail
from fmn.delivery.headline import addressed
from fmn.delivery.notification_text import OTHER, NotificationText, most_frequent, name
from fmn.localized import number_text
from fmn.people.email_addresses import EmailAddress
from fmn.text import shorten
from fmn.translations import gettext

#: Characters of a subject, its prefix included. Lists of mails show 50 to 100.
LONGEST_SUBJECT = 100
#: How many headers of one name a mail has at most: a digest of a mass rebuild concerns thousands of packages.
MAX_ALIKE = 10
#: A digest's subject names this many applications, and counts the rest together.
_NAMED_APPLICATIONS = 4
#: Dates that are kept: what concerns many people is told one after the other.
_KNOWN = 64
#: Keeps those who are away from answering.
_AUTOMATIC = ("Auto-Submitted", "auto-generated")
#: Lets mail programs have a button that stops them (RFC 8058).
_ONE_CLICK = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def common_headers(
    sender: Encoded, subject: str, created_at: datetime, settings: EmailSettings,
    sorting: Iterable[tuple[str, str]], *, utf8: bool,
) -> str:
    """Headers, encoded, that are the same for all recipients of a notification.

    ``sorting`` are those of :func:`sorting_headers`. With ``utf8`` they may have it. What bus messages say is
    shortened.
    """
    return written([
        ("From", sender), ("Subject", shorten(f"{settings.subject_prefix} {subject}", LONGEST_SUBJECT)),
        ("Date", _date(created_at)), ("List-Id", f"<{settings.list_id}>"), _ONE_CLICK, _AUTOMATIC,
        ("Precedence", "bulk"), *sorting,
    ], utf8=utf8)


def own_headers(
    delivery: RenderedDelivery, stop: ActionLink, recipient: EmailAddress, settings: EmailSettings,
) -> Iterator[tuple[str, str]]:
    """Names and values of the headers that differ between recipients. Values are single lines."""
    yield "To", str(recipient)
    yield "Message-ID", message_id(delivery, settings)
    if delivery.count == 1:  # a digest is of many threads
        yield from _thread(delivery, delivery.items[0], settings)
    yield "List-Unsubscribe", f"<{stop.url}>"
    yield from _alike("X-FMN-Filter", (item.filter_name for item in delivery.items))


def digest_subject(delivery: RenderedDelivery, content: MailContent) -> str:
    """Subject of a digest: what happened, first of all.

    Which application it's from stands in the sender's name, so it takes no room here.
    """
    if len(content.sections) == 1:
        return addressed(content.headline, delivery.items[0], delivery.nick)
    # A headline that names failures says enough; notifications that are only counted name no application.
    if delivery.more or any(item.description.count_noun for item in delivery.items):
        return content.headline
    return f"{content.headline}: {_categories(delivery.items)}"


def _categories(items: Iterable[RenderedNotification]) -> str:
    found = most_frequent(
        (name(item.message.category) or gettext(OTHER) for item in items), _NAMED_APPLICATIONS)
    return ", ".join(f"{category} {number_text(count)}" for category, count in found)


def system_mail_headers(
    delivery: RenderedDelivery, notice: SystemMail, recipient: EmailAddress, settings: EmailSettings,
) -> Iterator[tuple[str, str]]:
    """Names and values of all headers of a system mail."""
    yield "From", mailbox(settings.sender_name, settings.sender)
    yield "To", str(recipient)
    yield "Subject", shorten(f"{settings.subject_prefix} {notice.headline}", LONGEST_SUBJECT)
    yield "Date", _date(delivery.created_at)
    yield "Message-ID", message_id(delivery, settings)
    if notice.stop is not None:
        yield "List-Id", f"<{settings.list_id}>"
        yield "List-Unsubscribe", f"<{notice.stop.url}>"
        yield _ONE_CLICK
    yield _AUTOMATIC


def enclosed_headers(
    delivery: RenderedDelivery, item: RenderedNotification, note: NotificationText, settings: EmailSettings,
) -> Iterator[tuple[str, str]]:
    """Names and values of all headers of a mail within a MIME digest."""
    yield "From", mailbox(f"{note.application} ({settings.sender_name})", settings.sender)
    yield "Subject", shorten(note.summary, LONGEST_SUBJECT)
    yield "Date", format_datetime(note.sent_at)
    yield "Message-ID", f"<{_digest(f'notification:{item.notification_id}')}@{_domain(settings)}>"
    yield from _thread(delivery, item, settings)


def message_id(delivery: RenderedDelivery, settings: EmailSettings) -> str:
    """``Message-ID``, the same at each attempt, so that a mail received twice can be recognized."""
    return f"<{_digest(delivery.key)}@{_domain(settings)}>"


def _thread(
    delivery: RenderedDelivery, item: RenderedNotification, settings: EmailSettings,
) -> Iterator[tuple[str, str]]:
    """``In-Reply-To`` and ``References``, which make mails about one update or issue a conversation.

    They're answers to a mail that never was, another one for each reader.
    """
    if thread := item.description.thread:
        root = f"<thread-{_digest(f'{delivery.preference_id} {thread}')}@{_domain(settings)}>"
        yield "In-Reply-To", root
        yield "References", root


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _domain(settings: EmailSettings) -> str:
    return settings.sender.rpartition("@")[2]


@lru_cache(_KNOWN)
def _date(moment: datetime) -> str:
    return format_datetime(moment)


def sender_mailbox(applications: Collection[str], settings: EmailSettings) -> Encoded:
    """The sender, with the application's title if all notifications are from one."""
    if len(applications) != 1:
        return mailbox(settings.sender_name, settings.sender)
    [application] = applications
    return mailbox(f"{application} ({settings.sender_name})", settings.sender)


def sorting_headers(items: Sequence[RenderedNotification]) -> Iterator[tuple[str, str]]:
    """``X-FMN-*`` headers under FMN 2's names, and the highest severity."""
    # FMN 2 knew packages by their bare names.
    bare = [package.partition("/")[2] or package for item in items for package in item.packages]
    yield from _alike("X-Fedmsg-Topic", (item.message.topic for item in items))
    yield from _alike("X-Fedmsg-Category", (item.message.category for item in items))
    yield from _alike("X-Fedmsg-Username", (user for item in items for user in item.usernames))
    yield from _alike("X-Fedmsg-Package", bare)
    yield "X-Fedmsg-Num-Packages", str(len(set(bare)))
    yield "X-FMN-Severity", max((item.description.severity for item in items), key=list(Severity).index)


def _alike(header: str, values: Iterable[str]) -> Iterator[tuple[str, str]]:
    distinct = [value for value in dict.fromkeys(map(name, dict.fromkeys(values))) if value]
    for value in distinct[:MAX_ALIKE]:
        yield header, value
