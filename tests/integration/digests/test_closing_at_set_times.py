"""Digests by the clock in the ledger: one for each due time, whatever becomes of the scheduler.

What is due when is asked of :func:`~fmn.digests.scheduled_times.next_scheduled_time`, which its own tests
hold against the clock on the wall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from fmn.digests.closing import close_due_digests
from fmn.digests.scheduled_times import next_scheduled_time
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, Digest, Notification
from fmn.people.schedule import Schedule
from tests.concurrency import at_once
from tests.factories.messages import NO_THROTTLING, recorded, stored
from tests.factories.people import Person, change_preference, make_person
from tests.factories.time_zones import ZONES, moments_in, some_clock_times, some_quiet_hours
from tests.hypothesis_profiles import scaled

pytestmark = pytest.mark.dialects

#: Days after which some due time has come, on whichever days of the week somebody wants them.
LONGEST_WAIT = 9
_numbers = count(1)


@dataclass(frozen=True)
class Days:
    """Some days around a change of the clocks: what comes in when, and when somebody looks what is due.

    ``by_two`` are the numbers of the looks that two take at once.
    """

    zone: str
    rhythm: Schedule
    coming: Sequence[datetime]
    looks: Sequence[datetime]
    by_two: frozenset[int]


@st.composite
def some_days(draw: st.DrawFn) -> Days:
    """Days on which the scheduler is down at times, for hours or for days."""
    zone = draw(ZONES)
    rhythm = Schedule(
        clock=draw(some_clock_times(zone)), quiet=draw(st.none() | some_quiet_hours(zone)))
    coming = sorted(draw(st.lists(moments_in(zone), min_size=1, max_size=6, unique=True)))
    looks = sorted(draw(st.lists(moments_in(zone), min_size=1, max_size=10)))
    by_two = draw(st.frozensets(st.integers(0, len(looks) - 1), max_size=4))
    return Days(zone.key, rhythm, coming, looks, by_two)


def someone(database: Database, days: Days) -> Person:
    """Somebody with this rhythm, whom nothing has come to yet."""
    clock, quiet = days.rhythm.clock, days.rhythm.quiet
    assert clock is not None
    person = make_person(database, f"user{next(_numbers)}", time_zone=days.zone)
    change_preference(
        database, person,
        clock_times=[f"{each:%H:%M}" for each in clock.times], clock_days=sorted(clock.days),
        quiet_from=quiet.start if quiet else None, quiet_until=quiet.stop if quiet else None,
        quiet_lets_severe=quiet.lets_severe if quiet else True)
    return person


def pass_by(database: Database, person: Person, days: Days) -> None:
    """Let messages come and somebody look, in the order of their times; in the end, in no quiet hours."""
    coming = list(days.coming)
    for number, now in enumerate(days.looks):
        while coming and coming[0] <= now:
            comes(database, person, coming.pop(0))
        look(database, now, by=2 if number in days.by_two else 1)
    for moment in coming:
        comes(database, person, moment)
    change_preference(database, person, quiet_from=None, quiet_until=None)
    for day in range(1, LONGEST_WAIT + 1):
        look(database, max(*days.coming, *days.looks) + timedelta(days=day), by=1)


def comes(database: Database, person: Person, moment: datetime) -> None:
    recorded(database, stored(database, next(_numbers)), person.recipient, now=moment)


def look(database: Database, now: datetime, *, by: int) -> None:
    at_once(by, lambda _number: close_due_digests(database, now, 500, NO_THROTTLING))


def digests_of(database: Database, person: Person) -> list[tuple[datetime, list[datetime]]]:
    """When each digest was closed and when what is in it came in; each has a mail to the one address."""
    with database.reading() as session:
        found = session.scalars(
            select(Digest).where(Digest.preference_id == person.preference_id).order_by(Digest.id)).all()
        mails = session.scalars(
            select(Delivery.digest_id).where(Delivery.preference_id == person.preference_id)).all()
        assert sorted(mail or 0 for mail in mails) == [digest.id for digest in found]
        return [
            (digest.created_at, list(session.scalars(
                select(Notification.created_at).where(Notification.digest_id == digest.id))))
            for digest in found
        ]


@given(days=some_days())
@settings(
    max_examples=scaled(15), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_each_due_time_that_has_something_to_tell_has_one_digest(database: Database, days: Days) -> None:
    clock = days.rhythm.clock
    assert clock is not None
    person = someone(database, days)
    # When some days pass by
    pass_by(database, person, days)
    digests = digests_of(database, person)
    # Then everything is in one digest, none of which is empty
    assert sorted(moment for _, content in digests for moment in content) == sorted(days.coming)
    assert all(content for _, content in digests)
    # closed when a time was due since it came in and since the digest before, outside quiet hours
    for closed_at, content in digests:
        assert next_scheduled_time(clock, min(content)) <= closed_at
        assert days.rhythm.quiet_until(closed_at) is None or closed_at not in days.looks
    for (earlier, _), (later, _) in pairwise(digests):
        assert next_scheduled_time(clock, earlier) <= later
    # and at the first look after that at which it wasn't quiet
    closed = [closed_at for closed_at, _ in digests]
    for now in days.looks:
        if days.rhythm.quiet_until(now) is None:
            before = [closed_at for closed_at in closed if closed_at <= now]
            left = [moment for closed_at, content in digests if closed_at > now
                    for moment in content if moment <= now]
            assert all(next_scheduled_time(clock, max([moment, *before[-1:]])) > now for moment in left)
