"""How much reaches somebody, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fmn.infra.db import Database
from fmn.ledger.day_range import DayRange
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import POSTPONING, Reason
from fmn.ledger.traffic import Traffic, Undelivered, traffic, undelivered
from tests.factories.messages import NOON, recorded, stored
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

DAYS_AGO = [NOON - timedelta(days=days) for days in range(20)]


def hears(database: Database, person: Person, number: int, at: datetime) -> None:
    """A message concerned somebody at some time."""
    recorded(database, stored(database, number), person.recipient, now=at)


def traffic_of(database: Database, *people: Person, **window: Any) -> list[Traffic]:
    ids = [person.preference_id for person in people]
    with database.reading() as session:
        found = traffic(session, ids, DayRange(NOON, **window))
    return [found[preference_id] for preference_id in ids]


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


class TestTraffic:
    def test_is_counted_day_by_day_for_each_preference(self, database: Database) -> None:
        # Given somebody who heard of three messages lately and one long ago, and somebody else
        alice, bob = make_person(database), make_person(database, "bob")
        for number, at in enumerate((DAYS_AGO[0], DAYS_AGO[0], DAYS_AGO[4], DAYS_AGO[15])):
            hears(database, alice, number, at)
        hears(database, bob, 10, DAYS_AGO[13])

        # Then each has their own numbers
        alices, bobs = traffic_of(database, alice, bob)
        assert len(alices.days) == len(bobs.days) == 14
        assert [(day.date.day, day.messages) for day in alices.days[-5:]] == [
            (30, 1), (1, 0), (2, 0), (3, 0), (4, 2)]
        assert alices.total == 3
        assert alices.average == pytest.approx(3 / 4)
        assert (bobs.days[0].messages, bobs.total) == (1, 1)

    def test_has_days_that_begin_where_its_reader_is(self, database: Database) -> None:
        alice = make_person(database)
        hears(database, alice, 1, datetime(2026, 5, 3, 23, 30, tzinfo=UTC))
        hears(database, alice, 2, datetime(2026, 5, 3, 21, 30, tzinfo=UTC))

        (prague,) = traffic_of(database, alice, zone=ZoneInfo("Europe/Prague"), days=2)

        assert [(day.date, day.messages) for day in prague.days] == [
            (date(2026, 5, 3), 1), (date(2026, 5, 4), 1)]

    def test_of_less_than_a_day_is_no_average(self, database: Database) -> None:
        alice = make_person(database)
        assert traffic_of(database, alice)[0].average == 0

        hears(database, alice, 1, NOON - timedelta(hours=1))

        assert traffic_of(database, alice)[0].average == 1


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
