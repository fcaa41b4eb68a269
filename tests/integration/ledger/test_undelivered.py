"""What didn't reach somebody, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import POSTPONING, Reason
from fmn.ledger.undelivered import Undelivered, undelivered
from tests.factories.messages import NOON
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

DAYS_AGO = [NOON - timedelta(days=days) for days in range(20)]


def delivered(
    database: Database, person: Person, state: DeliveryState, reason: str = "", **more: Any,
) -> None:
    with database.transaction() as session:
        number = session.query(Delivery).count()
        session.add(Delivery(
            key=f"single:{number}", kind="single", context="email", preference_id=person.preference_id,
            destination="alice@example.org", state=state, reason=reason, **{"created_at": NOON, **more}))


def trouble_of(database: Database, person: Person) -> Undelivered | None:
    with database.reading() as session:
        return undelivered(session, [person.preference_id], DAYS_AGO[13]).get(person.preference_id)


class TestTrouble:
    def test_is_there_when_the_last_delivery_was_given_up(self, database: Database) -> None:
        alice = make_person(database)
        delivered(database, alice, DeliveryState.SENT)
        assert trouble_of(database, alice) is None

        delivered(database, alice, DeliveryState.FAILED, "550 there is no such mailbox")

        assert trouble_of(database, alice) == Undelivered(
            "550 there is no such mailbox", "alice@example.org", NOON, None)

    def test_says_when_it_is_tried_again(self, database: Database) -> None:
        alice = make_person(database)
        delivered(database, alice, DeliveryState.WAITING)  # it's just on its way
        assert trouble_of(database, alice) is None

        later = NOON + timedelta(hours=1)
        delivered(database, alice, DeliveryState.WAITING, "451 try later", next_attempt_at=later)

        found = trouble_of(database, alice)
        assert found is not None
        assert (found.reason, found.next_attempt_at) == ("451 try later", later)

    @pytest.mark.parametrize("reason", POSTPONING)
    def test_is_none_if_a_delivery_only_waits_for_its_time(self, database: Database, reason: Reason) -> None:
        alice = make_person(database)
        later = NOON + timedelta(hours=1)
        delivered(database, alice, DeliveryState.WAITING, reason.sentence, next_attempt_at=later)
        assert trouble_of(database, alice) is None

    def test_is_over_when_something_was_sent_or_after_a_while(self, database: Database) -> None:
        alice, bob = make_person(database), make_person(database, "bob")
        delivered(database, alice, DeliveryState.FAILED, "550")
        delivered(database, alice, DeliveryState.SENT)
        delivered(database, bob, DeliveryState.FAILED, "550", created_at=DAYS_AGO[14])

        assert trouble_of(database, alice) is trouble_of(database, bob) is None

    def test_is_nobody_elses(self, database: Database) -> None:
        alice, bob = make_person(database), make_person(database, "bob")
        delivered(database, alice, DeliveryState.FAILED, "550")
        delivered(database, bob, DeliveryState.SENT)

        assert trouble_of(database, bob) is None
        assert trouble_of(database, alice) is not None
