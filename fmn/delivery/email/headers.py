"""The headers of a mail: what people and their mail programs sort, filter, thread and unsubscribe by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from email.utils import format_datetime

from fmn.catalog import Severity
from fmn.catalog.text import shorten
from fmn.delivery.contract import Item, Outgoing
from fmn.delivery.email.letters import Letter
from fmn.delivery.email.mime import mailbox
from fmn.delivery.email.notices import Notice
from fmn.delivery.notes import OTHER, application_of, busiest, name
from fmn.people.mailboxes import Mailbox
from fmn.settings import EmailSettings

#: Characters of a subject, its prefix included. Lists of mails show 50 to 100.
LONGEST_SUBJECT = 100
#: How many headers of one name a mail has at most: a digest of a mass rebuild concerns thousands of packages.
MOST_ALIKE = 10
#: A digest's subject names this many applications, and counts the rest together.
_NAMED_APPLICATIONS = 4
#: Keeps those who are away from answering.
_AUTOMATIC = ("Auto-Submitted", "auto-generated")


def subject_of(outgoing: Outgoing, letter: Letter, prefix: str) -> str:
    """One line that can be told from others in a list of mails: what happened, with nothing before it.

    Which application it's from stands in the sender's name, so it takes no room here.
    """
    # Of what is only counted one doesn't know where it's from.
    several = f": {_categories(outgoing.items)}" if len(letter.sections) > 1 and not outgoing.more else ""
    return shorten(f"{prefix} {letter.headline}{several}", LONGEST_SUBJECT)


def _categories(items: Iterable[Item]) -> str:
    found = busiest((name(item.message.category) or OTHER for item in items), _NAMED_APPLICATIONS)
    return ", ".join(f"{category} {count:,}" for category, count in found)


def headers_of(
    outgoing: Outgoing, letter: Letter, recipient: Mailbox, settings: EmailSettings,
    applications: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """Names and values in their order. The values are single lines; what bus messages say is shortened."""
    sender = _sender_name(outgoing, settings, applications)
    subject = subject_of(outgoing, letter, settings.subject_prefix)
    yield from _envelope(outgoing, sender, subject, recipient, settings)
    yield from _list(letter.stop.link, settings)
    yield _AUTOMATIC
    yield "Precedence", "bulk"
    yield from _sorting(outgoing.items)


def notice_headers(
    outgoing: Outgoing, notice: Notice, recipient: Mailbox, settings: EmailSettings,
) -> Iterator[tuple[str, str]]:
    """The same for a mail that is about no notification."""
    subject = shorten(f"{settings.subject_prefix} {notice.headline}", LONGEST_SUBJECT)
    yield from _envelope(outgoing, settings.sender_name, subject, recipient, settings)
    if notice.stop is not None:
        yield from _list(notice.stop.link, settings)
    yield _AUTOMATIC


def _envelope(
    outgoing: Outgoing, sender: str, subject: str, recipient: Mailbox, settings: EmailSettings,
) -> Iterator[tuple[str, str]]:
    domain = settings.sender.rpartition("@")[2]
    yield "From", mailbox(sender, settings.sender)
    yield "To", str(recipient)
    yield "Subject", subject
    yield "Date", format_datetime(outgoing.created_at)
    # The same delivery, tried again, has the same id, so that whoever got it twice can tell.
    yield "Message-ID", f"<{hashlib.sha256(outgoing.key.encode()).hexdigest()[:40]}@{domain}>"


def _list(stop: str, settings: EmailSettings) -> Iterator[tuple[str, str]]:
    yield "List-Id", f"<{settings.list_id}>"
    yield "List-Unsubscribe", f"<{stop}>"
    yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def _sender_name(outgoing: Outgoing, settings: EmailSettings, applications: Mapping[str, str]) -> str:
    found = {application_of(item, applications) for item in outgoing.items}
    return f"{found.pop()} ({settings.sender_name})" if len(found) == 1 else settings.sender_name


def _sorting(items: Iterable[Item]) -> Iterator[tuple[str, str]]:
    """The names that FMN 2 had, the filter's, and how bad the worst of it is."""
    yield from _alike("X-Fedmsg-Topic", (item.message.topic for item in items))
    yield from _alike("X-Fedmsg-Category", (item.message.category for item in items))
    yield from _alike("X-Fedmsg-Username", (user for item in items for user in item.usernames))
    # FMN 2 knew packages by their bare names.
    packages = [package.partition("/")[2] or package for item in items for package in item.packages]
    yield from _alike("X-Fedmsg-Package", packages)
    yield "X-Fedmsg-Num-Packages", str(len(set(packages)))
    yield from _alike("X-FMN-Filter", (item.filter_name for item in items))
    yield "X-FMN-Severity", max((item.description.severity for item in items), key=list(Severity).index)


def _alike(header: str, values: Iterable[str]) -> Iterator[tuple[str, str]]:
    distinct = [value for value in dict.fromkeys(name(value) for value in values) if value]
    for value in distinct[:MOST_ALIKE]:
        yield header, value
