"""Deliveries, and how they stand."""

from __future__ import annotations

from sqlalchemy import select, update

from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState
from tests.factories.messages import recorded, stored
from tests.factories.people import make_person


def make_pending_deliveries(database: Database, count: int) -> list[int]:
    """One to be sent to each of user0, user1, …; their ids in this order."""
    people = [make_person(database, f"user{number}") for number in range(count)]
    found = recorded(database, stored(database, 1), *(person.recipient for person in people))
    return sorted(found.deliveries["email"])


def states(database: Database) -> list[str]:
    """How all of them stand, in the order of their ids."""
    with database.reading() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def mark_confirmations_sent(database: Database) -> None:
    """The letters that ask whether an address is somebody's are sent, all that wait."""
    with database.transaction() as session:
        session.execute(
            update(Delivery)
            .where(Delivery.kind == DeliveryKind.CONFIRMATION, Delivery.state == DeliveryState.WAITING)
            .values(state=DeliveryState.SENT))
