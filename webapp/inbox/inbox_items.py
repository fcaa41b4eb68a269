"""Inbox items as the page, the feed and the live view show them, in the owner's time zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy.orm import Session

from fmn.catalog import Description, Message, Severity, catalog
from fmn.catalog.message_reader import no_accounts
from fmn.delivery.bus_lag import bus_lag, lag_sentence
from fmn.delivery.notification_text import OTHER, name, shown, web_link
from fmn.digests.next_digests import next_digests_for
from fmn.directory.snapshot import Directory
from fmn.infra.public_ids import PublicId
from fmn.ledger.inbox import InboxNotification
from fmn.localized import short_date, weekday_and_date, weekday_and_long_date
from fmn.settings import FloodSettings
from fmn.text import one_line
from fmn.translations import gettext
from webapp.context_names import context_name
from webapp.humanize import natural_time_without_on
from webapp.inbox.delivery_status import DeliveryStatus, DeliveryStatuses

DescribeMessage = Callable[[Message], Description]

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class CalendarDay:
    """A day in the reader's calendar, with its heading, and as short as it can be."""

    date: date
    words: str
    short: str


@dataclass(frozen=True)
class InboxItem:
    """A notification in the list.

    ``filter_name`` is ``""`` if the filter was deleted, ``late`` is ``""`` unless the message came late.
    ``category`` is its application's, ``package`` the first of its packages, ``thread`` the URL that its
    thread shares; the latter are ``""`` without any. ``thread_key`` is the stored one, if there is one.
    ``snoozed`` says until when.
    """

    id: int
    public_id: PublicId
    summary: str
    category: str
    application: str
    severity: Severity
    package: str
    packages: int
    thread: str
    thread_key: int | None
    link: str
    by: str
    filter_id: int | None
    filter_name: str
    unread: bool
    done: bool
    snoozed: str
    late: str
    at: datetime
    clock: str
    day: CalendarDay
    delivery_statuses: Sequence[DeliveryStatus]

    @property
    def state(self) -> DeliveryStatus:
        """Where it is, or else the delivery status that matters most."""
        if self.snoozed:
            return DeliveryStatus(gettext("Until {when}").format(when=self.snoozed), "waiting", "")
        if self.done:
            return DeliveryStatus(gettext("Done"), "done-with", "")
        return max(self.delivery_statuses, key=_weight, default=_NO_DELIVERY)


#: Kinds of delivery statuses from the one that matters least.
_KINDS: Final = ("", "good", "muted", "waiting", "bad")
_NO_DELIVERY: Final = DeliveryStatus("", "", "")


def _weight(status: DeliveryStatus) -> int:
    return _KINDS.index(status.kind)


def describer(directory: Directory | None) -> DescribeMessage:
    """Function that renders a message, with account names as far as the directory is available."""
    accounts = directory.account if directory else no_accounts
    return lambda message: catalog().describe(message, accounts)


class InboxItemBuilder:
    """Builds items from notifications, as of ``now`` and in a time zone."""

    def __init__(
        self, describe: DescribeMessage, now: datetime, zone: tzinfo, throttling: FloodSettings,
    ) -> None:
        self._describe = describe
        self._throttling = throttling
        self._now = now
        self._zone = zone

    def of(self, session: Session, entries: Sequence[InboxNotification]) -> Sequence[InboxItem]:
        """The items of these notifications."""
        found = delivery_statuses(session, entries, self._now, self._zone, self._throttling)
        return [self._line(entry, found) for entry in entries]

    def _line(self, entry: InboxNotification, found: DeliveryStatuses) -> InboxItem:
        local = entry.created_at.astimezone(self._zone)
        described = self._describe(entry.message)
        return InboxItem(
            id=entry.id, public_id=entry.public_id, summary=shown(described.summary),
            category=entry.message.category, application=application_title(entry.message.category),
            severity=described.severity, package=one_line(next(iter(entry.packages), "")),
            packages=len(entry.packages), thread=described.thread, thread_key=entry.thread_key,
            link=web_link(described.link),
            by=context_name(entry.context), filter_id=entry.filter_id, filter_name=name(entry.filter_name),
            unread=entry.is_unread(self._now), done=entry.done_at is not None, snoozed=self._snoozed(entry),
            late=lag_sentence(bus_lag(entry.message.sent_at, entry.received_at)),
            at=entry.created_at, clock=f"{local:%H:%M}", day=self._day(local.date()),
            delivery_statuses=found.of(entry))

    def _snoozed(self, entry: InboxNotification) -> str:
        if entry.snoozed_until is None or not entry.is_snoozed(self._now):
            return ""
        return natural_time_without_on(entry.snoozed_until, self._now, self._zone)

    def _day(self, day: date) -> CalendarDay:
        today = self._now.astimezone(self._zone).date()
        near = {today: gettext("Today"), today - _DAY: gettext("Yesterday")}
        is_of_this_year = day.year == today.year
        words = near.get(day) or (weekday_and_date(day) if is_of_this_year else weekday_and_long_date(day))
        short = "" if day == today else short_date(day, has_year=not is_of_this_year)
        return CalendarDay(day, words, short)


def delivery_statuses(
    session: Session, entries: Sequence[InboxNotification], now: datetime, zone: tzinfo,
    throttling: FloodSettings,
) -> DeliveryStatuses:
    """Renderer of the delivery statuses of these notifications."""
    collecting = {entry.preference_id for entry in entries if entry.awaits_digest}
    waiting = next_digests_for(session, collecting, now, throttling) if collecting else ()
    return DeliveryStatuses(now, zone, {each.preference_id: each for each in waiting})


def application_title(category: str) -> str:
    """Title of the application with this category."""
    application = catalog().applications.get(category)
    return name(application.title if application else category) or gettext(OTHER)
