"""Pruning of figures that are shown nowhere any longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, delete, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from fmn.infra.db import Base
from fmn.ledger.day_range import DAYS
from fmn.ledger.figures.models import DailyFigure, Figure
from fmn.ledger.figures.series import KEPT

#: Days kept: what is shown, and one more, since somewhere it's still yesterday.
KEPT_DAYS: Final = DAYS + 1


def prune_figures(session: Session, now: datetime, limit: int) -> int:
    """Delete up to ``limit`` of the installation's figures; returns how many."""
    too_old = or_(*(
        (Figure.seconds == seconds) & (Figure.begins < now - kept) for seconds, kept in KEPT.items()))
    return _delete(session, Figure, (Figure.series, Figure.seconds, Figure.begins), too_old, limit)


def prune_daily_figures(session: Session, now: datetime, limit: int) -> int:
    """Delete up to ``limit`` figures of people's days; returns how many."""
    first = now.date() - timedelta(days=KEPT_DAYS)
    key = (DailyFigure.day, DailyFigure.preference_id, DailyFigure.filter_id)
    return _delete(session, DailyFigure, key, DailyFigure.day < first, limit)


def _delete(
    session: Session, table: type[Base], key: tuple[InstrumentedAttribute[Any], ...], which: Any, limit: int,
) -> int:
    result = session.execute(
        delete(table).where(tuple_(*key).in_(select(*key).where(which).order_by(*key).limit(limit)))
        .execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
