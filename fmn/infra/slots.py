"""Slots of periodic jobs: a row per run, so that one of several schedulers starts it.

A scheduler that resumes after a hang, or two that both believe they lead, claim the same row.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from fmn.infra.clock import utc_now
from fmn.infra.db import Base, Database, insert_new


class Slot(Base):
    """A run of a job; ``slot`` is the start of its period, in seconds since 1970."""

    __tablename__ = "slots"

    job: Mapped[str] = mapped_column(String(50), primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


def slot_start(period: int, now: datetime) -> datetime:
    """Start of the current period of ``period`` seconds."""
    return datetime.fromtimestamp(_slot(period, now), UTC)


def claim_slot(database: Database, job: str, period: int, now: datetime) -> bool:
    """Claim the job's run for the current period of ``period`` seconds; returns whether it's ours.

    Deletes the job's older slots.
    """
    slot = _slot(period, now)
    with database.transaction() as session:
        if not insert_new(session, Slot, [{"job": job, "slot": slot}], Slot.slot):
            return False
        latest = session.scalar(select(func.max(Slot.slot)).where(Slot.job == job))
        if latest != slot and latest is not None and latest <= _slot(period, _right_now(session)):
            # This process hung after reading the clock; the slot was claimed and deleted meanwhile.
            session.rollback()
            return False
        # Older slots, and future ones: the clock was set back since they were claimed.
        session.execute(delete(Slot).where(Slot.job == job, Slot.slot != slot))
        return True


def _right_now(session: Session) -> datetime:
    if session.get_bind().dialect.name == "sqlite":
        return utc_now()
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now


def release_slot(database: Database, job: str, period: int, now: datetime) -> None:
    """Undo :func:`claim_slot` after a job couldn't be started, so that it can be retried."""
    with database.transaction() as session:
        session.execute(delete(Slot).where(Slot.job == job, Slot.slot == _slot(period, now)))


def _slot(period: int, now: datetime) -> int:
    return int(now.timestamp()) // period * period
