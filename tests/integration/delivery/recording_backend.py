"""A backend whose channel records what it delivers, and what the ledger says of its deliveries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from fmn.catalog import Description, Message, catalog
from fmn.delivery.backend import Backend
from fmn.delivery.retry import RetryPolicy
from fmn.infra.db import Database
from fmn.ledger.deliveries import enqueue_due
from fmn.ledger.models import Delivery
from tests.factories.clocks import Clock
from tests.factories.fake_channels import RecordingChannel
from tests.factories.messages import recorded, stored
from tests.factories.people import Person, make_person

CLAIM = timedelta(seconds=90)
DESCRIBE = catalog().describe


def make_backend(
    database: Database, channel: RecordingChannel, clock: Clock,
    describe: Callable[[Message], Description] = DESCRIBE,
) -> Backend:
    return Backend(
        database, {channel.name: channel}, describe, retry=RetryPolicy(), claim_for=CLAIM, now=clock)


def people(database: Database, count: int) -> list[Person]:
    return [make_person(database, f"user{n}") for n in range(count)]


def waiting(database: Database, *concerned: Person) -> list[int]:
    """A delivery for each of them, in this order."""
    found = recorded(database, stored(database, 1), *(person.recipient for person in concerned))
    ids = found.deliveries["email"]
    by_preference = {d.preference_id: d.id for d in deliveries(database) if d.id in ids}
    return [by_preference[person.preference_id] for person in concerned]


def deliveries(database: Database) -> list[Delivery]:
    with database.transaction() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def outcomes(database: Database) -> list[tuple[str, str]]:
    return [(d.state, d.reason_code or d.reason) for d in deliveries(database)]


def due(database: Database, clock: Clock) -> list[int]:
    with database.transaction() as session:
        return enqueue_due(session, "email", clock(), timedelta(0), 100)
