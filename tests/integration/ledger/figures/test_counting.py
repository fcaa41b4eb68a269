"""Counting of the ledger, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from fmn.infra.db import Database
from fmn.ledger.figures import counting, ledger_sources
from fmn.ledger.figures.counting import count_ledger, record_highest
from fmn.ledger.figures.ledger_sources import LATITUDE
from fmn.ledger.figures.models import DailyFigure, Figure
from fmn.ledger.figures.series import DAY, FIVE_MINUTES, HOUR
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, DeliveryState, StoredMessage
from fmn.people.models import User
from tests.factories.figures import PATIENCE, count
from tests.factories.messages import NOON, make_message, recorded, stored
from tests.factories.people import make_person
from tests.servers.waiting import wait_until

pytestmark = pytest.mark.dialects

A_MINUTE = timedelta(minutes=1)


def figures(database: Database, seconds: int = DAY) -> dict[str, int]:
    with database.reading() as session:
        rows = session.execute(select(Figure.series, Figure.value).where(Figure.seconds == seconds))
        return {series: value for series, value in rows}  # noqa: C416 - typed


def days(database: Database, preference_id: int) -> list[tuple[Any, ...]]:
    with database.reading() as session:
        rows = session.execute(
            select(DailyFigure.day, DailyFigure.filter_id, DailyFigure.came, DailyFigure.sent)
            .where(DailyFigure.preference_id == preference_id)
            .order_by(DailyFigure.day, DailyFigure.filter_id))
        return [(row.day.day, *row[1:]) for row in rows]


def finish(database: Database, state: DeliveryState, **which: Any) -> None:
    with database.transaction() as session:
        session.execute(update(Delivery).filter_by(state=DeliveryState.WAITING, **which).values(
            state=state, finished_at=NOON))


def test_each_row_counts_once_at_every_resolution(database: Database) -> None:
    # Given three messages, two of which concern Alice, and one mail that was sent
    alice = make_person(database)
    ids = stored(database, 1, 2, 3)
    recorded(database, ids[:1], alice.recipient)
    finish(database, DeliveryState.SENT)
    recorded(database, ids[1:2], alice.recipient)
    recorded(database, ids[2:])
    # When that is counted, and counted again
    count(database, NOON)
    count(database, NOON)
    # Then each is there once
    expected = {"received": 3, "matched": 3, "notifications": 2, "sent.email": 1}
    for seconds in (FIVE_MINUTES, HOUR, DAY):
        found = figures(database, seconds)
        assert {series: found[series] for series in expected} == expected
    assert days(database, alice.preference_id) == [(4, 0, 0, 1), (4, alice.filter_ids[0], 2, 0)]
    # And what comes later is added
    finish(database, DeliveryState.FAILED)
    stored(database, 4)
    count(database, NOON + A_MINUTE)
    assert Counter(figures(database)) >= Counter({"received": 4, "sent.email": 1})


def test_a_failure_counts_once_it_ended(database: Database) -> None:
    alice = make_person(database)
    recorded(database, stored(database, 1), alice.recipient)
    count(database, NOON)
    assert "failed.email" not in figures(database)
    finish(database, DeliveryState.FAILED)
    with database.transaction() as session:
        session.execute(update(Delivery).values(finished_at=NOON + A_MINUTE * 2))
    count(database, NOON + A_MINUTE * 2)
    assert figures(database)["failed.email"] == 1
    assert [sent for *_, sent in days(database, alice.preference_id)] == [0]


def test_days_are_those_of_the_reader(database: Database) -> None:
    alice = make_person(database)
    with database.transaction() as session:
        session.get_one(User, alice.user_id).time_zone = "Pacific/Auckland"  # where the 5th has begun
    recorded(database, stored(database, 1), alice.recipient)
    count(database, NOON)
    assert [day for day, *_ in days(database, alice.preference_id)] == [5]


def test_days_that_are_not_shown_are_not_counted(database: Database) -> None:
    alice = make_person(database)
    recorded(database, stored(database, 1), alice.recipient)
    count(database, NOON + timedelta(days=20))
    assert figures(database)["notifications"] == 1
    assert days(database, alice.preference_id) == []


def test_lag_is_the_highest_and_leaves_out_what_came_late_anyway(database: Database) -> None:
    with database.transaction() as session:
        for number, seconds in enumerate((3, 1, 7200)):
            message = make_message(number, sent_at=NOON - timedelta(seconds=seconds))
            store(session, [message], NOON, freshness=timedelta(hours=1))
    count(database, NOON)
    assert figures(database)["lag.bus"] == 3000


def test_one_run_counts_what_nobody_is_writing_any_more(database: Database) -> None:
    stored(database, 1)
    later = NOON + 2 * LATITUDE

    def is_counted() -> bool:  # other tests may be writing in the same server
        count_ledger(database, later)
        return figures(database).get("received") == 1

    if database.embedded:
        assert is_counted()
    wait_until(is_counted, PATIENCE, "the message isn't counted")


def test_a_long_ledger_is_counted_in_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(counting, "MOST_STEPS", 2)
    stored(database, *range(7))
    count(database, NOON)
    assert figures(database)["received"] == 7


def test_many_that_end_at_one_moment_are_counted_once(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(ledger_sources, "BUFFERED_ROWS", 2)
    alice = make_person(database)
    recorded(database, stored(database, *range(5)), alice.recipient)
    finish(database, DeliveryState.DROPPED)
    count(database, NOON)
    assert figures(database)["dropped.email"] == 5


def test_measured_values_keep_the_highest(database: Database) -> None:
    for value in (3, 5, 4):
        record_highest(database, {"queue.match": value}, NOON)
    assert figures(database, HOUR) == {"queue.match": 5}


def test_a_row_that_is_committed_late_is_waited_for(postgresql_database: Database) -> None:
    # Given a message that is being stored while a later one has been
    database = postgresql_database
    with database.transaction() as slow:
        store(slow, [make_message(1)], NOON)
        slow.flush()
        stored(database, 2)
        # When that is counted, any number of times
        for _ in range(3):
            count_ledger(database, NOON + LATITUDE)
        assert figures(database) == {}
    # Then both are, once the first one is there
    count(database, NOON)
    assert figures(database)["received"] == 2


def test_who_is_counting_is_left_alone(postgresql_database: Database) -> None:
    database = postgresql_database
    stored(database, 1)
    count(database, NOON)
    stored(database, 2)
    with database.transaction() as other:
        counting._locked_bookmark(other, "messages")  # noqa: SLF001 - what another process does
        count_ledger(database, NOON)
    count(database, NOON)
    assert figures(database)["received"] == 2
    with database.reading() as session:
        assert len(session.scalars(select(StoredMessage.id)).all()) == 2
