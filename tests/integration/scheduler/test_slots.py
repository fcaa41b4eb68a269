"""Slots, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from fmn.infra.db import Database
from fmn.infra.slots import Slot, claim_slot, release_slot
from tests.concurrency import at_once
from tests.factories.messages import NOON

pytestmark = pytest.mark.dialects

A_MINUTE = timedelta(minutes=1)


def test_a_slot_can_be_taken_once(database: Database) -> None:
    assert claim_slot(database, "sweep", 60, NOON)
    assert not claim_slot(database, "sweep", 60, NOON)
    assert not claim_slot(database, "sweep", 60, NOON + timedelta(seconds=59))
    assert claim_slot(database, "sweep", 60, NOON + A_MINUTE)


def test_one_of_those_who_reach_for_a_slot_gets_it(database: Database) -> None:
    # When six schedulers reach for five slots
    def reach(_number: int) -> list[bool]:
        return [claim_slot(database, "sweep", 60, NOON + minute * A_MINUTE) for minute in range(5)]

    # Then each slot is taken once, but for one that somebody else's later one overtook
    taken = [sum(of_one_slot) for of_one_slot in zip(*at_once(6, reach), strict=True)]
    assert max(taken) == 1
    assert taken[-1] == 1


def test_jobs_have_slots_of_their_own(database: Database) -> None:
    assert claim_slot(database, "sweep", 60, NOON)
    assert claim_slot(database, "digests", 60, NOON)


def test_a_slot_that_is_given_back_can_be_taken_again(database: Database) -> None:
    assert claim_slot(database, "sweep", 60, NOON)
    release_slot(database, "sweep", 60, NOON + timedelta(seconds=30))
    assert claim_slot(database, "sweep", 60, NOON + timedelta(seconds=40))
    assert not claim_slot(database, "sweep", 60, NOON + timedelta(seconds=50))


def test_who_hung_since_looking_at_the_clock_does_not_get_an_old_slot(database: Database) -> None:
    # Given a scheduler that read the clock and hung, and another one that took this slot and the next
    assert claim_slot(database, "sweep", 60, NOON)
    assert claim_slot(database, "sweep", 60, NOON + A_MINUTE)
    # When the first one wakes, then its slot is gone
    assert not claim_slot(database, "sweep", 60, NOON)


def test_a_clock_that_is_set_back_stops_no_job(database: Database) -> None:
    # Given a job whose last run was two hours ahead of the time, since the clock was, too
    now = database.now()
    assert claim_slot(database, "sweep", 60, now + timedelta(hours=2))
    # When the clock is right again, then the job goes on
    assert claim_slot(database, "sweep", 60, now)
    assert not claim_slot(database, "sweep", 60, now)
    assert claim_slot(database, "sweep", 60, now + A_MINUTE)


def test_another_period_does_not_stop_a_job(database: Database) -> None:
    # Given a job that ran each five seconds, and settings that were changed to a minute, and back
    assert claim_slot(database, "sweep", 5, NOON + timedelta(seconds=58))
    assert claim_slot(database, "sweep", 60, NOON + A_MINUTE)
    assert claim_slot(database, "sweep", 5, NOON + timedelta(seconds=65))


def test_old_slots_are_forgotten(database: Database) -> None:
    for minute in range(5):
        claim_slot(database, "sweep", 60, NOON + minute * A_MINUTE)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Slot)) == 1
