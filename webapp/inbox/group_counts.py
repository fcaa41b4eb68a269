"""How many notifications the groups of a page have in all, on this page and on others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from fmn.filters.snoozes import start_of_day
from fmn.ledger.inbox import InboxPage
from fmn.ledger.inbox_filter import InboxFilter
from fmn.ledger.inbox_groups import GroupedBy, count_beyond, count_groups
from fmn.ledger.inbox_paging import PagePosition
from webapp.inbox.inbox_items import InboxItem
from webapp.inbox.search_form import Grouping

_DAY: Final = timedelta(days=1)


class GroupTotal(NamedTuple):
    """Number of a group's notifications, at least if there are ``more``; some may be on newer pages."""

    total: int
    more: bool = False
    continued: bool = False


@dataclass(frozen=True)
class GroupCounter:
    """Counts groups of what a user looks for, with the same few SQL statements for any page."""

    session: Session
    user_id: int
    now: datetime
    zone: ZoneInfo
    wanted: InboxFilter

    def count(
        self, items: Sequence[InboxItem], page: InboxPage, grouping: Grouping,
    ) -> Mapping[str, GroupTotal]:
        """The totals of groups of a page's items, by their keys; of those that one page has all of, too."""
        if not items:
            return {}
        if grouping is Grouping.DAY:
            return dict(self._days(items, page))
        by, here = _keys(items, grouping)
        top = items[0].id
        return {
            key: GroupTotal(
                max(found.total, here[key]), found.more, page.newer is not None and found.newest > top)
            for key, found in count_groups(
                self.session, self.user_id, self.now, self.wanted, by, here).items()}

    def _days(self, items: Sequence[InboxItem], page: InboxPage) -> Iterator[tuple[str, GroupTotal]]:
        """Only the first and the last day of a page may have more notifications than those on it."""
        newer = self._beyond(items[0], PagePosition(after=items[0].id)) if page.newer else GroupTotal(0)
        older = self._beyond(items[-1], PagePosition(before=items[-1].id)) if page.older else GroupTotal(0)
        beyond = [(items[0].day.date, newer), (items[-1].day.date, older)]
        for day in dict.fromkeys(each.day.date for each in items):
            found = [total for at, total in beyond if at == day]
            yield day.isoformat(), GroupTotal(
                sum(each.day.date == day for each in items) + sum(each.total for each in found),
                any(each.more for each in found), day == items[0].day.date and bool(newer.total))

    def _beyond(self, item: InboxItem, place: PagePosition) -> GroupTotal:
        since, until = day_bounds(item.day.date, self.zone)
        found = count_beyond(self.session, self.user_id, self.now, self.wanted, place, since, until)
        return GroupTotal(found.total, found.more)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a day begins and ends where somebody is."""
    return start_of_day(day, zone), start_of_day(day + _DAY, zone)


def _keys(items: Iterable[InboxItem], grouping: Grouping) -> tuple[GroupedBy, Counter[str]]:
    """What items are grouped by, and how many have which key."""
    if grouping is Grouping.THREAD:
        return GroupedBy.THREAD, Counter(
            str(each.thread_key) for each in items if each.thread_key is not None)
    return GroupedBy.PACKAGE, Counter(each.package for each in items if each.package)
