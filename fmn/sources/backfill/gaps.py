"""Stored gaps: until when everything was received, and which periods are still to backfill.

Each change is a short transaction under the row's lock, so any number of consumers may record gaps and any
number of workers close them. A message that two workers fetch is stored once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select, update
from sqlalchemy.orm import Session

from fmn.infra.db import insert_new
from fmn.sources.backfill.models import Backfill, ReceivedUntil
from fmn.sources.backfill.time_windows import due_slots

#: Id of the only row of received_until.
_ONLY_ROW: Final = 1
#: Delay after a failed attempt: doubled each time, up to an hour.
FIRST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Gap:
    """A period whose messages may be missing."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class BackfillClaim:
    """A worker's claim on the pending backfill of a source."""

    id: int
    source: str
    claimant: str
    reached: datetime
    until: datetime


def received_until(session: Session) -> datetime | None:
    """Time until which everything was received; ``None`` before the first message."""
    return session.scalar(select(ReceivedUntil.until).where(ReceivedUntil.id == _ONLY_ROW))


def set_received_until(session: Session, until: datetime) -> None:
    """Record that everything sent until then was received. The time never goes back."""
    if not insert_new(session, ReceivedUntil, [{"id": _ONLY_ROW, "until": until}]):
        session.execute(update(ReceivedUntil).where(
            ReceivedUntil.id == _ONLY_ROW, ReceivedUntil.until < until).values(until=until))


def record_gap(
    session: Session, sources: Iterable[str], gap: Gap, now: datetime, recheck_after: timedelta,
) -> None:
    """Record a gap for each source, to backfill now and again after ``recheck_after``."""
    for source in sorted(sources):
        for slot, due in due_slots(now, recheck_after):
            _extend(session, source, slot, gap, due)


def _extend(session: Session, source: str, slot: int, gap: Gap, due: datetime) -> None:
    row = {"source": source, "slot": slot, "reached": gap.since, "until": gap.until, "not_before": due,
           "failures": 0, "reason": ""}
    while not insert_new(session, Backfill, [row]):
        found = session.scalars(
            select(Backfill).where(Backfill.source == source, Backfill.slot == slot).with_for_update()
        ).one_or_none()
        if found is not None:  # else it was finished meanwhile
            found.reached, found.until = min(found.reached, gap.since), max(found.until, gap.until)
            session.flush()
            return


def claim(
    session: Session, sources: Iterable[str], claimant: str, now: datetime, duration: timedelta,
) -> BackfillClaim | None:
    """Claim the unclaimed backfill that has been due longest; ``None`` without one."""
    free = (
        select(Backfill.id)
        .where(Backfill.source.in_(list(sources)), Backfill.not_before <= now,
               or_(Backfill.claimed_until.is_(None), Backfill.claimed_until <= now))
        .order_by(Backfill.not_before, Backfill.id).limit(1).with_for_update(skip_locked=True))
    row = session.scalars(
        update(Backfill).where(Backfill.id.in_(free))
        .values(claimed_by=claimant, claimed_until=now + duration)
        .returning(Backfill).execution_options(synchronize_session=False)).one_or_none()
    return None if row is None else BackfillClaim(row.id, row.source, claimant, row.reached, row.until)


def advance(
    session: Session, current: BackfillClaim, reached: datetime, now: datetime, duration: timedelta,
) -> BackfillClaim | None:
    """Record a backfill's progress and extend the claim; ``None`` if the claim was lost.

    If the gap was widened meanwhile, the returned claim continues at the gap's new start.
    """
    _change(session, current, Backfill.reached == current.reached, reached=reached)
    row = session.scalars(
        update(Backfill).where(*_ours(current)).values(claimed_until=now + duration, failures=0, reason="")
        .returning(Backfill).execution_options(synchronize_session=False)).one_or_none()
    return None if row is None else BackfillClaim(
        current.id, current.source, current.claimant, row.reached, row.until)


def finish(session: Session, current: BackfillClaim) -> bool:
    """Delete a completed backfill; false if it was widened meanwhile or another worker claimed it."""
    result = session.execute(
        delete(Backfill)
        .where(*_ours(current), Backfill.reached == current.reached, Backfill.until == current.until)
        .execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def postpone(session: Session, current: BackfillClaim, reason: str, now: datetime) -> None:
    """Release a claim after a failed attempt, for a retry after a growing delay."""
    failures = session.scalar(select(Backfill.failures).where(*_ours(current)))
    if failures is not None:
        wait = min(FIRST_RETRY * 2 ** min(failures, 10), LONGEST_RETRY)
        _change(session, current, not_before=now + wait, failures=failures + 1, reason=reason,
                claimed_by=None, claimed_until=None)


def release(session: Session, current: BackfillClaim) -> None:
    """Release a claim on an unfinished backfill."""
    _change(session, current, claimed_by=None, claimed_until=None)


def delete_expired(session: Session, sources: Iterable[str], before: datetime) -> int:
    """Delete backfills that can't be done any more; returns their number.

    Their source isn't in the settings any more, or their period is older than the kept history.
    """
    result = session.execute(
        delete(Backfill)
        .where(or_(Backfill.source.not_in(list(sources)), Backfill.until < before))
        .execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount


def backfill_lag(session: Session, now: datetime) -> timedelta:
    """Age of the oldest moment that is due for backfill; zero without one."""
    oldest = session.scalar(select(func.min(Backfill.reached)).where(Backfill.slot == 0))
    return timedelta() if oldest is None else max(timedelta(), now - oldest)


def _ours(current: BackfillClaim) -> tuple[ColumnElement[bool], ...]:
    return Backfill.id == current.id, Backfill.claimed_by == current.claimant


def _change(
    session: Session, current: BackfillClaim, *conditions: ColumnElement[bool], **values: Any,
) -> None:
    session.execute(
        update(Backfill).where(*_ours(current), *conditions).values(**values)
        .execution_options(synchronize_session=False))
