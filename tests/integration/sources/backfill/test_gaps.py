"""Gaps on record: whatever consumers note and workers close, no stretch of time is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fmn.infra.db import Database
from fmn.sources.backfill.gap_recorder import OVERLAP, GapRecorder
from fmn.sources.backfill.gaps import (
    LONGEST_RETRY,
    BackfillClaim,
    Gap,
    advance,
    claim,
    delete_expired,
    finish,
    postpone,
    received_until,
    record_gap,
    set_received_until,
)
from fmn.sources.backfill.models import Backfill
from tests.factories.messages import NOON, make_message
from tests.hypothesis_profiles import scaled

pytestmark = pytest.mark.dialects

AGAIN = timedelta(minutes=15)
LEASE = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def gap_in(database: Database, since: datetime, until: datetime, *sources: str) -> None:
    with database.transaction() as session:
        record_gap(session, sources or ("archive",), Gap(since, until), NOON, AGAIN)


def claimed(database: Database, who: str = "worker", now: datetime = NOON) -> BackfillClaim | None:
    with database.transaction() as session:
        return claim(session, ["archive"], who, now, LEASE)


def slots(database: Database) -> list[tuple[int, datetime, datetime]]:
    with database.reading() as session:
        return [(row.slot, row.reached, row.until)
                for row in session.scalars(select(Backfill).order_by(Backfill.slot))]


def test_what_was_heard_never_goes_back(database: Database) -> None:
    for moment in (NOON, NOON + HOUR, NOON - HOUR):
        with database.transaction() as session:
            set_received_until(session, moment)

    with database.reading() as session:
        assert received_until(session) == NOON + HOUR


def test_gaps_one_after_the_other_are_one(database: Database) -> None:
    """A consumer that dies every few seconds leaves as much on record as one that dies once."""
    for minute in range(3):
        gap_in(database, NOON - HOUR + timedelta(minutes=minute), NOON + timedelta(minutes=minute))

    later = int((NOON + AGAIN).timestamp())
    whole = NOON - HOUR, NOON + timedelta(minutes=2)
    assert slots(database) == [(0, *whole), (later, *whole)]


def test_of_two_claims_one_holds_until_it_runs_out(database: Database) -> None:
    gap_in(database, NOON - HOUR, NOON)
    held = claimed(database)
    assert held is not None
    assert claimed(database, "another") is None
    taken_over = claimed(database, "another", NOON + LEASE)
    assert taken_over is not None

    # Then the first one, which only hung, changes nothing any more
    with database.transaction() as session:
        assert advance(session, held, NOON, NOON + LEASE, LEASE) is None
        assert not finish(session, held)
    assert slots(database)[0] == (0, NOON - HOUR, NOON)


def test_failures_are_waited_after_ever_longer(database: Database) -> None:
    gap_in(database, NOON - HOUR, NOON)
    waited, now = [], NOON
    for _ in range(8):
        held = claimed(database, now=now)
        assert held is not None
        with database.transaction() as session:
            postpone(session, held, "away", now)
            row = session.scalars(select(Backfill).where(Backfill.slot == 0)).one()
            waited.append(row.not_before - now)
            # The other slot would be due by now
            session.execute(delete(Backfill).where(Backfill.slot != 0))
            now = row.not_before

    assert waited[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waited[-1] == LONGEST_RETRY


def test_what_is_older_than_the_history_is_forgotten(database: Database) -> None:
    gap_in(database, NOON - 3 * HOUR, NOON - 2 * HOUR)
    with database.transaction() as session:
        assert delete_expired(session, ["archive"], NOON - 2 * HOUR) == 0
        assert delete_expired(session, ["archive"], NOON - HOUR) == 2


MINUTES = st.integers(0, 60)


@settings(
    max_examples=scaled(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(first=MINUTES, steps=st.lists(
    st.tuples(st.just("gap"), MINUTES) | st.tuples(st.just("ask"), st.integers(1, 30)), max_size=12))
def test_nothing_is_left_out(database: Database, first: int, steps: list[tuple[str, int]]) -> None:
    """A worker asks while consumers note further gaps: in the end each minute of each gap was asked about."""
    with database.transaction() as session:
        session.execute(delete(Backfill))

    def at(minute: int) -> datetime:
        return NOON - 2 * HOUR + timedelta(minutes=minute)

    missed: set[int] = set()
    asked: set[int] = set()

    def note(minute: int) -> None:
        gap_in(database, at(minute), at(minute + 5))
        missed.update(range(minute, minute + 5))
        asked.difference_update(range(minute, minute + 5))

    note(first)
    held = claimed(database)
    assert held is not None
    for step, minutes in [*steps, *[("ask", 30)] * 10]:
        if step == "gap":
            note(minutes)
            continue
        start = held.reached
        end = min(start + timedelta(minutes=minutes), held.until)
        with database.transaction() as session:
            further = advance(session, held, end, NOON, LEASE)
        assert further is not None
        asked.update(minute for minute in range(120) if start <= at(minute) and at(minute + 1) <= end)
        held = further
        if held.reached >= held.until:
            with database.transaction() as session:
                if finish(session, held):
                    break
    assert [slot for slot, *_ in slots(database) if slot == 0] == []
    assert missed <= asked


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def watching(database: Database, clock: Callable[[], datetime]) -> GapRecorder:
    return GapRecorder(database, ["archive"], AGAIN, now=clock)


def test_a_consumer_that_was_away_notes_since_when(database: Database) -> None:
    # Given a consumer that heard something and was killed
    clock = Clock()
    first = watching(database, clock)
    first.flush()
    first.received([make_message(sent_at=NOON - timedelta(seconds=3))])
    clock.now += timedelta(seconds=20)
    first.flush()
    assert slots(database) == []

    # When another one is started hours later
    clock.now += 3 * HOUR
    second = watching(database, clock)
    second.flush()
    second.received([make_message(sent_at=clock.now)])
    second.flush(last=True)

    # Then what is between is to be asked about, and a little before
    gap = NOON - timedelta(seconds=3) - OVERLAP, NOON + timedelta(seconds=20) + 3 * HOUR
    assert [each[1:] for each in slots(database)] == [gap, gap]
    with database.reading() as session:
        assert received_until(session) == clock.now


def test_a_consumer_that_hung_notes_it(database: Database) -> None:
    clock = Clock()
    gap_recorder = watching(database, clock)
    gap_recorder.flush()
    clock.now += timedelta(minutes=2)
    gap_recorder.flush()

    assert slots(database)[0] == (0, NOON - OVERLAP, NOON + timedelta(minutes=2))


def test_a_new_installation_has_missed_nothing(database: Database) -> None:
    watching(database, Clock()).flush()

    assert slots(database) == []


class Unsteady(Database):
    """A database that is away at first."""

    away = True

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        if self.away:
            raise ConnectionError("the database is away")
        with super().transaction() as session:
            yield session


def test_a_gap_waits_for_a_database_that_is_away(database: Database) -> None:
    # Given a database that is away while a gap is noticed
    unsteady = Unsteady(database.url)
    gap_recorder = watching(unsteady, Clock())
    gap_recorder.record_gap_at(NOON - HOUR, NOON)
    gap_recorder.flush()
    assert slots(database) == []

    # When it's there, then the gap is noted
    unsteady.away = False
    gap_recorder.flush()
    assert slots(database)[0] == (0, NOON - HOUR - OVERLAP, NOON)
    unsteady.close()
