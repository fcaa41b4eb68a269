"""Recording whom messages concern, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import joinedload

from fmn.catalog import catalog
from fmn.catalog.threads import thread_of
from fmn.filters.editing import remove_filter
from fmn.filters.models import Filter, MuteKind
from fmn.filters.mutes import mute, unmute
from fmn.infra.db import Database
from fmn.ledger.messages import lock_unmatched, store
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState, Notification, StoredMessage
from fmn.ledger.reasons import Reason
from fmn.matching.batch_recorder import record
from fmn.matching.index.matching_index import Match
from fmn.matching.pipeline import MatchedMessage
from fmn.people.change_log import current_revision
from fmn.people.models import Preference, User
from tests.concurrency import at_once, wait_until_waiting
from tests.factories.counters import counted
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
from tests.factories.people import Person, change_preference, make_person

pytestmark = pytest.mark.dialects

UNKNOWN_EVENT = make_facts(make_message()).event.name


def notifications(database: Database) -> list[Notification]:
    with database.transaction() as session:
        return list(session.scalars(
            select(Notification).options(joinedload(Notification.stored_message)).order_by(Notification.id)))


def deliveries(database: Database) -> list[Delivery]:
    with database.transaction() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def unmatched(database: Database, ids: Sequence[int]) -> list[int]:
    with database.transaction() as session:
        return [row.id for row in lock_unmatched(session, ids)]


def revision_of(database: Database) -> int:
    with database.transaction() as session:
        return current_revision(session)


class TestRecording:
    def test_says_for_which_filter_whom_a_message_concerns(self, database: Database) -> None:
        # Given Alice and Bob, and a message that concerns both
        alice, bob = make_person(database, "alice"), make_person(database, "bob")
        (message_id,) = stored(database, 1)
        # When that is recorded
        found = recorded(database, [message_id], alice.recipient, bob.recipient)
        # Then each has a notification with its filter, and a delivery to be sent
        assert {(n.message_id, n.preference_id, n.filter_id, n.batched) for n in notifications(database)} == {
            (message_id, person.preference_id, person.filter_ids[0], False) for person in (alice, bob)}
        assert {(d.destination, d.state, d.kind, d.notification_id) for d in deliveries(database)} == {
            (f"{nick}@example.org", DeliveryState.WAITING, DeliveryKind.SINGLE, notification.id)
            for nick, notification in zip(["alice", "bob"], notifications(database), strict=True)}
        assert found.deliveries == {"email": [d.id for d in deliveries(database)]}
        assert found.matched_count == 1

    def test_counts_notifications_by_context(self, database: Database) -> None:
        before = counted("fmn_notifications", context="irc")
        person = make_person(database, context="irc", addresses=["alice"])
        recorded(database, stored(database, 1, 2), person.recipient)
        assert counted("fmn_notifications", context="irc") == before + 2

    def test_marks_messages_matched_that_concern_nobody(self, database: Database) -> None:
        ids = stored(database, 1, 2)
        assert recorded(database, ids).deliveries == {}
        assert unmatched(database, ids) == []

    def test_has_its_effect_once_when_it_runs_twice(self, database: Database) -> None:
        alice = make_person(database)
        ids = stored(database, 1)
        assert recorded(database, ids, alice.recipient).deliveries
        again = recorded(database, ids, alice.recipient)
        assert (again.deliveries, again.matched_count) == ({}, 0)
        assert len(notifications(database)) == len(deliveries(database)) == 1

    def test_has_no_effect_when_its_transaction_is_lost(self, database: Database) -> None:
        # Given a worker that dies before it commits
        alice = make_person(database)
        ids = stored(database, 1)
        with database.transaction() as session:
            recorded_in(session, ids, alice.recipient)
            session.rollback()
        # Then nothing is left of it, and the message is matched by another
        assert not notifications(database)
        assert not deliveries(database)
        assert recorded(database, ids, alice.recipient).matched_count == 1

    def test_delivers_to_every_confirmed_address(self, database: Database) -> None:
        alice = make_person(
            database, addresses=["a@example.org", "b@example.org"], unconfirmed=["c@example.org"])
        found = recorded(database, stored(database, 1), alice.recipient)
        assert len(found.deliveries["email"]) == 2
        assert [d.destination for d in deliveries(database)] == ["a@example.org", "b@example.org"]

    def test_drops_what_has_no_confirmed_address_and_says_so(self, database: Database) -> None:
        alice = make_person(database, addresses=[], unconfirmed=["alice@example.org"])
        found = recorded(database, stored(database, 1), alice.recipient)
        assert found.deliveries == {}
        (dropped,) = deliveries(database)
        assert (dropped.state, dropped.reason, dropped.destination) == (
            DeliveryState.DROPPED, "no confirmed address", "")
        assert dropped.reason_code is Reason.NO_ADDRESS
        assert dropped.finished_at is not None

    @pytest.mark.parametrize(("count", "seconds"), [(2, None), (None, 60), (2, 60)])
    def test_lets_what_goes_into_a_digest_wait(
        self, database: Database, count: int | None, seconds: int | None,
    ) -> None:
        alice = make_person(database, digest_count=count, digest_seconds=seconds)
        assert recorded(database, stored(database, 1), alice.recipient).deliveries == {}
        (notification,) = notifications(database)
        assert notification.batched
        assert notification.digest_id is None
        assert deliveries(database) == []

    def test_names_the_first_of_filters_that_ask_the_same(self, database: Database) -> None:
        alice = make_person(database, packages=["kernel", "kernel"])
        recorded(database, stored(database, 1), alice.recipient)
        assert [n.filter_id for n in notifications(database)] == [alice.filter_ids[0]]

    def test_names_the_filter_that_matched(self, database: Database) -> None:
        alice = make_person(database, packages=["kernel", "php"])
        recorded(database, stored(database, 1), alice.concern_of(1))
        assert [n.filter_id for n in notifications(database)] == [alice.filter_ids[1]]

    def test_keeps_the_contexts_of_a_person_apart(self, database: Database) -> None:
        # Given Alice, who asks the same on IRC and by mail
        mail = make_person(database)
        with database.transaction() as session:
            on_irc = Preference(user_id=mail.user_id, context="irc")
            session.add(on_irc)
            session.flush()
            session.add(Filter(preference_id=on_irc.id, expression_id=mail.expression_ids[0], position=0,
                               name="the same"))
        # When a message concerns her in both
        irc = Match(mail.user_id, "irc", mail.expression_ids[0])
        found = recorded(database, stored(database, 1), mail.recipient, irc)
        # Then she is told in both, but for the context where she has no address
        assert {n.preference_id for n in notifications(database)} == {mail.preference_id, on_irc.id}
        assert found.deliveries.keys() == {"email"}

    def test_takes_any_legal_name_into_keys_and_reasons(self, database: Database) -> None:
        alice = make_person(database, packages=["%s'\"; DROP TABLE notifications; --"])
        recorded(database, stored(database, 1), alice.recipient)
        assert len(deliveries(database)) == 1

    def test_forgets_everything_of_a_user_who_is_deleted(self, database: Database) -> None:
        alice = make_person(database)
        recorded(database, stored(database, 1), alice.recipient)
        with database.transaction() as session:
            session.execute(delete(User).where(User.id == alice.user_id))
        assert not notifications(database)
        assert not deliveries(database)


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


class TestPreferencesThatChange:
    def test_count_though_they_were_saved_after_the_batch_was_matched(self, database: Database) -> None:
        # Given a batch that was matched with an index that's older than some preferences
        alice, bob, carol = (make_person(database, nick) for nick in ("alice", "bob", "carol"))
        ids = stored(database, 1)
        revision = revision_of(database)
        change_preference(database, alice, digest_seconds=60)
        change_preference(database, bob, enabled=False)
        # When it's recorded
        found = recorded(
            database, ids, *(each.recipient for each in (alice, bob, carol)), revision=revision)
        # Then Alice has it in her digest, Bob nowhere, and Carol never noticed
        assert {(n.preference_id, n.batched) for n in notifications(database)} == {
            (alice.preference_id, True), (carol.preference_id, False)}
        assert [d.destination for d in deliveries(database)] == ["carol@example.org"]
        assert found.deliveries == {"email": [d.id for d in deliveries(database)]}
        assert found.matched_count == 1
        assert unmatched(database, ids) == []

    def test_count_though_they_are_saved_while_it_is_recorded(
        self, postgresql_database: Database, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Given Alice, Bob and Carol, each of whom something concerns
        database = postgresql_database
        alice, bob, carol = (make_person(database, nick) for nick in ("alice", "bob", "carol"))
        ids = stored(database, 1)
        revision = revision_of(database)
        # When Alice and Bob save something after the worker has recorded for all of them
        look = GivenRecipients.changed
        saves: list[tuple[Person, dict[str, object]]] = [
            (alice, {"digest_count": 2}), (bob, {"enabled": False})]

        def save_and_look(again: GivenRecipients) -> frozenset[int]:
            if saves:
                person, changed = saves.pop()
                change_preference(database, person, **changed)
            return look(again)

        monkeypatch.setattr(GivenRecipients, "changed", save_and_look)
        found = recorded(
            database, ids, *(each.recipient for each in (alice, bob, carol)), revision=revision)
        # Then that counts, and nothing of what was recorded before is left
        assert {(n.preference_id, n.batched) for n in notifications(database)} == {
            (alice.preference_id, True), (carol.preference_id, False)}
        assert found.deliveries == {"email": [d.id for d in deliveries(database)]}
        assert [d.destination for d in deliveries(database)] == ["carol@example.org"]

    def test_keep_no_batch_from_being_recorded_however_quickly_they_change(
        self, postgresql_database: Database, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Given Alice and somebody who saves something whenever a worker looks
        database = postgresql_database
        alice, mallory = make_person(database), make_person(database, "mallory")
        ids = stored(database, 1, 2)
        look = GivenRecipients.changed

        def save_and_look(again: GivenRecipients) -> frozenset[int]:
            change_preference(database, mallory, digest_seconds=60)
            return look(again)

        monkeypatch.setattr(GivenRecipients, "changed", save_and_look)
        # When a batch is recorded, then it is at the first attempt
        assert recorded(database, ids, alice.recipient, mallory.recipient).matched_count == 2
        assert {(n.message_id, n.preference_id, n.batched) for n in notifications(database)} == {
            (message_id, person.preference_id, person is mallory)
            for message_id in ids for person in (alice, mallory)}

    def test_tells_nobody_whose_preference_is_off(self, database: Database) -> None:
        alice = make_person(database, enabled=False)
        ids = stored(database, 1)
        recorded(database, ids, alice.recipient)
        assert not notifications(database)
        assert unmatched(database, ids) == []

    def test_tells_nobody_by_a_filter_that_was_deleted(self, database: Database) -> None:
        alice = make_person(database)
        with database.transaction() as session:
            remove_filter(session, alice.filter_ids[0])
        recorded(database, stored(database, 1), alice.recipient)
        assert not notifications(database)

    def test_waits_for_whoever_is_deleting_a_filter(self, postgresql_database: Database) -> None:
        # Given Alice, who is deleting her filter
        database = postgresql_database
        alice = make_person(database)
        ids = stored(database, 1)
        revision = revision_of(database)
        with ThreadPoolExecutor(1) as pool:
            with database.transaction() as session:
                remove_filter(session, alice.filter_ids[0])
                # When a worker that still sees it records for it
                recording = pool.submit(recorded, database, ids, alice.recipient, revision=revision)
                wait_until_waiting(database)
            # Then it matches her again, without the filter
            assert recording.result().matched_count == 1
        assert not notifications(database)

    def test_does_not_wait_for_whoever_is_deleting_another_filter(
        self, postgresql_database: Database,
    ) -> None:
        # Given Alice, who is deleting one of her filters
        database = postgresql_database
        alice = make_person(database, packages=["kernel", "php"])
        ids = stored(database, 1)
        with database.transaction() as deleting:
            remove_filter(deleting, alice.filter_ids[1])
            # When a worker records for the other one, then it needn't know how that ends
            with database.transaction() as session:
                session.execute(text("SET LOCAL lock_timeout = '2s'"))
                recorded_in(session, ids, alice.recipient)
        assert [n.filter_id for n in notifications(database)] == [alice.filter_ids[0]]

    def test_makes_whoever_deletes_a_filter_wait_for_its_last_notification(
        self, postgresql_database: Database,
    ) -> None:
        # Given a worker that records for Alice's filter
        database = postgresql_database
        alice = make_person(database)
        ids = stored(database, 1)

        def remove() -> None:
            with database.transaction() as session:
                remove_filter(session, alice.filter_ids[0])

        with ThreadPoolExecutor(1) as pool, database.transaction() as session:
            recorded_in(session, ids, alice.recipient)
            # When she deletes it meanwhile
            removal = pool.submit(remove)
            wait_until_waiting(database)
            session.commit()
            removal.result()
        # Then the notification stays, without the filter
        assert [n.filter_id for n in notifications(database)] == [None]


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


class TestWorkersAtOnce:
    def test_take_each_message_once(self, database: Database) -> None:
        # Given fifty messages for a few people
        people: list[Person] = [make_person(database, f"user{n}") for n in range(5)]
        ids = stored(database, *range(50))

        # When three workers are sent all of them at the same time
        def work(number: int) -> int:
            taken = 0
            for start in range(0, 50, 10):
                chunk = ids[start:start + 10] if number % 2 else ids[::-1][start:start + 10]
                taken += recorded(database, chunk, *(person.recipient for person in people)).matched_count
            return taken

        # Then each message is recorded by one of them, once
        assert sum(at_once(3, work)) == 50
        assert unmatched(database, ids) == []
        assert len({(n.message_id, n.preference_id) for n in notifications(database)}) == 250
        assert len(notifications(database)) == len(deliveries(database)) == 250


def test_a_message_that_comes_again_after_it_was_pruned_is_not_sent_again(database: Database) -> None:
    # Given a message that Alice was told of, and that was deleted since
    alice = make_person(database)
    recorded(database, stored(database, 1), alice.recipient)
    with database.transaction() as session:
        session.execute(delete(Notification))
        session.execute(delete(StoredMessage).where(StoredMessage.msg_id == make_message(1).msg_id))
    # When the bus replays it
    found = recorded(database, stored(database, 1), alice.recipient)
    # Then she isn't told of it twice
    assert found.deliveries == {}
    assert len(deliveries(database)) == 1
