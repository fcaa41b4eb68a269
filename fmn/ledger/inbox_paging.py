"""Parts of an inbox: so many notifications from a place on, and those among them that are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, UnaryExpression, select, union_all
from sqlalchemy.sql.elements import SQLCoreOperations

from fmn.ledger.inbox_filter import InboxFilter, conditions
from fmn.ledger.models import Notification, StoredMessage


@dataclass(frozen=True)
class PagePosition:
    """Where a page is: beside a notification, by its id, on its older or newer side. Else it's the first."""

    before: int | None = None
    after: int | None = None

    @property
    def upwards(self) -> bool:
        """Whether one goes from older ones to newer ones."""
        return self.after is not None

    def beside(
        self, ids: Sequence[int], further: int | None,
    ) -> tuple[PagePosition | None, PagePosition | None]:
        """The places of newer and of older ones, if this page has these, the newest first.

        ``further`` is the last one that one looked at, if there may be more behind it.
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
    """The notifications of some preferences that one looks at: up to ``size`` of them from a place on.

    At least one preference has to be named.
    """

    def __init__(
        self, preference_ids: Sequence[int], wanted: InboxFilter, place: PagePosition, size: int,
    ) -> None:
        self._wanted = wanted
        self._place = place
        self._size = size
        # Each preference apart, for only then an index has them in order.
        apart = (select(self._of_one(each).subquery()) for each in preference_ids)
        together = union_all(*apart).subquery()
        self._rows = select(together).order_by(self._order(together.c.id)).limit(size).subquery()

    def found(self, most: int) -> Select[int]:
        """The ids of those that are wanted, up to so many, in the order in which one comes to them."""
        found: Select[int] = select(self._rows.c.id)
        if self._wanted.reads_messages:
            found = found.join(StoredMessage, StoredMessage.id == self._rows.c.message_id)
        return found.where(*conditions(self._wanted, self._rows)).order_by(
            self._order(self._rows.c.id)).limit(most)

    def rows(self) -> Select[int, datetime]:
        """The ids and times of all of them, in the order in which one comes to them."""
        return select(self._rows.c.id, self._rows.c.created_at).order_by(self._order(self._rows.c.id))

    def edge(self) -> Select[int, datetime]:
        """The id and the time of the last one that one looks at, if there may be more behind it."""
        return self.rows().offset(self._size - 1).limit(1)

    def _of_one(self, preference_id: int) -> Select[*tuple[Any, ...]]:
        rows = select(
            Notification.id, Notification.message_id, Notification.filter_id, Notification.batched,
            Notification.digest_id, Notification.created_at,
        ).where(Notification.preference_id == preference_id)
        if self._place.before is not None:
            rows = rows.where(Notification.id < self._place.before)
        if self._place.after is not None:
            rows = rows.where(Notification.id > self._place.after)
        if self._wanted.unread:
            rows = rows.where(Notification.read_at.is_(None))
        return rows.order_by(self._order(Notification.id)).limit(self._size)

    def _order(self, column: SQLCoreOperations[int]) -> UnaryExpression[int]:
        return column.asc() if self._place.upwards else column.desc()
