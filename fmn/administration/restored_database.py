"""Repairs after a database was restored from a backup or a replica was promoted.

Rows created since the backup are lost, but their ids are still in use: in signed links of mails, in return
addresses, in clients of live feeds. New rows must not get those ids. Sessions that were ended since the
backup must not become valid again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Table, func, select, text, update
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.administration.models import DatabaseIdentity
from fmn.infra.database_identity import ROW, SKIPPED_IDS
from fmn.infra.db import NEVER_REUSED, Base
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import Reason
from fmn.people.browser_sessions import end_all_sessions
from fmn.people.models import User
from fmn.sources.backfill.gap_recorder import OVERLAP
from fmn.sources.backfill.gaps import set_received_until
from fmn.translations import mark

#: Added to everybody's session version: nobody ends their sessions so often between two backups.
SKIPPED_VERSIONS: Final = 10_000
#: Problem told until an administrator has settled it.
OTHER_DATABASE: Final = mark(
    "is another one than before: a replica was promoted, or a backup restored. Run fmn db restored if it may "
    "lack what was committed last, else fmn db restored --nothing-lost")


@dataclass(frozen=True)
class RestoreResult:
    """Counts: tables whose ids were advanced, accounts whose sessions ended, deliveries marked as failed."""

    tables: int
    accounts: int
    failed_deliveries: int


def finish_restore(
    session: Session, operator: str, sent_until: datetime | None, now: datetime,
) -> RestoreResult:
    """Make a restored database usable. Nothing else may use it meanwhile.

    FMN was still sending until ``sent_until``, so deliveries due before then are marked as failed rather than
    sent again, and archives aren't asked for messages from before then. With ``None`` all pending deliveries
    are sent, some maybe a second time. Running it again only skips more ids.
    """
    tables = [
        table for table in Base.metadata.sorted_tables
        if NEVER_REUSED.items() <= table.kwargs.items()]
    for table in tables:
        _skip_ids(session, table)
    accounts = session.scalars(
        update(User).values(session_version=User.session_version + SKIPPED_VERSIONS).returning(User.id)
        .execution_options(synchronize_session=False)).all()
    end_all_sessions(session)
    put_aside = 0
    if sent_until is not None:
        put_aside = _fail_pending(session, sent_until, now)
        # Consumers ask for a little more than what came after this.
        set_received_until(session, sent_until + OVERLAP)
    _note_settled(session)
    done = RestoreResult(len(tables), len(accounts), put_aside)
    log_action(session, operator, mark("settled a restored database"), put_aside=put_aside,
         sent_until=sent_until.isoformat() if sent_until else None)
    return done


def accept_failover(session: Session, operator: str) -> None:
    """Accept another database that lacks no committed transaction, such as a synchronous replica."""
    _note_settled(session)
    log_action(session, operator, mark("went on with another database"))


def unsettled_since(session: Session) -> datetime | None:
    """When the database was found to be another one, if no administrator has settled that; else ``None``."""
    return session.scalar(
        select(DatabaseIdentity.changed_at)
        .where(DatabaseIdentity.id == ROW, DatabaseIdentity.settled.is_(False)))


def _note_settled(session: Session) -> None:
    session.execute(update(DatabaseIdentity).values(settled=True))


def _skip_ids(session: Session, table: Table) -> None:
    """Advance the table's next id far beyond all ids that it gave before."""
    last = session.scalar(select(func.max(table.c.id))) or 0
    if session.get_bind().dialect.name == "postgresql":
        # Not nextval: the sequence knows more than the table, whose last rows may have been deleted.
        sequence = func.pg_get_serial_sequence(table.name, "id")
        given = session.scalar(text(f"SELECT last_value FROM {session.scalar(select(sequence))}"))  # noqa: S608
        session.execute(select(func.setval(sequence, max(last, given or 0) + SKIPPED_IDS)))
        return
    known = {"table": table.name}
    given = session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :table"), known) or 0
    session.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), known)
    session.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :seq)"),
        {**known, "seq": max(last, given) + SKIPPED_IDS})


def _fail_pending(session: Session, sent_until: datetime, now: datetime) -> int:
    return len(session.scalars(
        update(Delivery)
        .where(Delivery.state == DeliveryState.WAITING, Delivery.next_attempt_at <= sent_until)
        .values(
            state=DeliveryState.FAILED, reason=Reason.IN_DOUBT.sentence, finished_at=now, claimed_by=None,
            claimed_until=None)
        .returning(Delivery.id).execution_options(synchronize_session=False)).all())
