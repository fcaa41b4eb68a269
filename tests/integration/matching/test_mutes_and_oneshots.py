"""Mutes and one-shot filters while batches are recorded, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from fmn.catalog import catalog
from fmn.catalog.threads import thread_of
from fmn.filters.models import Filter, MuteKind
from fmn.filters.mutes import mute, unmute
from fmn.infra.db import Database
from fmn.ledger.messages import lock_unmatched, store
from fmn.matching.batch_recorder import record
from fmn.matching.pipeline import MatchedMessage
from tests.concurrency import at_once, wait_until_waiting
from tests.factories.matching import GivenRecipients
from tests.factories.messages import (
    NO_THROTTLING,
    NOON,
    make_facts,
    make_message,
    recorded,
    recorded_in,
    stored,
)
from tests.factories.people import make_person
from tests.integration.matching.recorded_rows import deliveries, notifications, revision_of, unmatched

pytestmark = pytest.mark.dialects
UNKNOWN_EVENT = make_facts(make_message()).event.name


class TestMutes:
    def test_keep_a_message_from_whom_they_are_of_in_all_contexts(self, database: Database) -> None:
        # Given Alice, who muted an event type, and Bob
        alice, bob = make_person(database), make_person(database, "bob")
        with database.transaction() as session:
            mute(session, alice.user_id, MuteKind.EVENT, UNKNOWN_EVENT, None, NOON)
        ids = stored(database, 1)
        # When such a message concerns both, then Bob hears of it alone
        found = recorded(database, ids, alice.recipient, bob.recipient)
        assert [n.preference_id for n in notifications(database)] == [bob.preference_id]
        assert found.matched_count == 1
        assert unmatched(database, ids) == []

    def test_of_a_thread_keep_all_away_that_happens_to_the_thing(self, database: Database) -> None:
        # Given Alice, who muted an update for a week
        alice = make_person(database)
        comment, stable = (catalog().events_by_name[name].example_message()
                           for name in ("bodhi_update_comment", "bodhi_update_complete_stable"))
        with database.transaction() as session:
            thread = thread_of(catalog().facts(comment))
            mute(session, alice.user_id, MuteKind.THREAD, thread, NOON + timedelta(days=7), NOON)
        # When it's commented on, she doesn't hear of it; when it gets stable after the week, she does
        for message, now in ((comment, NOON), (stable, NOON + timedelta(days=7))):
            with database.transaction() as session:
                [row] = lock_unmatched(session, store(session, [message], now))
                matched = MatchedMessage(row, catalog().facts(message), [alice.recipient])
                record(
                    session, [matched], now, NO_THROTTLING, GivenRecipients.of(session, [matched.matches]))
        assert [n.stored_message.event for n in notifications(database)] == ["bodhi_update_complete_stable"]

    def test_leave_one_shot_filters_for_what_is_heard(self, database: Database) -> None:
        alice = make_person(database, oneshot=True)
        with database.transaction() as session:
            kept = mute(session, alice.user_id, MuteKind.EVENT, UNKNOWN_EVENT, None, NOON)
        recorded(database, stored(database, 1), alice.recipient)
        with database.transaction() as session:
            unmute(session, alice.user_id, kept.id)
        (later,) = stored(database, 2)
        recorded(database, [later], alice.recipient)
        assert [n.message_id for n in notifications(database)] == [later]


class TestOneShotFilters:
    def test_fire_once_within_a_batch(self, database: Database) -> None:
        # Given a one-shot filter and a batch of messages that all concern it
        alice = make_person(database, oneshot=True)
        ids = stored(database, 1, 2, 3)
        # When it's recorded, then she hears of the first of them, and the filter is off
        assert recorded(database, ids, alice.recipient).matched_count == 3
        assert unmatched(database, ids) == []
        assert [n.message_id for n in notifications(database)] == ids[:1]
        with database.transaction() as session:
            assert session.scalars(select(Filter.enabled)).all() == [False]

    def test_give_way_to_the_next_filter_within_a_batch(self, database: Database) -> None:
        # Given a one-shot filter, and one behind it that lets the same through
        alice = make_person(database, packages=["kernel", "kernel"])
        with database.transaction() as session:
            session.execute(update(Filter).where(Filter.id == alice.filter_ids[0]).values(oneshot=True))
        ids = stored(database, 1, 2, 3)
        # When a batch concerns both, then the first message fires the one, and the other one has the rest
        found = recorded(database, ids, alice.recipient)
        assert [n.filter_id for n in notifications(database)] == [
            alice.filter_ids[0], alice.filter_ids[1], alice.filter_ids[1]]
        assert found.deliveries == {"email": [d.id for d in deliveries(database)]}
        assert len(deliveries(database)) == 3

    def test_make_others_look_at_the_preferences_again(self, database: Database) -> None:
        alice = make_person(database, oneshot=True)
        revision = revision_of(database)
        recorded(database, stored(database, 1), alice.recipient, revision=revision)
        assert revision_of(database) > revision
        recorded(database, stored(database, 2), alice.recipient, revision=revision)
        assert len(notifications(database)) == 1

    def test_do_not_end_a_batch_that_does_not_concern_them(self, database: Database) -> None:
        make_person(database, "alice", oneshot=True)
        bob = make_person(database, "bob", packages=["php"])
        assert recorded(database, stored(database, 1, 2), bob.recipient).matched_count == 2

    def test_of_several_people_fire_for_the_same_message(self, database: Database) -> None:
        alice, bob = (make_person(database, nick, oneshot=True) for nick in ("alice", "bob"))
        ids = stored(database, 1, 2)
        recorded(database, ids, alice.recipient, bob.recipient)
        assert [n.message_id for n in notifications(database)] == [ids[0], ids[0]]

    def test_fire_once_though_two_workers_match_at_once(self, postgresql_database: Database) -> None:
        # Given two messages that concern a one-shot filter, and a worker that has recorded the first
        database = postgresql_database
        alice = make_person(database, oneshot=True)
        first, second = stored(database, 1, 2)
        revision = revision_of(database)
        with ThreadPoolExecutor(1) as pool:
            with database.transaction() as session:
                recorded_in(session, [first], alice.recipient)
                # When another one records the second before the first one commits
                other = pool.submit(recorded, database, [second], alice.recipient, revision=revision)
                wait_until_waiting(database)
            # Then it matches her again, when the filter is off
            assert other.result().matched_count == 1
        assert [n.message_id for n in notifications(database)] == [first]

    @pytest.mark.parametrize("attempt", range(3))
    def test_fire_once_whatever_workers_do(self, database: Database, attempt: int) -> None:
        # Given many messages for two one-shot filters, and four workers
        people = [make_person(database, nick, oneshot=True) for nick in ("alice", "bob")]
        ids = stored(database, *range(20))
        revision = revision_of(database)

        def work(number: int) -> None:
            recorded(database, ids[number::4], *(person.recipient for person in people), revision=revision)

        # When they all match at once
        at_once(4, work)
        # Then each person hears of one message
        assert sorted(n.preference_id for n in notifications(database)) == [p.preference_id for p in people]
