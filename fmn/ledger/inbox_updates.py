"""Updates of an open inbox: notifications that arrived since the reader's cursor.

Reading consumes nothing: all readers see everything. Notifications get their ids when they are inserted and
become visible at the commit, so of two concurrent ones the later may appear first. A cursor of the last id
alone would skip the other. So it holds the id up to which everything is visible for good, and the ids seen
after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from sqlalchemy import Row
from sqlalchemy.orm import Session

from fmn.ledger.inbox import InboxNotification, inbox_slice, load_entries
from fmn.ledger.inbox_filter import EVERYTHING, InboxFilter
from fmn.ledger.inbox_paging import FIRST, PagePosition

#: After so long nobody is still recording anything with a smaller number. Transactions are far shorter.
COMMITTED_AFTER: Final = timedelta(minutes=1)
#: Notifications that are looked at, and at most told of, at once.
AT_ONCE: Final = 100

_SHAPE: Final = re.compile(r"\d{1,18}(\.\d{1,18})*", re.ASCII)


@dataclass(frozen=True)
class InboxCursor:
    """A reader's cursor: the id up to which they have seen everything, and the ids they saw after it."""

    until: int
    beyond: frozenset[int] = frozenset()

    @classmethod
    def of(cls, text: str) -> Self:
        """Parse what :meth:`__str__` wrote. Raises :class:`ValueError` for anything else."""
        if not _SHAPE.fullmatch(text) or text.count(".") > AT_ONCE:
            raise ValueError("it doesn't say up to where somebody has seen their inbox")
        until, *beyond = map(int, text.split("."))
        return cls(until, frozenset(until + distance for distance in beyond))

    def __str__(self) -> str:
        """The id, and the distances of the others from it: ``120.1.4``."""
        return ".".join(map(str, [self.until, *sorted(each - self.until for each in self.beyond)]))

    @property
    def latest(self) -> int:
        """The largest id that the reader has seen, 0 for none."""
        return max(self.until, *self.beyond, 0)

    def then(self, rows: Sequence[Row[int, datetime]], now: datetime) -> InboxCursor:
        """The cursor after these notifications too; they have to be all that there are after ``until``."""
        until = max((row.id for row in rows if row.created_at <= now - COMMITTED_AFTER), default=self.until)
        return InboxCursor(until, frozenset(row.id for row in rows if row.id > until))


def current_cursor(session: Session, user_id: int, now: datetime) -> InboxCursor:
    """The cursor of a reader who loads the inbox right after this call."""
    latest = inbox_slice(session, user_id, now, EVERYTHING, FIRST, AT_ONCE)
    rows = session.execute(latest.rows()).all() if latest else ()
    return InboxCursor(rows[-1].id - 1 if rows else 0).then(rows, now)


def new_entries(
    session: Session, user_id: int, wanted: InboxFilter, seen: InboxCursor, now: datetime,
) -> tuple[Sequence[InboxNotification], InboxCursor]:
    """Matching notifications since the cursor, oldest first, and the cursor after them."""
    place = PagePosition(after=seen.until)
    since = inbox_slice(session, user_id, now, EVERYTHING, place, AT_ONCE)
    if since is None:
        return [], seen
    rows = session.execute(since.rows()).all()
    new = {row.id for row in rows} - seen.beyond
    if new and wanted != EVERYTHING:
        chosen = inbox_slice(session, user_id, now, wanted, place, AT_ONCE)
        new.intersection_update(session.scalars(chosen.found(AT_ONCE)) if chosen else ())
    return load_entries(session, list(new))[::-1], seen.then(rows, now)
