"""Counts dropped deliveries in ``fmn_deliveries_dropped_total``, once their transaction is committed."""

from __future__ import annotations

from collections import Counter
from typing import Final

from sqlalchemy import event
from sqlalchemy.orm import Session

from fmn.infra import metrics
from fmn.ledger.reasons import Reason

_KEY: Final = "fmn.dropped_deliveries"


def count_dropped(session: Session, context: str, reason: Reason, number: int = 1) -> None:
    """Count deliveries that this transaction drops; a negative number takes some back.

    A transaction that is rolled back counts nothing.
    """
    pending: Counter[tuple[str, Reason]] | None = session.info.get(_KEY)
    if pending is None:
        pending = session.info[_KEY] = Counter()
        event.listen(session, "after_commit", _publish)
        event.listen(session, "after_rollback", _forget)
    pending[context, reason] += number


def _publish(session: Session) -> None:
    for (context, reason), number in session.info[_KEY].items():
        if number > 0:
            metrics.deliveries_dropped.labels(context, reason.label).inc(number)
    _forget(session)


def _forget(session: Session) -> None:
    session.info[_KEY].clear()
