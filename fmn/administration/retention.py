"""Retention: deletes rows that are older than the settings say, in small transactions.

Rows that something pending needs are never deleted. Most tables are walked by primary key from their oldest
row on, as far as rows are old enough, which needs no further index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fmn.administration.models import AuditEntry
from fmn.filters.interning import delete_unused_expressions
from fmn.filters.mutes import delete_expired_mutes
from fmn.filters.undo import delete_old_undos
from fmn.infra.db import Base, Database
from fmn.ledger.event_forms import prune_published_events
from fmn.ledger.event_streams import prune_events
from fmn.ledger.figures.pruning import prune_daily_figures, prune_figures
from fmn.ledger.inbox_undo import delete_old_inbox_undos
from fmn.ledger.messages import prune, prune_remembered_ids
from fmn.ledger.models import Delivery, DeliveryState, Digest, Notification
from fmn.ledger.unreadable import prune_unreadable
from fmn.people.browser_sessions import delete_expired_sessions
from fmn.people.change_log import delete_old_changes
from fmn.people.confirmations import delete_old_confirmations
from fmn.settings import HistorySettings

#: Rows deleted, or read, in one transaction.
BATCH_ROWS: Final = 1_000
#: How long changes of filters and of inboxes can be undone.
UNDO: Final = timedelta(days=1)
#: How long a confirmation is kept, so that its link still says what became of it.
OLD_CONFIRMATIONS: Final = timedelta(days=30)

#: Deletes up to so many rows; returns how many it deleted, 0 once nothing is left.
Step = Callable[[Session, int], int]


def delete_expired(database: Database, settings: HistorySettings, now: datetime) -> None:
    """Delete all rows past their retention time. Several processes may do this at the same time."""
    for step in _steps(settings, now):
        while _run_step(database, step):
            pass
    ended = now - timedelta(days=settings.delivery_days)
    _walk(database, Delivery, Delivery.created_at, ended, (
        Delivery.state != DeliveryState.WAITING, Delivery.finished_at < ended))
    _walk(database, Digest, Digest.created_at, ended, (
        ~exists().where(Delivery.digest_id == Digest.id),
        ~exists().where(Notification.digest_id == Digest.id)))
    _walk(database, AuditEntry, AuditEntry.happened_at, now - timedelta(days=settings.audit_days))


def _steps(settings: HistorySettings, now: datetime) -> Iterator[Step]:
    before = now - timedelta(days=settings.days)
    yield lambda session, most: prune(session, before, most)
    yield lambda session, most: prune_events(session, before, most)
    # Older messages aren't fetched from archives.
    yield lambda session, most: prune_published_events(session, before, most)
    yield lambda session, most: delete_old_changes(session, before, most)
    yield lambda session, most: delete_old_undos(session, now - UNDO, most)
    yield lambda session, most: delete_old_inbox_undos(session, now - UNDO, most)
    yield lambda session, most: delete_expired_mutes(session, now, most)
    yield lambda session, most: delete_old_confirmations(session, now - OLD_CONFIRMATIONS, most)
    yield lambda session, most: delete_expired_sessions(session, now, most)
    yield lambda session, most: prune_remembered_ids(session, now - timedelta(days=settings.id_days), most)
    yield lambda session, most: prune_unreadable(session, before, most)
    yield lambda session, most: prune_figures(session, now, most)
    yield lambda session, most: prune_daily_figures(session, now, most)
    yield delete_unused_expressions


def _run_step(database: Database, step: Step) -> int:
    with database.transaction() as session:
        return step(session, BATCH_ROWS)


def _walk(
    database: Database, table: type[Base], since: InstrumentedAttribute[datetime], before: datetime,
    conditions: tuple[ColumnElement[bool], ...] = (),
) -> None:
    """Delete rows older than ``before`` that meet the conditions, oldest first."""
    key: InstrumentedAttribute[int] = vars(table)["id"]
    last = 0
    while True:
        with database.transaction() as session:
            rows = session.execute(select(key, since).where(key > last).order_by(key).limit(BATCH_ROWS)).all()
            if all(row[1] >= before for row in rows):
                return
            # Rows that another transaction has locked are left to the next run.
            old = select(key).where(key > last, key <= rows[-1][0], since < before, *conditions)
            _delete(session, table, key, old.with_for_update(skip_locked=True))
            last = rows[-1][0]


def _delete(session: Session, table: type[Base], key: InstrumentedAttribute[int], which: Any) -> None:
    session.execute(delete(table).where(key.in_(which)).execution_options(synchronize_session=False))
