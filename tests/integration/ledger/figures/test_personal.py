"""What came to somebody and was sent, counted or not, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from fmn.infra.db import Database
from fmn.ledger.day_range import DayRange
from fmn.ledger.figures.personal import DailyCounts, PersonalFigures, personal_figures
from fmn.ledger.models import Delivery, DeliveryState
from fmn.people.models import User
from tests.factories.figures import count
from tests.factories.messages import NOON, recorded, stored
from tests.factories.people import Person, make_person
from tests.factories.statements import statements_on

pytestmark = pytest.mark.dialects

DAYS_AGO = [NOON - timedelta(days=days) for days in range(20)]


def hears(database: Database, person: Person, number: int, at: datetime) -> None:
    """A message concerned somebody at some time, and was sent."""
    recorded(database, stored(database, number), person.recipient, now=at)
    with database.transaction() as session:
        session.execute(update(Delivery).where(Delivery.state == DeliveryState.WAITING).values(
            state=DeliveryState.SENT, finished_at=at))


def figures_of(database: Database, *people: Person, **window: Any) -> PersonalFigures:
    with database.reading() as session:
        return personal_figures(
            session, [person.preference_id for person in people], DayRange(NOON, **window))


def channel(database: Database, person: Person, **window: Any) -> DailyCounts:
    return figures_of(database, person, **window).channels[person.preference_id]


def last(counts: DailyCounts, days: int = 5) -> list[tuple[int, int]]:
    return [(day.date.day, day.messages) for day in counts.came[-days:]]


def test_what_came_is_the_same_before_and_after_it_is_counted(database: Database) -> None:
    # Given somebody who heard of three messages lately and one long ago, and somebody else
    alice, bob = make_person(database), make_person(database, "bob")
    for number, at in enumerate((DAYS_AGO[0], DAYS_AGO[0], DAYS_AGO[4], DAYS_AGO[15])):
        hears(database, alice, number, at)
    hears(database, bob, 10, DAYS_AGO[13])
    # Then each has their own numbers, though nothing has been counted
    expected = [(30, 1), (1, 0), (2, 0), (3, 0), (4, 2)]
    assert last(channel(database, alice)) == expected
    # And so they have when half of it is, and when all is
    count(database, NOON)
    assert last(channel(database, alice)) == expected
    later = NOON + timedelta(minutes=1)
    hears(database, alice, 11, later)
    assert last(channel(database, alice)) == [*expected[:-1], (4, 3)]
    count(database, later)
    assert last(channel(database, alice)) == [*expected[:-1], (4, 3)]
    assert channel(database, alice).total_sent == 4
    bobs = channel(database, bob)
    assert (bobs.came[0].messages, bobs.total, bobs.sent[0].messages) == (1, 1, 1)


def test_the_average_is_of_the_days_since_the_first(database: Database) -> None:
    alice, bob = make_person(database), make_person(database, "bob")
    assert channel(database, alice).average == 0
    for number, at in enumerate((DAYS_AGO[0], DAYS_AGO[0], DAYS_AGO[4])):
        hears(database, alice, number, at)
    hears(database, bob, 10, NOON)
    assert channel(database, alice).average == pytest.approx(3 / 4.5)
    assert channel(database, bob).average == 1


def test_days_begin_where_their_reader_is(database: Database) -> None:
    alice = make_person(database)
    with database.transaction() as session:
        session.get_one(User, alice.user_id).time_zone = "Europe/Prague"
    hears(database, alice, 1, datetime(2026, 5, 3, 23, 30, tzinfo=UTC))
    hears(database, alice, 2, datetime(2026, 5, 3, 21, 30, tzinfo=UTC))
    for _ in range(2):
        prague = channel(database, alice, zone=ZoneInfo("Europe/Prague"), days=2)
        assert [(day.date, day.messages) for day in prague.came] == [
            (date(2026, 5, 3), 1), (date(2026, 5, 4), 1)]
        count(database, NOON)


def test_filters_have_theirs(database: Database) -> None:
    alice = make_person(database, packages=("kernel", "moss"))
    hears(database, alice, 1, DAYS_AGO[1])
    count(database, NOON)
    hears(database, alice, 2, NOON)
    window = DayRange(NOON, days=3)
    figures = figures_of(database, alice, days=3)
    matching, other = alice.filter_ids
    assert [day.messages for day in figures.filter(matching, window)] == [0, 1, 1]
    assert [day.messages for day in figures.filter(other, window)] == [0, 0, 0]


def test_it_takes_two_statements_for_any_number(database: Database) -> None:
    people = [make_person(database, nick) for nick in ("alice", "bob", "carol")]
    for number, person in enumerate(people):
        hears(database, person, number, NOON)
    with statements_on(database) as found:
        figures_of(database, *people)
    assert len([each for each in found if each.startswith("SELECT")]) == 2
