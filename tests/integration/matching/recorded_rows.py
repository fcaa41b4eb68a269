"""What a test of recording finds in the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from fmn.infra.db import Database
from fmn.ledger.messages import lock_unmatched
from fmn.ledger.models import Delivery, Notification
from fmn.people.change_log import current_revision


def notifications(database: Database) -> list[Notification]:
    with database.transaction() as session:
        return list(session.scalars(
            select(Notification).options(joinedload(Notification.stored_message)).order_by(Notification.id)))


def deliveries(database: Database) -> list[Delivery]:
    with database.transaction() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def unmatched(database: Database, ids: Sequence[int]) -> list[int]:
    with database.transaction() as session:
        return [row.id for row in lock_unmatched(session, ids)]


def revision_of(database: Database) -> int:
    with database.transaction() as session:
        return current_revision(session)
