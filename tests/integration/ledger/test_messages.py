"""Messages in the ledger, on SQLite and PostgreSQL."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import event, func, select

from fmn.catalog import Message, Package, catalog
from fmn.catalog.threads import thread_of
from fmn.digests.closing import close_due_digests
from fmn.infra.db import Database
from fmn.ledger.deliveries import claim, finish
from fmn.ledger.messages import (
    enqueue_unmatched,
    lock_unmatched,
    mark_matched,
    messages_with_id,
    prune,
    prune_remembered_ids,
    store,
    thread_key,
)
from fmn.ledger.models import Delivery, DeliveryState, Notification, StoredMessage
from tests.concurrency import at_once, wait_until_waiting
from tests.factories.messages import NO_THROTTLING, NOON, make_facts, make_message, recorded, stored
from tests.factories.people import make_person
from tests.hypothesis_profiles import scaled
from tests.vectors.json_values import nodes, objects

pytestmark = pytest.mark.dialects

#: An event that is one of a thread.
UPDATED = "bodhi_update_comment"
GRACE = timedelta(seconds=30)
LATER = NOON + timedelta(days=20)


def every_message(database: Database) -> list[StoredMessage]:
    with database.transaction() as session:
        return list(session.scalars(select(StoredMessage).order_by(StoredMessage.id)))


def count_of(database: Database, table: type[Delivery | Notification]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def matched(database: Database, *ids: int) -> None:
    with database.transaction() as session:
        for row in lock_unmatched(session, ids):
            mark_matched(session, [(row.id, make_facts(row.message))], NOON)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


class TestStore:
    def test_takes_each_message_in_once_whatever_repeats(self, database: Database) -> None:
        # Given a batch in which a message comes twice
        first = stored(database, 1, 2, 1)
        # When one of them comes again with new ones
        second = stored(database, 3, 2, 4)
        # Then each is there once, and only the new ones were reported
        assert len(first) == len(second) == 2
        assert [row.msg_id for row in every_message(database)] == [
            make_message(number).msg_id for number in (1, 2, 3, 4)]
        assert {row.id for row in every_message(database)} == {*first, *second}

    def test_takes_the_same_id_of_another_signer_for_another_message(self, database: Database) -> None:
        # Given a message of a service
        theirs = Message("2026-1", "org.example.dev.oven.cake.done", NOON, {"cake": "theirs"}, "oven01")
        ours = replace(theirs, body={"cake": "ours"}, signer="oven02")
        # When others use its id, before it or after
        with database.transaction() as session:
            store(session, [theirs], NOON)
            store(session, [ours, replace(ours, body="again")], NOON)
            store(session, [replace(theirs, body="again")], NOON)
        # Then each service's first one counts
        assert [row.message for row in every_message(database)] == [theirs, ours]
        with database.transaction() as session:
            assert [row.signer for row in messages_with_id(session, "2026-1")] == ["oven01", "oven02"]

    def test_delivers_what_two_signers_gave_the_same_id(self, database: Database) -> None:
        person = make_person(database)
        message = make_message(1)
        with database.transaction() as session:
            ids = store(session, [replace(message, signer=signer) for signer in ("oven01", "oven02")], NOON)

        recorded(database, ids, person.recipient)

        assert count_of(database, Delivery) == 2

    def test_remembers_what_came_longer_than_the_message_is_kept(self, database: Database) -> None:
        # Given a message that was deleted since
        matched(database, *stored(database, 1))
        with database.transaction() as session:
            assert prune(session, LATER, 100) == 1
        # When it's sent again, then it isn't new
        assert stored(database, 1) == []
        # But when its id has been forgotten as well
        with database.transaction() as session:
            assert prune_remembered_ids(session, NOON + timedelta(days=1), 100) == 1
            assert prune_remembered_ids(session, NOON + timedelta(days=1), 100) == 0
        assert len(stored(database, 1)) == 1

    def test_remembers_nothing_of_what_was_not_stored(self, database: Database) -> None:
        with database.transaction() as session:
            store(session, [make_message(1)], NOON)
            session.rollback()

        assert len(stored(database, 1)) == 1

    def test_marks_what_comes_late(self, database: Database) -> None:
        messages = [make_message(1), make_message(2)]
        came = [messages[0].sent_at + minutes(59), messages[1].sent_at + minutes(61)]
        with database.transaction() as session:
            store(session, messages, NOON, freshness=minutes(60), received_at=came)
        assert [row.late for row in every_message(database)] == [False, True]

    def test_two_who_take_the_same_in_at_once_take_each_in_once(self, postgresql_database: Database) -> None:
        def take(backwards: bool) -> list[int]:
            messages = [make_message(number) for number in range(200)]
            with postgresql_database.transaction() as session:
                return store(session, messages[::-1] if backwards else messages, NOON)

        with ThreadPoolExecutor(2) as pool:
            taken = list(pool.map(take, [False, True]))

        assert sorted(map(len, taken)) == [0, 200]

    def test_reports_nothing_when_all_is_known(self, database: Database) -> None:
        stored(database, 1, 2)
        assert stored(database, 1, 2) == []

    def test_takes_no_messages_in(self, database: Database) -> None:
        assert stored(database) == []

    def test_takes_a_hundred_messages_in_with_two_statements(self, database: Database) -> None:
        statements: list[str] = []
        event.listen(
            database.engine, "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: statements.append(statement))
        assert len(stored(database, *range(100))) == 100
        assert len([statement for statement in statements if statement.startswith("INSERT")]) == 2

    def test_keeps_what_a_message_says(self, database: Database) -> None:
        message = Message("2026-1", "org.example.dev.oven.cake.done", NOON, {"cake": "Ümläut 🎂"}, "oven01")
        with database.transaction() as session:
            store(session, [message], NOON + timedelta(seconds=1))
        (row,) = every_message(database)
        assert row.message == message
        assert row.category == "oven"
        assert row.received_at == NOON + timedelta(seconds=1)
        assert row.matched_at is None

    @pytest.mark.parametrize("body", [
        None, [], "", 0, "a\0b\ud800", 10 ** 4000, -(2 ** 63) - 1, 1e308, {"": {"": None}},
        {"text": "'\"\\\x7f\u2028%s :name ?"}, "x" * 1_000_000,
    ], ids=lambda body: type(body).__name__)
    def test_keeps_odd_but_legal_bodies(self, database: Database, body: Any) -> None:
        with database.transaction() as session:
            store(session, [Message("2026-1", "a.b.c.d", NOON, body)], NOON)
        assert every_message(database)[0].body == body

    def test_keeps_a_body_as_deep_as_the_bus_lets_in(self, database: Database) -> None:
        deep: Any = "bottom"
        for _ in range(100):
            deep = {"deeper": [deep]}
        with database.transaction() as session:
            store(session, [Message("2026-1", "a.b.c.d", NOON, deep)], NOON)
        assert every_message(database)[0].body == deep

    @settings(
        max_examples=scaled(50),
        # Each database has an instance of the class.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.differing_executors])
    @given(body=objects.filter(lambda body: all(
        not isinstance(node, float) or math.isfinite(node) for node in nodes(body))))
    def test_keeps_any_body(self, database: Database, body: Any) -> None:
        with database.transaction() as session:
            (row_id,) = store(session, [Message("2026-1", "a.b.c.d", NOON, body)], NOON)
            assert session.get_one(StoredMessage, row_id, populate_existing=True).body == body
            session.rollback()

    @pytest.mark.parametrize("sent_at", [
        datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ], ids=["1970", "9998"])
    def test_keeps_distant_times(self, database: Database, sent_at: datetime) -> None:
        with database.transaction() as session:
            store(session, [make_message(sent_at=sent_at)], NOON)
        assert every_message(database)[0].sent_at == sent_at

    def test_takes_a_message_in_once_though_two_consumers_have_it(self, database: Database) -> None:
        # When two consumers of the same bus store the same messages at the same time, over and over
        def consume(_number: int) -> list[int]:
            return [new for n in range(0, 200, 10) for new in stored(database, *range(n, n + 10))]

        first, second = at_once(2, consume)
        # Then each message is new to one of them
        assert sorted(first + second) == sorted(row.id for row in every_message(database))
        assert len(first) + len(second) == 200


class TestLockUnmatched:
    def test_gives_what_nobody_matched_in_the_order_of_arrival(self, database: Database) -> None:
        ids = stored(database, 1, 2, 3)
        matched(database, ids[1])
        with database.transaction() as session:
            assert [row.id for row in lock_unmatched(session, [*reversed(ids), 999])] == [ids[0], ids[2]]

    def test_leaves_to_another_worker_what_it_is_matching(self, postgresql_database: Database) -> None:
        ids = stored(postgresql_database, 1, 2)
        with postgresql_database.transaction() as first, postgresql_database.transaction() as second:
            assert len(lock_unmatched(first, ids[:1])) == 1
            assert [row.id for row in lock_unmatched(second, ids)] == ids[1:]


class TestMarkMatched:
    def test_keeps_what_was_read_in_the_message(self, database: Database) -> None:
        (row_id,) = stored(database, 1)
        with database.transaction() as session:
            (row,) = lock_unmatched(session, [row_id])
            facts = make_facts(row.message, agent="bob", usernames=["bob", "alice"],
                               packages=[Package("rpms", "php"), Package("", "kernel")])
            mark_matched(session, [(row.id, facts)], NOON)
        (kept,) = every_message(database)
        assert (kept.agent, kept.usernames, kept.packages) == (
            "bob", ["alice", "bob"], ["kernel", "rpms/php"])
        assert kept.event == facts.event.name
        assert kept.matched_at == NOON

    def test_keeps_the_threads_of_those_that_concern_somebody(self, database: Database) -> None:
        ids = stored(database, 1, 2)
        example = catalog().events_by_name[UPDATED].example_message()
        with database.transaction() as session:
            rows = lock_unmatched(session, ids)
            facts = [catalog().facts(replace(example, msg_id=row.message.msg_id)) for row in rows]
            mark_matched(session, zip(ids, facts, strict=True), NOON, ids[:1])
        kept = every_message(database)
        assert [each.thread_key for each in kept] == [thread_key(thread_of(facts[0])), None]
        assert kept[0].thread_key != thread_key("https://example.org/another")
        assert thread_key("") is None

    def test_takes_names_that_databases_refuse(self, database: Database) -> None:
        # Given a message that says it was a person called "\0" in company of a lone surrogate
        (row_id,) = stored(database, 1)
        with database.transaction() as session:
            (row,) = lock_unmatched(session, [row_id])
            facts = make_facts(row.message, agent="a\0b\ud800", usernames=["\0", "\ud800"],
                               packages=[Package("\0", "\udfff")])
            mark_matched(session, [(row.id, facts)], NOON)
        # Then it's kept nevertheless, with U+FFFD in place of what can't be
        (kept,) = every_message(database)
        assert (kept.agent, kept.usernames, kept.packages) == (
            "a\ufffdb\ufffd", ["\0", "\ud800"], ["\0/\udfff"])


class TestEnqueueUnmatched:
    def enqueue(self, database: Database, now: datetime, limit: int = 100) -> list[int]:
        with database.transaction() as session:
            return enqueue_unmatched(session, now, GRACE, limit)

    def test_leaves_a_new_message_to_the_task_that_was_sent_for_it(self, database: Database) -> None:
        ids = stored(database, 1, 2)
        assert self.enqueue(database, NOON + GRACE - timedelta(seconds=1)) == []
        assert self.enqueue(database, NOON + GRACE) == ids

    def test_does_not_enqueue_twice_within_the_grace_period(self, database: Database) -> None:
        ids = stored(database, 1)
        assert self.enqueue(database, NOON + GRACE) == ids
        assert self.enqueue(database, NOON + GRACE) == []
        assert self.enqueue(database, NOON + 2 * GRACE) == ids

    def test_takes_the_oldest_first_and_no_more_than_the_limit(self, database: Database) -> None:
        ids = stored(database, 1, 2, 3)
        assert self.enqueue(database, NOON + GRACE, limit=2) == ids[:2]
        assert self.enqueue(database, NOON + GRACE, limit=2) == ids[2:]

    def test_leaves_matched_messages_alone(self, database: Database) -> None:
        matched(database, *stored(database, 1))
        assert self.enqueue(database, LATER) == []

    def test_leaves_alone_what_is_being_matched(self, postgresql_database: Database) -> None:
        ids = stored(postgresql_database, 1, 2)
        with postgresql_database.transaction() as worker:
            lock_unmatched(worker, ids[:1])
            assert self.enqueue(postgresql_database, LATER) == ids[1:]


class TestPrune:
    def prune(self, database: Database, before: datetime = LATER, limit: int = 100) -> int:
        with database.transaction() as session:
            return prune(session, before, limit)

    def test_deletes_old_messages_that_concern_nobody(self, database: Database) -> None:
        matched(database, *stored(database, 1))
        assert self.prune(database) == 1
        assert every_message(database) == []

    def test_keeps_messages_of_the_history_that_is_kept(self, database: Database) -> None:
        matched(database, *stored(database, 1))
        assert self.prune(database, before=NOON) == 0

    def test_keeps_messages_that_were_not_matched_yet(self, database: Database) -> None:
        stored(database, 1)
        assert self.prune(database) == 0

    def test_keeps_a_message_until_the_last_of_its_deliveries_ended(self, database: Database) -> None:
        # Given a message that Alice gets at two addresses
        alice = make_person(database, addresses=["alice@example.org", "alice@example.com"])
        deliveries = recorded(database, stored(database, 1), alice.recipient).deliveries["email"]
        # When only one of them was sent, then it stays
        self.send(database, deliveries[0])
        assert self.prune(database) == 0
        # When the other one was too, then it goes, and what was sent stays on record
        self.send(database, deliveries[1])
        assert self.prune(database) == 1
        assert (count_of(database, Notification), count_of(database, Delivery)) == (0, 2)

    def test_keeps_a_message_until_its_digest_was_sent(self, database: Database) -> None:
        # Given a message that waits for Alice's digest
        alice = make_person(database, digest_seconds=60)
        recorded(database, stored(database, 1), alice.recipient)
        assert self.prune(database) == 0
        # When the digest is closed, it still waits; when it was sent, it doesn't
        ((delivery,),) = close_due_digests(database, LATER, 500, NO_THROTTLING).values()
        assert self.prune(database) == 0
        self.send(database, delivery)
        assert self.prune(database) == 1
        assert (count_of(database, Notification), count_of(database, Delivery)) == (0, 1)

    def test_deletes_the_oldest_first_and_no_more_than_the_limit(self, database: Database) -> None:
        for n in (3, 1, 2):
            matched(database, *stored(database, n, now=NOON + timedelta(hours=n)))
        assert self.prune(database, limit=2) == 2
        assert [row.msg_id for row in every_message(database)] == [make_message(3).msg_id]

    def test_does_not_give_a_new_row_the_number_of_a_deleted_one(self, database: Database) -> None:
        # Given a digest whose messages were all deleted since
        alice = make_person(database, digest_seconds=60)
        recorded(database, stored(database, 1), alice.recipient)
        ((delivery,),) = close_due_digests(database, LATER, 500, NO_THROTTLING).values()
        self.send(database, delivery)
        assert self.prune(database) == 1
        # When something new waits for a digest, then it's closed, and doesn't pass for the old one
        recorded(database, stored(database, 2), alice.recipient)
        assert [len(ids) for ids in close_due_digests(database, LATER, 500, NO_THROTTLING).values()] == [1]

    def send(self, database: Database, delivery_id: int) -> None:
        with database.transaction() as session:
            assert claim(session, [delivery_id], "backend", LATER, GRACE) == [delivery_id]
            assert finish(session, delivery_id, "backend", DeliveryState.SENT, "", LATER)


def test_two_consumers_that_meet_wait_for_one_another(postgresql_database: Database) -> None:
    # Given a consumer that has stored a message and not committed
    with postgresql_database.transaction() as first:
        assert len(store(first, [make_message(1)], NOON)) == 1
        # When another one stores it too, then it waits
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(stored, postgresql_database, 1, 2)
            wait_until_waiting(postgresql_database)
            first.commit()
            # and what the first one has isn't new to it
            assert len(second.result()) == 1
