"""Gaps on record: until when everything was heard, and what is still to be asked for.

Every change is one short transaction under the row's lock, so any number of consumers may note gaps and any
number of workers close them. What two of them ask for twice is in the ledger once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select, update
from sqlalchemy.orm import Session

from fmn.infra.db import insert_new
from fmn.sources.backfill.models import CatchUp, Heard
from fmn.sources.backfill.time_windows import slots

#: The one row of what was heard.
_HEARD: Final = 1
#: How long a failed attempt is waited after: doubled with each, up to an hour.
FIRST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Gap:
    """A stretch of time in which something may have been missed."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Claim:
    """A worker's hold on what a source is still to be asked about."""

    id: int
    source: str
    claimant: str
    reached: datetime
    until: datetime


def heard_until(session: Session) -> datetime | None:
    """Until when everything was heard; ``None`` in an installation that never heard anything."""
    return session.scalar(select(Heard.until).where(Heard.id == _HEARD))


def note_heard(session: Session, until: datetime) -> None:
    """Note that everything was heard that was sent until then. It never goes back."""
    if not insert_new(session, Heard, [{"id": _HEARD, "until": until}]):
        session.execute(update(Heard).where(Heard.id == _HEARD, Heard.until < until).values(until=until))


def note_gap(session: Session, sources: Iterable[str], gap: Gap, now: datetime, again: timedelta) -> None:
    """Note that each source is to be asked about a gap, now and once more after ``again``."""
    for source in sorted(sources):
        for slot, due in slots(now, again):
            _widen(session, source, slot, gap, due)


def _widen(session: Session, source: str, slot: int, gap: Gap, due: datetime) -> None:
    row = {"source": source, "slot": slot, "reached": gap.since, "until": gap.until, "not_before": due,
           "failures": 0, "reason": ""}
    while not insert_new(session, CatchUp, [row]):
        found = session.scalars(
            select(CatchUp).where(CatchUp.source == source, CatchUp.slot == slot).with_for_update()
        ).one_or_none()
        if found is not None:  # else it was finished in between
            found.reached, found.until = min(found.reached, gap.since), max(found.until, gap.until)
            session.flush()
            return


def claim(
    session: Session, sources: Iterable[str], claimant: str, now: datetime, lasting: timedelta,
) -> Claim | None:
    """Claim what has been due longest; ``None`` if there's nothing that nobody works on."""
    free = (
        select(CatchUp.id)
        .where(CatchUp.source.in_(list(sources)), CatchUp.not_before <= now,
               or_(CatchUp.claimed_until.is_(None), CatchUp.claimed_until <= now))
        .order_by(CatchUp.not_before, CatchUp.id).limit(1).with_for_update(skip_locked=True))
    row = session.scalars(
        update(CatchUp).where(CatchUp.id.in_(free))
        .values(claimed_by=claimant, claimed_until=now + lasting)
        .returning(CatchUp).execution_options(synchronize_session=False)).one_or_none()
    return None if row is None else Claim(row.id, row.source, claimant, row.reached, row.until)


def advance(
    session: Session, held: Claim, reached: datetime, now: datetime, lasting: timedelta,
) -> Claim | None:
    """Note how far a source has been asked, and keep the claim; ``None`` if it was lost.

    If the gap was widened meanwhile, the claim that's returned goes on where that begins.
    """
    _change(session, held, CatchUp.reached == held.reached, reached=reached)
    row = session.scalars(
        update(CatchUp).where(*_ours(held)).values(claimed_until=now + lasting, failures=0, reason="")
        .returning(CatchUp).execution_options(synchronize_session=False)).one_or_none()
    return None if row is None else Claim(held.id, held.source, held.claimant, row.reached, row.until)


def finish(session: Session, held: Claim) -> bool:
    """Let go of what a source was asked all about; false if there's more of it by now, or somebody else's."""
    result = session.execute(
        delete(CatchUp)
        .where(*_ours(held), CatchUp.reached == held.reached, CatchUp.until == held.until)
        .execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def postpone(session: Session, held: Claim, reason: str, now: datetime) -> None:
    """Give a claim back after an attempt failed; it's tried again later, each time a longer while."""
    failures = session.scalar(select(CatchUp.failures).where(*_ours(held)))
    if failures is not None:
        wait = min(FIRST_RETRY * 2 ** min(failures, 10), LONGEST_RETRY)
        _change(session, held, not_before=now + wait, failures=failures + 1, reason=reason,
                claimed_by=None, claimed_until=None)


def give_back(session: Session, held: Claim) -> None:
    """Give a claim back with more to do."""
    _change(session, held, claimed_by=None, claimed_until=None)


def forget(session: Session, sources: Iterable[str], before: datetime) -> int:
    """Drop what nobody can be asked about any more; returns how many stretches of time that was.

    Either the source isn't in the settings any more, or all of it is older than the history that is kept.
    """
    result = session.execute(
        delete(CatchUp)
        .where(or_(CatchUp.source.not_in(list(sources)), CatchUp.until < before))
        .execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount


def behind(session: Session, now: datetime) -> timedelta:
    """How far back the oldest moment lies that some source is still to be asked about, if it's due."""
    oldest = session.scalar(select(func.min(CatchUp.reached)).where(CatchUp.slot == 0))
    return timedelta() if oldest is None else max(timedelta(), now - oldest)


def _ours(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return CatchUp.id == held.id, CatchUp.claimed_by == held.claimant


def _change(session: Session, held: Claim, *conditions: ColumnElement[bool], **values: Any) -> None:
    session.execute(
        update(CatchUp).where(*_ours(held), *conditions).values(**values)
        .execution_options(synchronize_session=False))
