"""The live feed as a channel: what is delivered is in the stream, once, whatever dies in between."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import select, update

from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger.event_streams import StreamEntry, events_after
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.system_deliveries import send_test_message
from fmn.people.models import DetailValue
from fmn.settings import ConfirmationSettings, DatabaseSettings, DeliverySettings, Settings, WebSettings
from fmn.wiring import Services
from tests.factories.messages import NOON, recorded, stored
from tests.factories.people import Person, make_person


@pytest.fixture
def services(database: Database) -> Iterator[Services]:
    made = Services(Settings(
        database=DatabaseSettings(url=database.url), delivery=DeliverySettings(channels=("sse",)),
        web=WebSettings(secret="of the tests")))
    made.cache = MemoryCache()
    yield made
    made.database.close()


@pytest.fixture
def alice(database: Database) -> Person:
    return make_person(database, "alice", context="sse", addresses=["alice"])


def deliver(services: Services) -> None:
    """What waits is delivered."""
    with services.database.reading() as session:
        waiting = session.scalars(select(Delivery.id).where(Delivery.state == DeliveryState.WAITING)).all()
    services.backend.deliver("sse", waiting)


def events(database: Database, person: Person) -> Sequence[StreamEntry]:
    with database.reading() as session:
        return events_after(session, person.preference_id, 0, 100)


def test_a_delivery_is_an_event(services: Services, database: Database, alice: Person) -> None:
    recorded(database, stored(database, 1), alice.recipient)
    deliver(services)
    [event] = events(database, alice)
    with database.reading() as session:
        delivery = session.scalars(select(Delivery)).one()
    assert (delivery.state, event.event_id) == (DeliveryState.SENT, delivery.key)
    assert json.loads(event.data)["id"] == delivery.key


def test_a_delivery_that_was_appended_and_not_recorded_is_there_once(
    services: Services, database: Database, alice: Person,
) -> None:
    # Given a backend that died when it had appended
    recorded(database, stored(database, 1), alice.recipient)
    deliver(services)
    with database.transaction() as session:
        session.execute(update(Delivery).values(state=DeliveryState.WAITING, finished_at=None))
    # When another one delivers it
    deliver(services)
    # Then it's on record, and nothing is doubled
    with database.reading() as session:
        assert session.scalars(select(Delivery.state)).one() == DeliveryState.SENT
    assert len(events(database, alice)) == 1


@pytest.mark.dialects
def test_a_test_is_an_event_too(services: Services, database: Database, alice: Person) -> None:
    with database.transaction() as session:
        address = session.get_one(DetailValue, alice.address_ids[0])
        send_test_message(session, address, NOON, ConfirmationSettings())
    deliver(services)
    [event] = events(database, alice)
    told = json.loads(event.data)
    assert told["dom_id"] == f"letter-{event.event_id}"
    assert told["summary"]
    assert told["text"]
