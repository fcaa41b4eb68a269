"""Counting of the ledger, every few seconds: adds what is new to the figures, each row exactly once.

What a transaction counts and the bookmark up to which that is are committed together, so a kill loses and
doubles nothing, and of several workers one counts. Ids and moments aren't committed in their order. So all up
to a target is counted only when every transaction that was open when the target was set has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final

from sqlalchemy import BigInteger, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from fmn.infra.db import Database, insert_new
from fmn.ledger.figures.ledger_sources import SOURCES, LedgerSource
from fmn.ledger.figures.models import FigureBookmark
from fmn.ledger.figures.tallies import Tally

#: Rows counted in one transaction.
ROWS_AT_ONCE: Final = 10_000
#: Transactions of one run for each source: the first run after an upgrade has the whole ledger before it.
MOST_STEPS: Final = 100


class own_transaction(FunctionElement[int]):  # noqa: N801 - it's used as a function of SQL
    """SQL function: the number of this transaction, higher than those of all that began to write before."""

    type = BigInteger()
    inherit_cache = True


class oldest_transaction(FunctionElement[int]):  # noqa: N801 - it's used as a function of SQL
    """SQL function: the lowest number of a transaction that is writing."""

    type = BigInteger()
    inherit_cache = True


@compiles(own_transaction, "postgresql")
def _own_for_postgresql(_element: own_transaction, _compiler: SQLCompiler, **_options: object) -> str:
    return "pg_current_xact_id()::text::bigint"


@compiles(oldest_transaction, "postgresql")
def _oldest_for_postgresql(_element: oldest_transaction, _compiler: SQLCompiler, **_options: object) -> str:
    return "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@compiles(own_transaction, "sqlite")
def _own_for_sqlite(_element: own_transaction, _compiler: SQLCompiler, **_options: object) -> str:
    return "0"  # only one transaction writes at a time


@compiles(oldest_transaction, "sqlite")
def _oldest_for_sqlite(_element: oldest_transaction, _compiler: SQLCompiler, **_options: object) -> str:
    return "1"


class _Step(Enum):
    COUNTED = "counted"
    #: A later transaction may count up to the target.
    TARGET_SET = "target set"
    NOTHING = "nothing"


def count_ledger(database: Database, now: datetime) -> None:
    """Count what is new in the ledger. Several processes may do this at the same time."""
    for source in SOURCES:
        targets = 0
        for _ in range(MOST_STEPS):
            with database.transaction() as session:
                step = _step(session, source, now)
            targets += step is _Step.TARGET_SET
            # What is written meanwhile is left to the next run.
            if step is _Step.NOTHING or targets > 1:
                break


def record_highest(database: Database, values: Mapping[str, int], now: datetime) -> None:
    """Record values that were measured now, of series that keep the highest one."""
    tally = Tally(now)
    for series, value in values.items():
        tally.add(series, now, value)
    with database.transaction() as session:
        tally.write(session)


def _step(session: Session, source: LedgerSource, now: datetime) -> _Step:
    """Count some rows, or set the next target if all are counted."""
    # Read before this transaction has a number: whoever has written a row up to there has a lower one.
    latest = source.latest(session, now)
    bookmark = _locked_bookmark(session, source.name)
    if bookmark is None:
        return _Step.NOTHING
    if bookmark.position < bookmark.target:
        if session.scalar(oldest_transaction()) <= bookmark.horizon:
            return _Step.NOTHING
        _count(session, source, bookmark, now)
        return _Step.COUNTED
    if latest <= bookmark.target:
        return _Step.NOTHING
    bookmark.target, bookmark.horizon = latest, session.scalar(own_transaction())
    return _Step.TARGET_SET


def _count(session: Session, source: LedgerSource, bookmark: FigureBookmark, now: datetime) -> None:
    until = source.stretch(session, bookmark.position, bookmark.target, ROWS_AT_ONCE)
    tally = Tally(now)
    source.tally(session, source.between(bookmark.position, until), tally)
    tally.write(session)
    bookmark.position = until


def _locked_bookmark(session: Session, source: str) -> FigureBookmark | None:
    """The bookmark, locked; ``None`` if another process is counting this source."""
    found = session.scalar(
        select(FigureBookmark).where(FigureBookmark.source == source).with_for_update(skip_locked=True))
    if found is None and insert_new(session, FigureBookmark, [{"source": source}]):
        return session.get_one(FigureBookmark, source)
    return found
