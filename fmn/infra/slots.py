"""Slots: each run of a periodic job is one row, so that of several schedulers one fires it.

A scheduler that hung and wakes, or two that both think they lead, reach for the same row.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from fmn.infra.clock import utc_now
from fmn.infra.db import Base, Database, insert_new


class Slot(Base):
    """A run of a job: when its period began, in seconds since 1970."""

    __tablename__ = "slots"

    job: Mapped[str] = mapped_column(String(50), primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


def slot_start(period: int, now: datetime) -> datetime:
    """When the period (in seconds) that it is now began."""
    return datetime.fromtimestamp(_slot(period, now), UTC)


def claim_slot(database: Database, job: str, period: int, now: datetime) -> bool:
    """Whether the job is ours to run for this period (in seconds). Forgets the job's older slots."""
    slot = _slot(period, now)
    with database.transaction() as session:
        if not insert_new(session, Slot, [{"job": job, "slot": slot}], Slot.slot):
            return False
        latest = session.scalar(select(func.max(Slot.slot)).where(Slot.job == job))
        if latest != slot and latest is not None and latest <= _slot(period, _right_now(session)):
            # We hung since we looked at the clock, and this slot was taken and forgotten meanwhile.
            session.rollback()
            return False
        # Besides older ones those that are still to come: the clock was set back since they were taken.
        session.execute(delete(Slot).where(Slot.job == job, Slot.slot != slot))
        return True


def _right_now(session: Session) -> datetime:
    if session.get_bind().dialect.name == "sqlite":
        return utc_now()
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now


def release_slot(database: Database, job: str, period: int, now: datetime) -> None:
    """Undo :func:`claim_slot`: the job couldn't be started, and may be tried again."""
    with database.transaction() as session:
        session.execute(delete(Slot).where(Slot.job == job, Slot.slot == _slot(period, now)))


def _slot(period: int, now: datetime) -> int:
    return int(now.timestamp()) // period * period
