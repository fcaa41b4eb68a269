"""Recording whom messages concern, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, text

from fmn.filters.editing import remove_filter
from fmn.filters.models import Filter
from fmn.infra.db import Database
from fmn.ledger.models import DeliveryKind, DeliveryState, Notification, StoredMessage
from fmn.ledger.reasons import Reason
from fmn.matching.index.matching_index import Match
from fmn.people.models import Preference, User
from tests.concurrency import at_once, wait_until_waiting
from tests.factories.counters import counted
from tests.factories.matching import GivenRecipients
from tests.factories.messages import (
    make_message,
    recorded,
    recorded_in,
    stored,
)
from tests.factories.people import Person, change_preference, make_person
from tests.integration.matching.recorded_rows import deliveries, notifications, revision_of, unmatched

pytestmark = pytest.mark.dialects


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
