"""What the ledger has about a package, person, group or application: newest messages, and how many a day.

It takes two statements on PostgreSQL, which finds names by its indexes. SQLite has none of those, so it scans
the newest :data:`MAX_SCANNED` messages; finding out where they begin is one statement more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple, Self

from sqlalchemy import ColumnElement, Text, or_, select, type_coerce
from sqlalchemy.orm import Session

from fmn.catalog import Message
from fmn.filters.watch_subjects import Subject, SubjectKind
from fmn.infra.cache import Cache
from fmn.infra.sql_functions import position
from fmn.ledger.day_range import DayRange
from fmn.ledger.models import StoredMessage
from fmn.ledger.name_indexes import has_name_indexes, may_be_of, may_have_name

#: Messages that are shown.
SHOWN: Final = 20
#: Messages that are counted: of more, the newest. Counting so many takes a tenth of a second at most.
MAX_COUNTED: Final = 10_000
#: Messages that SQLite looks at, the newest.
MAX_SCANNED: Final = 100_000
#: Seconds for which an application's figures are good: those of a busy one take half a second.
CACHED_SECONDS: Final = 60.0

#: The names in messages by kind.
_LISTS: Final[Mapping[SubjectKind, str]] = {
    SubjectKind.PACKAGE: "packages", SubjectKind.PERSON: "usernames", SubjectKind.GROUP: "groups"}


@dataclass(frozen=True)
class SubjectHistory:
    """Messages about a subject between ``since`` and ``until``.

    ``newest`` are the latest of them, last first. ``counts`` are all of them by date and event type; that is
    ``None`` for one that wasn't matched yet. If it isn't ``complete``, there are more than are counted, and
    it doesn't go back as far as requested.
    """

    newest: Sequence[Message]
    counts: Mapping[tuple[date, str | None], int]
    dates: Sequence[date]
    since: datetime
    until: datetime
    complete: bool

    @property
    def total(self) -> int:
        """Total number."""
        return sum(self.counts.values())


class SubjectFigures(NamedTuple):
    """What takes long to find out: the ids of the newest messages, counts, and since when they're counted."""

    ids: Sequence[int]
    counts: Mapping[tuple[date, str | None], int]
    since: datetime

    def dump(self) -> bytes:
        """The figures as JSON, for a cache."""
        counts = [[day.isoformat(), event, messages] for (day, event), messages in self.counts.items()]
        return json.dumps([list(self.ids), counts, self.since.isoformat()]).encode()

    @classmethod
    def load(cls, dumped: bytes) -> Self:
        """The figures of :meth:`dump`."""
        ids, counts, since = json.loads(dumped)
        return cls(
            ids, {(date.fromisoformat(day), event): messages for day, event, messages in counts},
            datetime.fromisoformat(since))


def subject_history(
    session: Session, subject: Subject, window: DayRange, cache: Cache | None = None,
) -> SubjectHistory:
    """The history of a subject. It's the same whoever asks, so an application's may come from the cache."""
    figures = _cached_figures(session, subject, window, cache)
    rows = session.scalars(
        select(StoredMessage).where(StoredMessage.id.in_(figures.ids))
        .order_by(StoredMessage.received_at.desc(), StoredMessage.id.desc()))
    return SubjectHistory(
        [row.message for row in rows], figures.counts, window.days_since(figures.since), figures.since,
        window.now, figures.since <= window.begins)


def _cached_figures(
    session: Session, subject: Subject, window: DayRange, cache: Cache | None,
) -> SubjectFigures:
    if cache is None or subject.kind is not SubjectKind.APPLICATION:
        return _figures(session, subject, window)
    # Of another day or time zone they would be others.
    key = f"subject:{subject.written}:{window.begins.isoformat()}"
    if (known := cache.get(key)) is not None:
        return SubjectFigures.load(known)
    found = _figures(session, subject, window)
    cache.set(key, found.dump(), CACHED_SECONDS)
    return found


def _figures(session: Session, subject: Subject, window: DayRange) -> SubjectFigures:
    scanned_since = _scanned_since(session, window)
    rows = session.execute(
        select(StoredMessage.id, StoredMessage.received_at, StoredMessage.event)
        .where(*_conditions(subject), StoredMessage.received_at >= scanned_since)
        .order_by(StoredMessage.received_at.desc(), StoredMessage.id.desc()).limit(MAX_COUNTED)).all()
    counts = Counter((window.day_of(row.received_at), row.event) for row in rows)
    since = scanned_since if len(rows) < MAX_COUNTED else rows[-1].received_at
    return SubjectFigures([row.id for row in rows[:SHOWN]], counts, since)


def _scanned_since(session: Session, window: DayRange) -> datetime:
    if has_name_indexes(session):
        return window.begins
    newest = select(StoredMessage.received_at).order_by(StoredMessage.received_at.desc())
    first = session.scalar(newest.offset(MAX_SCANNED).limit(1))
    return window.begins if first is None else max(first, window.begins)


def _conditions(subject: Subject) -> Iterator[ColumnElement[bool]]:
    if subject.kind is SubjectKind.APPLICATION:
        yield may_be_of(subject.name)
        yield StoredMessage.category == subject.name
        return
    column = _LISTS[subject.kind]
    written = _in_json(subject.name)
    yield may_have_name(column, [written])
    names = type_coerce(getattr(StoredMessage, column), Text)
    ways = [f'"{written}"']
    if subject.kind is SubjectKind.PACKAGE and "/" not in subject.name:
        ways.append(f'/{written}"')
    yield or_(*(position(names, way) > 0 for way in ways))


def _in_json(name: str) -> str:
    return json.dumps(name)[1:-1]
