"""Closing digests, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

import pytest
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.digests.closing import close_due_digests
from fmn.infra.db import Database
from fmn.ledger.messages import lock_unmatched, store
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState, Notification
from fmn.ledger.reasons import Reason
from fmn.matching.batch_recorder import record
from fmn.matching.pipeline import MatchedMessage
from tests.concurrency import at_once, wait_until_waiting
from tests.factories.matching import GivenRecipients
from tests.factories.messages import NO_THROTTLING, NOON, recorded, recorded_in, stored
from tests.factories.people import Person, change_preference, make_person, remove_address

pytestmark = pytest.mark.dialects

A_MINUTE = timedelta(minutes=1)
MOST = 500


def closed(database: Database, *, most: int = MOST, minutes: int = 1) -> list[int]:
    """Close what is due some minutes after noon; returns the ids of the mails to send."""
    return list(close_due_digests(database, NOON + minutes * A_MINUTE, most, NO_THROTTLING).get("email", ()))


def notify(database: Database, person: Person, *numbers: int) -> None:
    recorded(database, stored(database, *numbers), person.recipient)


def contents(database: Database) -> dict[int | None, list[int]]:
    """The notifications in each digest, and under ``None`` those that wait, by message."""
    with database.transaction() as session:
        found: dict[int | None, list[int]] = {}
        for notification in session.scalars(select(Notification).order_by(Notification.id)):
            found.setdefault(notification.digest_id, []).append(notification.message_id)
        return found


def deliveries(database: Database) -> list[Delivery]:
    with database.transaction() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def test_what_waits_long_enough_goes_into_one_digest(database: Database) -> None:
    # Given three messages for Alice, who wants a digest a minute, and one for Bob, who doesn't
    alice, bob = make_person(database, digest_seconds=60), make_person(database, "bob")
    notify(database, alice, 1, 2, 3)
    notify(database, bob, 4)
    # When a minute hasn't passed, nothing happens
    assert closed(database, minutes=0) == []
    # When it has, then she gets one mail with all of it
    (delivery_id,) = closed(database)
    assert list(map(len, contents(database).values())) == [3, 1]
    delivery = next(d for d in deliveries(database) if d.id == delivery_id)
    assert (delivery.kind, delivery.destination, delivery.state) == (
        DeliveryKind.DIGEST, "alice@example.org", DeliveryState.WAITING)
    assert delivery.digest_id in contents(database)


def test_a_digest_is_closed_as_soon_as_enough_wait(database: Database) -> None:
    alice = make_person(database, digest_count=2)
    notify(database, alice, 1)
    assert closed(database, minutes=60) == []
    notify(database, alice, 2, 3)
    assert len(closed(database)) == 1
    assert list(map(len, contents(database).values())) == [3]


def test_closing_twice_makes_one_digest(database: Database) -> None:
    notify(database, make_person(database, digest_seconds=60), 1, 2)
    assert len(closed(database)) == 1
    assert closed(database) == []
    assert len(deliveries(database)) == 1


def test_a_digest_goes_to_every_confirmed_address(database: Database) -> None:
    alice = make_person(database, addresses=["a@example.org", "b@example.org"], digest_seconds=60)
    notify(database, alice, 1)
    assert len(closed(database)) == 2
    assert len({d.digest_id for d in deliveries(database)}) == 1


@pytest.mark.parametrize(("count", "sizes"), [(3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_what_is_too_much_for_one_digest_goes_into_several(
    database: Database, count: int, sizes: list[int],
) -> None:
    # Given more messages than a digest holds
    alice = make_person(database, digest_seconds=60)
    ids = stored(database, *range(count))
    recorded(database, ids, alice.recipient)
    # When it's closed, then there are several, with each message in one of them, in order
    assert len(closed(database, most=3)) == len(sizes)
    digests = contents(database)
    assert list(map(len, digests.values())) == sizes
    assert [message for digest in digests.values() for message in digest] == ids
    assert None not in digests


def test_what_waits_is_sent_when_digests_are_switched_off(database: Database) -> None:
    alice = make_person(database, digest_count=100)
    notify(database, alice, 1, 2)
    change_preference(database, alice, digest_count=None)
    assert len(closed(database, minutes=0)) == 1
    assert None not in contents(database)


def test_what_waits_is_dropped_when_the_context_is_switched_off(database: Database) -> None:
    alice = make_person(database, digest_seconds=3600)
    notify(database, alice, 1, 2)
    change_preference(database, alice, enabled=False)
    assert closed(database, minutes=0) == []
    assert [(d.state, d.reason_code) for d in deliveries(database)] == [
        (DeliveryState.DROPPED, Reason.SWITCHED_OFF)]
    assert None not in contents(database)


def test_a_digest_without_an_address_is_dropped_and_says_so(database: Database) -> None:
    alice = make_person(database, digest_seconds=60)
    notify(database, alice, 1)
    remove_address(database, alice)
    assert closed(database) == []
    assert [(d.state, d.reason_code) for d in deliveries(database)] == [
        (DeliveryState.DROPPED, Reason.NO_ADDRESS)]


def test_contexts_have_their_own_digests(database: Database) -> None:
    notify(database, make_person(database, digest_seconds=60), 1)
    notify(database, make_person(database, "bob", context="irc", digest_seconds=60), 2)
    found = close_due_digests(database, NOON + A_MINUTE, MOST, NO_THROTTLING)
    assert {context: len(ids) for context, ids in found.items()} == {"email": 1, "irc": 1}


def test_workers_that_close_at_once_make_one_digest_each_person(database: Database) -> None:
    # Given ten people for whom something waits
    people = [make_person(database, f"user{n}", digest_seconds=60) for n in range(10)]
    recorded(database, stored(database, *range(5)), *(person.recipient for person in people))
    # When three workers close what is due at the same time
    found = at_once(3, lambda _number: closed(database, most=3))
    # Then each person gets what waited once: a digest of three and one of two
    assert sorted(len(messages) for messages in contents(database).values()) == [2] * 10 + [3] * 10
    assert Counter(delivery for ids in found for delivery in ids) == Counter(
        delivery.id for delivery in deliveries(database))


def test_two_who_see_different_notifications_send_none_of_them_twice(postgresql_database: Database) -> None:
    # Given an older notification of Alice's whose transaction isn't committed, and newer ones that are
    database = postgresql_database
    alice = make_person(database, digest_seconds=60)
    older, *newer = stored(database, 1, 2, 3)
    with ThreadPoolExecutor(2) as pool:
        with database.transaction() as late, database.transaction() as blocker:
            recorded_in(late, [older], alice.recipient)
            recorded(database, newer, alice.recipient)
            # and a worker that is closing what it sees of them, kept from committing by a key it needs
            blocker.add(Delivery(
                key=f"digest:{alice.preference_id}:{_newest_but_one(database)}:{alice.address_ids[0]}",
                kind=DeliveryKind.DIGEST, context="email", preference_id=alice.preference_id, destination=""))
            blocker.flush()
            one = pool.submit(closed, database)
            wait_until_waiting(database, 1)
            # When the older one appears, and another worker closes what it sees
            late.commit()
            other = pool.submit(closed, database)
            wait_until_waiting(database, 2)
            blocker.rollback()
        # Then each makes a digest, and no message is in both
        assert len(one.result()) == len(other.result()) == 1
    assert sorted(contents(database).values()) == [[older], newer]


def _newest_but_one(database: Database) -> int:
    with database.transaction() as session:
        return session.scalars(select(Notification.id).order_by(Notification.id.desc())).all()[1]


def test_a_digest_by_the_clock_is_closed_in_its_owners_time_zone(database: Database) -> None:
    # Given Alice in Kathmandu, where it's 17:45 at noon, who wants a digest at six
    alice = make_person(database, time_zone="Asia/Kathmandu")
    change_preference(database, alice, clock_times=["18:00"], clock_days=[0])
    notify(database, alice, 1, 2)
    # When it's a minute to six there, nothing happens; when it's six, she gets one
    assert closed(database, minutes=14) == []
    assert len(closed(database, minutes=15)) == 1
    # and what comes later waits for next Monday
    recorded(database, stored(database, 3), alice.recipient, now=NOON + 16 * A_MINUTE)
    assert closed(database, minutes=7 * 24 * 60 + 14) == []
    assert len(closed(database, minutes=7 * 24 * 60 + 15)) == 1


def test_a_straggler_of_a_digest_by_the_clock_waits_for_the_next_one(database: Database) -> None:
    alice = make_person(database)
    change_preference(database, alice, clock_times=["12:01"])
    notify(database, alice, 1)
    assert len(closed(database)) == 1
    # Given a message that was matched before, by a worker that only now gets to recording it
    notify(database, alice, 2)
    assert closed(database, minutes=2) == []
    assert len(closed(database, minutes=24 * 60 + 1)) == 1


def test_quiet_hours_turn_what_comes_at_once_into_one_digest_at_their_end(database: Database) -> None:
    # Given Alice, who hears at once but not over lunch, and Bob, who collects, but is at lunch as well
    alice, bob = make_person(database), make_person(database, "bob", digest_count=2)
    for person in (alice, bob):
        change_preference(database, person, quiet_from=time(11, 30), quiet_until=time(12, 30))
    notify(database, alice, 1, 2)
    notify(database, bob, 3, 4)
    # When messages come in meanwhile, nothing is sent
    assert deliveries(database) == []
    assert closed(database, minutes=29) == []
    # When they're back, then each has a digest
    assert len(closed(database, minutes=30)) == 2
    assert list(map(len, contents(database).values())) == [2, 2]


@pytest.mark.parametrize("lets_severe", [True, False])
def test_a_digest_with_something_severe_is_not_held_up_where_that_is_wanted(
    database: Database, lets_severe: bool,
) -> None:
    alice = make_person(database, digest_seconds=60)
    change_preference(
        database, alice, quiet_from=time(11), quiet_until=time(13), quiet_lets_severe=lets_severe)
    notify(database, alice, 1)
    assert closed(database) == []
    failed = catalog().events_by_name["koji_build_failed"].example_message()
    with database.transaction() as session:
        [row] = lock_unmatched(session, store(session, [failed], NOON))
        matched = MatchedMessage(row, catalog().facts(failed), [alice.recipient])
        record(session, [matched], NOON, NO_THROTTLING, GivenRecipients.of(session, [matched.matches]))
    assert len(closed(database)) == lets_severe
