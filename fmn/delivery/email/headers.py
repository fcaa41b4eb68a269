"""The headers of a mail: what people and their mail programs sort, filter, thread and unsubscribe by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.utils import format_datetime
from functools import lru_cache

from fmn.catalog import Severity
from fmn.catalog.text import shorten
from fmn.delivery.contract import Item, Outgoing
from fmn.delivery.email.letters import Letter
from fmn.delivery.email.mime import mailbox
from fmn.delivery.email.notices import Notice
from fmn.delivery.notes import OTHER, Note, application_of, busiest, name
from fmn.people.mailboxes import Mailbox
from fmn.settings import EmailSettings

#: Characters of a subject, its prefix included. Lists of mails show 50 to 100.
LONGEST_SUBJECT = 100
#: How many headers of one name a mail has at most: a digest of a mass rebuild concerns thousands of packages.
MOST_ALIKE = 10
#: A digest's subject names this many applications, and counts the rest together.
_NAMED_APPLICATIONS = 4
#: Sets of headers to sort by that are kept: what concerns many people is told one after the other.
_KNOWN = 64
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
    if not letter.is_digest:  # which is of many threads
        yield from _thread(outgoing, outgoing.items[0], settings)
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


def enclosed_headers(
    outgoing: Outgoing, item: Item, note: Note, settings: EmailSettings,
) -> Iterator[tuple[str, str]]:
    """The same for a mail within a digest."""
    yield "From", mailbox(f"{note.application} ({settings.sender_name})", settings.sender)
    yield "Subject", shorten(note.summary, LONGEST_SUBJECT)
    yield "Date", format_datetime(note.sent_at)
    yield "Message-ID", f"<{_digest(f'notification:{item.notification_id}')}@{_domain(settings)}>"
    yield from _thread(outgoing, item, settings)


def _envelope(
    outgoing: Outgoing, sender: str, subject: str, recipient: Mailbox, settings: EmailSettings,
) -> Iterator[tuple[str, str]]:
    yield "From", mailbox(sender, settings.sender)
    yield "To", str(recipient)
    yield "Subject", subject
    yield "Date", format_datetime(outgoing.created_at)
    # The same delivery, tried again, has the same id, so that whoever got it twice can tell.
    yield "Message-ID", f"<{_digest(outgoing.key)}@{_domain(settings)}>"


def _thread(outgoing: Outgoing, item: Item, settings: EmailSettings) -> Iterator[tuple[str, str]]:
    """What makes mail programs show all mails about one update, build or issue as a conversation.

    They're answers to a mail that never was, another one for each reader.
    """
    if thread := item.description.thread:
        root = f"<thread-{_digest(f'{outgoing.preference_id} {thread}')}@{_domain(settings)}>"
        yield "In-Reply-To", root
        yield "References", root


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _domain(settings: EmailSettings) -> str:
    return settings.sender.rpartition("@")[2]


def _list(stop: str, settings: EmailSettings) -> Iterator[tuple[str, str]]:
    yield "List-Id", f"<{settings.list_id}>"
    yield "List-Unsubscribe", f"<{stop}>"
    yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def _sender_name(outgoing: Outgoing, settings: EmailSettings, applications: Mapping[str, str]) -> str:
    found = {application_of(item, applications) for item in outgoing.items}
    return f"{found.pop()} ({settings.sender_name})" if len(found) == 1 else settings.sender_name


def _sorting(items: Sequence[Item]) -> Sequence[tuple[str, str]]:
    """The names that FMN 2 had, the filter's, and how bad the worst of it is."""
    return _sorted_by(
        tuple(dict.fromkeys(item.message.topic for item in items)),
        tuple(dict.fromkeys(item.message.category for item in items)),
        tuple(dict.fromkeys(user for item in items for user in item.usernames)),
        tuple(dict.fromkeys(package for item in items for package in item.packages)),
        tuple(dict.fromkeys(item.filter_name for item in items)),
        max((item.description.severity for item in items), key=list(Severity).index))


@lru_cache(_KNOWN)
def _sorted_by(
    topics: Sequence[str], categories: Sequence[str], usernames: Sequence[str], packages: Sequence[str],
    filters: Sequence[str], severity: Severity,
) -> Sequence[tuple[str, str]]:
    # FMN 2 knew packages by their bare names.
    bare = [package.partition("/")[2] or package for package in packages]
    return [
        *_alike("X-Fedmsg-Topic", topics), *_alike("X-Fedmsg-Category", categories),
        *_alike("X-Fedmsg-Username", usernames), *_alike("X-Fedmsg-Package", bare),
        ("X-Fedmsg-Num-Packages", str(len(set(bare)))), *_alike("X-FMN-Filter", filters),
        ("X-FMN-Severity", severity)]


def _alike(header: str, values: Iterable[str]) -> Iterator[tuple[str, str]]:
    distinct = [value for value in dict.fromkeys(name(value) for value in values) if value]
    for value in distinct[:MOST_ALIKE]:
        yield header, value
