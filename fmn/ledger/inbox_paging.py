"""Pages of an inbox: keyset paging by notification id, and the search within a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    UnaryExpression,
    and_,
    case,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.elements import SQLCoreOperations

from fmn.ledger.inbox_filter import InboxFilter, branches, conditions, within_time
from fmn.ledger.models import Notification, StoredMessage


@dataclass(frozen=True)
class PagePosition:
    """Position of a page: on the older or newer side of a notification, by its id; else the first page."""

    before: int | None = None
    after: int | None = None

    @property
    def upwards(self) -> bool:
        """Whether the page goes from older to newer ones."""
        return self.after is not None

    def beside(
        self, ids: Sequence[int], further: int | None,
    ) -> tuple[PagePosition | None, PagePosition | None]:
        """Positions of the newer and the older page, if there are any, for a page with newest first.

        ``further`` is the last notification searched, if there may be more after it.
        """
        on = None if further is None else PagePosition(after=further) if self.upwards else PagePosition(
            before=further)
        if self.after is not None:
            return on, PagePosition(before=ids[-1] if ids else self.after + 1)
        if self.before is not None:
            return PagePosition(after=ids[0] if ids else self.before - 1), on
        return None, on


#: The newest ones.
FIRST: Final = PagePosition()


class InboxSlice:
    """Up to ``size`` notifications of some preferences from a position on, as of ``now``.

    At least one preference has to be named, and the filter must be able to match.
    """

    def __init__(
        self, preference_ids: Sequence[int], wanted: InboxFilter, place: PagePosition, size: int,
        now: datetime,
    ) -> None:
        self._wanted = wanted
        self._place = place
        self._size = size
        # Each preference apart, and read and unread ones, for only then an index has them in order.
        apart = (
            select(self._of_one(each, branch).subquery())
            for each in preference_ids for branch in branches(wanted, now))
        together = union_all(*apart).subquery()
        self._rows = select(together).order_by(self._order(together.c.id)).limit(size).subquery()

    def found(self, most: int) -> Select[int]:
        """Ids of matching notifications, up to a number, in search order."""
        found: Select[int] = select(self._rows.c.id)
        if self._wanted.reads_messages:
            found = found.join(StoredMessage, StoredMessage.id == self._rows.c.message_id)
        return found.where(*conditions(self._wanted, self._rows)).order_by(
            self._order(self._rows.c.id)).limit(most)

    def rows(self) -> Select[int, datetime]:
        """Ids and times of all notifications in the slice, in search order."""
        return select(self._rows.c.id, self._rows.c.created_at).order_by(self._order(self._rows.c.id))

    def edge(self) -> Select[int, datetime]:
        """Id and time of the last notification in the slice, if there may be more after it."""
        return self.rows().offset(self._size - 1).limit(1)

    def counted(self, since: datetime, until: datetime) -> Select[int, int]:
        """Numbers of the slice's notifications in a time: of those that match, and of all."""
        fits = and_(true(), *conditions(self._wanted, self._rows))
        found: Select[int, int] = select(func.count().filter(fits), func.count()).select_from(self._rows)
        if self._wanted.reads_messages:
            found = found.join(StoredMessage, StoredMessage.id == self._rows.c.message_id)
        return found.where(self._rows.c.created_at >= since, self._rows.c.created_at < until)

    def grouped(
        self, key: ColumnElement[Any], values: Sequence[object],
    ) -> Select[*tuple[Any, ...]]:
        """The slice by a message's key: the number and newest id of those that match, and the number of all.

        All whose key isn't one of the values are together, under ``None``.
        """
        fits = and_(true(), *conditions(self._wanted, self._rows))
        return (
            select(case((key.in_(values), key)), func.count().filter(fits),
                   func.max(self._rows.c.id).filter(fits), func.count())
            .select_from(self._rows).join(StoredMessage, StoredMessage.id == self._rows.c.message_id)
            .group_by(literal_column("1")))

    def _of_one(self, preference_id: int, branch: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        rows = select(
            Notification.id, Notification.message_id, Notification.filter_id, Notification.batched,
            Notification.digest_id, Notification.created_at,
        ).where(Notification.preference_id == preference_id, branch, *within_time(self._wanted))
        if self._place.before is not None:
            rows = rows.where(Notification.id < self._place.before)
        if self._place.after is not None:
            rows = rows.where(Notification.id > self._place.after)
        return rows.order_by(self._order(Notification.id)).limit(self._size)

    def _order(self, column: SQLCoreOperations[int]) -> UnaryExpression[int]:
        return column.asc() if self._place.upwards else column.desc()
