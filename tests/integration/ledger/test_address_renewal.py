"""An address that changes by itself, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from fmn.errors import UserError
from fmn.infra.db import Database
from fmn.ledger.address_renewal import renew_address
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState
from fmn.ledger.system_deliveries import send_test_message
from fmn.people.models import DetailValue
from fmn.settings import ConfirmationSettings, Settings
from tests.factories.messages import NOON
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

OLD, NEW = "old@example.org", "new@example.org"


@pytest.fixture
def alice(database: Database) -> Person:
    """Somebody with one address, to which a test is about to be sent."""
    made = make_person(database, addresses=[OLD])
    with database.transaction() as session:
        address = session.get_one(DetailValue, made.address_ids[0])
        send_test_message(session, address, NOON, ConfirmationSettings())
    return made


def renew(database: Database, person: Person, *, proven: bool = True) -> None:
    with database.transaction() as session:
        address = session.get_one(DetailValue, person.address_ids[0])
        renew_address(session, address, NEW, NOON, Settings(), proven=proven)


def addresses(database: Database) -> list[tuple[str, bool]]:
    with database.reading() as session:
        return [
            (each.value, each.confirmed_at is not None)
            for each in session.scalars(select(DetailValue).order_by(DetailValue.id))]


def deliveries(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [
            (each.kind, each.destination) for each in session.scalars(
                select(Delivery).where(Delivery.state == DeliveryState.WAITING).order_by(Delivery.id))]


def test_what_waits_goes_to_the_new_one(database: Database, alice: Person) -> None:
    renew(database, alice)
    assert addresses(database) == [(NEW, True)]
    assert deliveries(database) == [(DeliveryKind.TEST, NEW)]
    renew(database, alice)
    assert addresses(database) == [(NEW, True)]


def test_what_is_being_sent_does_not(database: Database, alice: Person) -> None:
    with database.transaction() as session:
        for each in session.scalars(select(Delivery)):
            each.claimed_by, each.claimed_until = "backend", NOON + timedelta(minutes=1)
    renew(database, alice)
    assert deliveries(database) == [(DeliveryKind.TEST, OLD)]


def test_without_proof_the_new_one_is_confirmed_first(database: Database, alice: Person) -> None:
    renew(database, alice, proven=False)
    assert addresses(database) == [(NEW, False)]
    assert (DeliveryKind.CONFIRMATION, NEW) in deliveries(database)


def test_one_that_was_added_meanwhile_stays(database: Database, alice: Person) -> None:
    with database.transaction() as session:
        session.add(DetailValue(preference_id=alice.preference_id, value=NEW))
    renew(database, alice)
    assert addresses(database) == [(NEW, False)]


def test_somebody_elses_is_refused(database: Database, alice: Person) -> None:
    make_person(database, "bob", addresses=[NEW])
    with pytest.raises(UserError, match="another account"):
        renew(database, alice)
    assert addresses(database) == [(OLD, True), (NEW, True)]
