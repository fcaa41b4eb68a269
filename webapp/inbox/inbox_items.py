"""Entries of an inbox as pages, feeds and the live view show them, in their owner's words and time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Final

from sqlalchemy.orm import Session

from fmn.catalog import Description, Message, catalog
from fmn.catalog.message_reader import nobody
from fmn.delivery.bus_lag import late, lateness
from fmn.delivery.notification_text import OTHER, name, shown
from fmn.digests.next_digests import waiting_for
from fmn.directory.snapshot import Directory
from fmn.infra.public_ids import RowName
from fmn.ledger.inbox import Entry
from fmn.settings import FloodSettings
from webapp.context_names import spoken
from webapp.humanize import weekday_of
from webapp.inbox.delivery_status import Standing, Standings

Describe = Callable[[Message], Description]

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """A day of the reader's calendar, and what it's called."""

    date: date
    words: str


@dataclass(frozen=True)
class Line:
    """A notification in a list.

    ``filter_name`` is ``""`` if its filter has been deleted, ``late`` unless its message came late.
    """

    id: int
    row_name: RowName
    summary: str
    application: str
    by: str
    filter_id: int | None
    filter_name: str
    unread: bool
    late: str
    at: datetime
    clock: str
    day: Day
    standings: Sequence[Standing]


def describer(directory: Directory | None) -> Describe:
    """Says what people are told of a message, as far as one knows who is who."""
    accounts = directory.account if directory else nobody
    return lambda message: catalog().describe(message, accounts)


class Lines:
    """Makes lines of entries, as they look ``now`` in a time zone."""

    def __init__(self, describe: Describe, now: datetime, zone: tzinfo, floods: FloodSettings) -> None:
        self._describe = describe
        self._floods = floods
        self._now = now
        self._zone = zone

    def of(self, session: Session, entries: Sequence[Entry]) -> Sequence[Line]:
        """A line for each entry."""
        found = standings(session, entries, self._now, self._zone, self._floods)
        return [self._line(entry, found) for entry in entries]

    def _line(self, entry: Entry, found: Standings) -> Line:
        local = entry.created_at.astimezone(self._zone)
        return Line(
            id=entry.id, row_name=entry.row_name,
            summary=shown(self._describe(entry.message).summary),
            application=application_title(entry.message.category), by=spoken(entry.context),
            filter_id=entry.filter_id, filter_name=name(entry.filter_name), unread=entry.read_at is None,
            late=late(lateness(entry.message.sent_at, entry.received_at)),
            at=entry.created_at, clock=f"{local:%H:%M}", day=self._day(local.date()),
            standings=found.of(entry))

    def _day(self, day: date) -> Day:
        today = self._now.astimezone(self._zone).date()
        near = {today: "Today", today - _DAY: "Yesterday"}
        year = "" if day.year == today.year else f" {day.year}"
        return Day(day, near.get(day) or f"{weekday_of(day)}{year}")


def standings(
    session: Session, entries: Sequence[Entry], now: datetime, zone: tzinfo, floods: FloodSettings,
) -> Standings:
    """Says where things stand with these entries."""
    collecting = {entry.preference_id for entry in entries if entry.waits}
    waiting = waiting_for(session, collecting, now, floods) if collecting else ()
    return Standings(now, zone, {each.preference_id: each for each in waiting})


def application_title(category: str) -> str:
    """What people call the service that a message is from."""
    application = catalog().applications.get(category)
    return name(application.title if application else category) or OTHER


def by_day(lines: Iterable[Line]) -> Sequence[tuple[Day, Sequence[Line]]]:
    """The lines of each day, in their order."""
    return [(day, list(of_day)) for day, of_day in groupby(lines, key=lambda line: line.day)]
