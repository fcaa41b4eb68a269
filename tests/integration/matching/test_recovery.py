"""Failures that are held in case they recover, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from fmn.catalog import catalog
from fmn.digests.closing import close_due_digests
from fmn.infra.db import Database
from fmn.ledger.deliveries import claim, enqueue_due
from fmn.ledger.inbox import inbox
from fmn.ledger.messages import lock_unmatched, store
from fmn.ledger.models import DelayedFailure, Delivery, DeliveryState, Notification
from fmn.ledger.reasons import Reason
from fmn.matching.batch_recorder import record
from fmn.matching.pipeline import MatchedMessage
from tests.concurrency import at_once
from tests.factories.clocks import Clock
from tests.factories.matching import GivenRecipients
from tests.factories.messages import NO_THROTTLING, NOON
from tests.factories.people import Person, change_preference, make_person
from tests.hypothesis_profiles import scaled

pytestmark = pytest.mark.dialects

FAILING, WELL = "koschei_package_failing", "koschei_package_ok"
A_MINUTE = timedelta(minutes=1)
_numbers = count(1)


@dataclass
class World:
    """What Koschei says of packages, and to whom it's sent."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    number: int = 0

    def says(self, *what: str, to: Person | None, **body: Any) -> list[list[int]]:
        """Messages that come together; whom they concern, or nobody. Returns what's to be sent now."""
        messages = []
        for name in what:
            self.number += 1
            example = catalog().events_by_name[name].example_message()
            messages.append(replace(
                example, msg_id=f"2026-{self.number}", body={**example.body, **body}))
        with self.database.transaction() as session:
            ids = store(session, messages, self.clock())
        return list(map(list, self.matches(ids, to)))

    def matches(self, ids: list[int], to: Person | None) -> list[Any]:
        with self.database.transaction() as session:
            batch = [
                MatchedMessage(row, catalog().facts(row.message), [to.recipient] if to else [])
                for row in lock_unmatched(session, ids)]
            found = record(
                session, batch, self.clock(), NO_THROTTLING,
                GivenRecipients.of(session, [one.matches for one in batch]))
        return list(found.deliveries.values())

    def due(self) -> list[int]:
        """What a backend may send now."""
        with self.database.transaction() as session:
            ids = enqueue_due(session, "email", self.clock(), A_MINUTE, 100)
            return claim(session, ids, "tests", self.clock(), A_MINUTE)

    def states(self) -> list[tuple[str, str]]:
        """What stands of each delivery."""
        with self.database.transaction() as session:
            rows = session.execute(select(Delivery.state, Delivery.reason).order_by(Delivery.notification_id))
            return [(state, Reason.of(reason) or reason) for state, reason in rows]

    def closed(self) -> int:
        """Close the digests that are due; returns how many."""
        return sum(map(len, close_due_digests(self.database, self.clock(), 500, NO_THROTTLING).values()))

    def holds(self) -> int:
        with self.database.transaction() as session:
            return session.scalars(select(func.count()).select_from(DelayedFailure)).one()


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


class TestAtOnce:
    def test_a_failure_is_sent_when_it_did_not_recover_in_time(self, world: World) -> None:
        # Given Alice, whose filter gives failures ten minutes
        alice = make_person(world.database, hold_minutes=10)
        # When something fails, nothing is sent
        assert world.says(FAILING, to=alice) == []
        assert world.states() == [(DeliveryState.WAITING, Reason.DELAYED)]
        world.clock.turn(seconds=599)
        assert world.due() == []
        # until ten minutes are over
        world.clock.turn(seconds=1)
        assert len(world.due()) == 1

    def test_neither_is_sent_if_it_recovers_in_time(self, world: World) -> None:
        alice = make_person(world.database, addresses=["a@example.org", "b@example.org"], hold_minutes=10)
        world.says(FAILING, to=alice)
        world.clock.turn(minutes=9)
        world.says(WELL, to=alice)
        # Then nothing is sent, and both say why
        world.clock.turn(minutes=60)
        assert world.due() == []
        assert world.states() == [(DeliveryState.DROPPED, Reason.RECOVERED)] * 2 + [
            (DeliveryState.DROPPED, Reason.FAILURE_NOT_SENT)] * 2
        # and both are in her inbox
        with world.database.transaction() as session:
            assert len(inbox(session, alice.user_id, NOON).entries) == 2
        assert world.holds() == 0

    def test_it_is_dropped_whomever_the_recovery_concerns(self, world: World) -> None:
        world.says(FAILING, to=make_person(world.database, hold_minutes=10))
        world.says(WELL, to=None)
        assert world.states() == [(DeliveryState.DROPPED, Reason.RECOVERED)]

    def test_what_is_well_later_is_told(self, world: World) -> None:
        alice = make_person(world.database, hold_minutes=10)
        world.says(FAILING, to=alice)
        world.clock.turn(minutes=10)
        assert len(world.says(WELL, to=alice)) == 1
        assert world.states() == [(DeliveryState.WAITING, Reason.DELAYED), (DeliveryState.WAITING, "")]
        # and that's the end of it
        assert world.holds() == 0

    def test_what_is_well_is_told_to_whom_an_earlier_failure_was(self, world: World) -> None:
        # Given a failure that was told, and another one, which is held
        alice = make_person(world.database, hold_minutes=10)
        world.says(FAILING, to=alice)
        world.clock.turn(minutes=20)
        world.says(FAILING, to=alice)
        # When it recovers, then that is told, but not that it failed again
        assert len(world.says(WELL, to=alice)) == 1
        assert world.states() == [
            (DeliveryState.WAITING, Reason.DELAYED), (DeliveryState.DROPPED, Reason.RECOVERED),
            (DeliveryState.WAITING, "")]

    def test_something_else_may_recover(self, world: World) -> None:
        alice = make_person(world.database, hold_minutes=10)
        world.says(FAILING, to=alice, name="moss")
        assert len(world.says(WELL, to=alice, name="fern")) == 1
        assert world.states()[0] == (DeliveryState.WAITING, Reason.DELAYED)

    def test_what_was_well_before_it_failed_changes_nothing(self, world: World) -> None:
        alice = make_person(world.database, hold_minutes=10)
        world.says(WELL, FAILING, to=alice)
        assert world.states() == [(DeliveryState.WAITING, ""), (DeliveryState.WAITING, Reason.DELAYED)]

    def test_it_may_fail_and_recover_in_one_batch_and_fail_again(self, world: World) -> None:
        alice = make_person(world.database, hold_minutes=10)
        assert world.says(FAILING, WELL, FAILING, to=alice)
        assert world.states() == [
            (DeliveryState.DROPPED, Reason.RECOVERED), (DeliveryState.DROPPED, Reason.FAILURE_NOT_SENT),
            (DeliveryState.WAITING, Reason.DELAYED)]
        assert world.holds() == 1

    def test_without_patience_everything_is_sent(self, world: World) -> None:
        alice = make_person(world.database)
        assert len(world.says(FAILING, to=alice)) == 1
        assert len(world.says(WELL, to=alice)) == 1

    def test_each_has_their_own_patience(self, world: World) -> None:
        patient = make_person(world.database, "alice", hold_minutes=60)
        hasty = make_person(world.database, "bob", hold_minutes=1)
        world.says(FAILING, to=patient)
        world.says(FAILING, to=hasty)
        world.clock.turn(minutes=30)
        world.says(WELL, to=None)
        assert world.states() == [
            (DeliveryState.DROPPED, Reason.RECOVERED), (DeliveryState.WAITING, Reason.DELAYED)]

    def test_nobody_waits_for_what_neither_failed_nor_recovered(self, world: World) -> None:
        alice = make_person(world.database, hold_minutes=10)
        assert len(world.says("koschei_package_ignored", to=alice)) == 1

    def test_without_an_address_it_says_so(self, world: World) -> None:
        alice = make_person(world.database, addresses=[], hold_minutes=10)
        world.says(FAILING, to=alice)
        [(state, _)] = world.states()
        assert state == DeliveryState.DROPPED


class TestTogether:
    def test_a_failure_goes_into_no_digest_before_its_time(self, world: World) -> None:
        # Given Alice, who wants a digest a minute, and whose filter gives failures ten
        alice = make_person(world.database, digest_seconds=60, hold_minutes=10)
        world.says(FAILING, to=alice)
        world.says(WELL, to=alice, name="fern")
        # Then one digest has the one thing
        world.clock.turn(minutes=2)
        assert world.closed() == 1
        assert [each for _, each in digests(world)] == [1]
        # and another one, when its time is over, the other
        world.clock.turn(minutes=7)
        assert world.closed() == 0
        world.clock.turn(minutes=1)
        assert world.closed() == 1
        assert [each for _, each in digests(world)] == [1, 1]

    def test_neither_is_in_a_digest_if_it_recovers_in_time(self, world: World) -> None:
        alice = make_person(world.database, digest_seconds=60, hold_minutes=10)
        world.says(FAILING, to=alice)
        world.clock.turn(minutes=5)
        world.says(WELL, to=alice)
        world.clock.turn(minutes=60)
        assert world.closed() == 0
        assert world.states() == [
            (DeliveryState.DROPPED, Reason.RECOVERED), (DeliveryState.DROPPED, Reason.FAILURE_NOT_SENT)]

    def test_what_is_held_makes_no_digest_full(self, world: World) -> None:
        alice = make_person(world.database, digest_count=2, hold_minutes=10)
        world.says(FAILING, to=alice)
        world.says(WELL, to=alice, name="fern")
        assert world.closed() == 0
        world.clock.turn(minutes=10)
        assert world.closed() == 1

    def test_quiet_hours_hold_it_up_as_well(self, world: World) -> None:
        alice = make_person(world.database, hold_minutes=10)
        change_preference(
            world.database, alice, quiet_from=(NOON - A_MINUTE).time(),
            quiet_until=(NOON + 5 * A_MINUTE).time(), quiet_lets_severe=False)
        world.says(FAILING, to=alice)
        world.clock.turn(minutes=5)
        assert world.closed() == 0
        world.clock.turn(minutes=5)
        assert world.closed() == 1


def digests(world: World) -> list[tuple[int, int]]:
    """How many notifications are in each digest."""
    with world.database.transaction() as session:
        rows = session.execute(
            select(Notification.digest_id, func.count()).where(Notification.digest_id.is_not(None))
            .group_by(Notification.digest_id).order_by(Notification.digest_id))
        return [(digest_id, count) for digest_id, count in rows if digest_id is not None]


def test_what_a_backend_has_in_its_hands_is_not_dropped(world: World) -> None:
    # Given a failure whose time is over by the clock of the backend, which has claimed it
    alice = make_person(world.database, hold_minutes=10)
    world.says(FAILING, to=alice)
    world.clock.turn(minutes=10)
    assert len(world.due()) == 1
    # When a worker whose clock is slow records that it's well, then that is told as well
    world.clock.turn(seconds=-5)
    assert len(world.says(WELL, to=alice)) == 1
    assert [state for state, _ in world.states()] == [DeliveryState.WAITING, DeliveryState.WAITING]


def test_workers_that_record_two_recoveries_at_once_drop_it_once(world: World) -> None:
    alice = make_person(world.database, hold_minutes=10)
    world.says(FAILING, to=alice)
    example = catalog().events_by_name[WELL].example_message()
    with world.database.transaction() as session:
        ids = store(session, [replace(example, msg_id=f"2026-well-{n}") for n in range(2)], world.clock())
    at_once(2, lambda number: world.matches([ids[number]], alice))
    # Then one of them ends it, and the other one is news
    assert sorted(world.states()) == sorted([
        (DeliveryState.DROPPED, Reason.RECOVERED), (DeliveryState.DROPPED, Reason.FAILURE_NOT_SENT),
        (DeliveryState.WAITING, "")])
    assert world.holds() == 0


class Expectation:
    """What should become of each thing that Koschei says, for somebody who gives failures ten minutes."""

    def __init__(self) -> None:
        self.states: list[tuple[str, str]] = []
        #: The failures of each package that aren't mended: their numbers, and until when they're held.
        self._broken: defaultdict[str, list[tuple[int, datetime]]] = defaultdict(list)

    def says(self, what: str, package: str, now: datetime) -> None:
        if what == FAILING:
            self._broken[package].append((len(self.states), now + 10 * A_MINUTE))
            self.states.append((DeliveryState.WAITING, Reason.DELAYED))
            return
        broken = self._broken.pop(package, [])
        held = [number for number, until in broken if until > now]
        for number in held:
            self.states[number] = (DeliveryState.DROPPED, Reason.RECOVERED)
        silent = held and len(held) == len(broken)
        self.states.append(
            (DeliveryState.DROPPED, Reason.FAILURE_NOT_SENT) if silent else (DeliveryState.WAITING, ""))


#: What is said of which package, how many minutes after what was said before.
SAYINGS = st.lists(st.tuples(
    st.sampled_from([FAILING, WELL]), st.sampled_from(["moss", "moss", "moss", "fern"]),
    st.sampled_from([0, 3, 10])), min_size=4, max_size=12)


@given(sayings=SAYINGS)
@settings(
    max_examples=scaled(40), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_fails_and_recovers_nobody_hears_half_of_it(
    database: Database, sayings: list[tuple[str, str, int]],
) -> None:
    # Given Alice, who gives failures ten minutes
    number = next(_numbers)
    world, expected = World(database, number=1000 * number), Expectation()
    alice = make_person(database, f"user{number}", hold_minutes=10)
    # When packages fail and recover in any order
    for what, package, minutes in sayings:
        world.clock.turn(minutes=minutes)
        world.says(what, to=alice, name=f"{package}{number}")
        expected.says(what, package, world.clock())
    # Then she's told of what was broken for so long, and that it's well again, and of nothing else
    with database.reading() as session:
        states = session.execute(
            select(Delivery.state, Delivery.reason).where(Delivery.preference_id == alice.preference_id)
            .order_by(Delivery.notification_id)).all()
    assert [(state, Reason.of(reason) or reason) for state, reason in states] == expected.states
