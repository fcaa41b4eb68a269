"""Claiming deliveries and recording how they ended, on SQLite and PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from fmn.infra.db import Database
from fmn.ledger.deliveries import claim, enqueue_due, finish, finish_sent, renew, schedule_retry
from fmn.ledger.models import Delivery, DeliveryState
from tests.concurrency import at_once
from tests.factories.messages import NOON, recorded, stored
from tests.factories.people import make_person

pytestmark = pytest.mark.dialects

A_MINUTE = timedelta(minutes=1)
A_SECOND = timedelta(seconds=1)


def waiting(database: Database, count: int = 1, *, context: str = "email") -> list[int]:
    """Deliveries that wait since noon, for one person."""
    person = make_person(database, f"{context} user", context=context)
    first = 1000 * len(context)
    found = recorded(database, stored(database, *range(first, first + count)), person.recipient)
    assert len(found.deliveries[context]) == count
    return list(found.deliveries[context])


def row(database: Database, delivery_id: int) -> Delivery:
    with database.transaction() as session:
        return session.get_one(Delivery, delivery_id)


def claimed(database: Database, ids: Sequence[int], claimant: str, now: datetime = NOON) -> list[int]:
    with database.transaction() as session:
        return claim(session, ids, claimant, now, A_MINUTE)


def renewed(database: Database, ids: Sequence[int], claimant: str, now: datetime) -> frozenset[int]:
    with database.transaction() as session:
        return renew(session, ids, claimant, now, A_MINUTE)


def finished(
    database: Database, delivery_id: int, claimant: str, state: DeliveryState, reason: str = "",
) -> bool:
    """Record how a delivery ended, as backends do."""
    now = NOON + A_SECOND
    with database.transaction() as session:
        if state is DeliveryState.SENT:
            return finish_sent(session, [delivery_id], now).ids == {delivery_id}
        return finish(session, delivery_id, claimant, state, reason, now)


def postponed(database: Database, delivery_id: int, claimant: str, until: datetime) -> bool:
    with database.transaction() as session:
        return schedule_retry(session, delivery_id, claimant, "busy", until)


def suddenly(database: Database, count: int) -> Sequence[int]:
    """So many deliveries that wait."""
    (known,) = waiting(database)
    with database.transaction() as session:
        like = session.get_one(Delivery, known)
        return session.scalars(insert(Delivery).returning(Delivery.id), [
            {"key": f"many:{number}", "kind": like.kind, "context": like.context,
             "preference_id": like.preference_id, "destination": like.destination, "next_attempt_at": NOON}
            for number in range(count)]).all()


def rows_read(session: Session) -> int:
    """How many rows of the deliveries PostgreSQL has looked at in this transaction."""
    read: int = session.execute(text(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'deliveries'",
    )).scalar_one()
    return read


def enqueued(
    database: Database, now: datetime, *, context: str = "email", limit: int = 100,
) -> list[int]:
    with database.transaction() as session:
        return enqueue_due(session, context, now, 30 * A_SECOND, limit)


class TestClaim:
    def test_takes_what_is_free_in_the_order_that_was_asked_for(self, database: Database) -> None:
        first, second, third = waiting(database, 3)
        assert claimed(database, [second], "one") == [second]
        assert claimed(database, [third, 999, second, first], "two") == [third, first]

    def test_leaves_what_is_claimed_until_the_claim_runs_out(self, database: Database) -> None:
        (delivery,) = waiting(database)
        assert claimed(database, [delivery], "one")
        assert claimed(database, [delivery], "two", NOON + A_MINUTE - A_SECOND) == []
        assert claimed(database, [delivery], "two", NOON + A_MINUTE) == [delivery]

    def test_leaves_what_is_not_due(self, database: Database) -> None:
        (delivery,) = waiting(database)
        assert claimed(database, [delivery], "one", NOON - A_SECOND) == []

    @pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DROPPED])
    def test_leaves_what_has_ended(self, database: Database, state: DeliveryState) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        finished(database, delivery, "one", state)
        assert claimed(database, [delivery], "two", NOON + 10 * A_MINUTE) == []

    @pytest.mark.parametrize("attempt", range(3))
    def test_gives_each_delivery_to_one_of_those_who_reach_for_it(
        self, database: Database, attempt: int,
    ) -> None:
        # Given deliveries that four backends reach for at the same time, in chunks that overlap
        ids = waiting(database, 40)
        orders = [random.Random(4 * attempt + number).sample(ids, len(ids)) for number in range(4)]

        def work(number: int) -> list[int]:
            order = orders[number]
            return [got for start in range(0, 40, 8) for got in claimed(
                database, order[start:start + 8], f"backend {number}")]

        # Then every delivery is claimed once
        assert sorted(got for one in at_once(4, work) for got in one) == ids

    def test_is_not_held_up_by_a_process_that_hung_while_it_recorded(
        self, postgresql_database: Database,
    ) -> None:
        ids = waiting(postgresql_database, 3)
        claimed(postgresql_database, ids[:1], "one")
        with postgresql_database.transaction() as hung:
            finish(hung, ids[0], "one", DeliveryState.SENT, "", NOON)
            assert claimed(postgresql_database, ids, "two", NOON + 2 * A_MINUTE) == ids[1:]


    def test_may_be_asked_for_again_by_who_never_heard_the_answer(self, database: Database) -> None:
        ids = waiting(database, 2)
        assert claimed(database, ids, "one") == claimed(database, ids, "one", NOON + A_SECOND) == ids
        assert claimed(database, ids, "two", NOON + 2 * A_SECOND) == []


class TestALot:
    """Of what suddenly waits, PostgreSQL's statistics know nothing yet."""

    def test_is_not_read_to_find_a_few(self, postgresql_database: Database) -> None:
        ids = suddenly(postgresql_database, 12000)
        few, eight = ids[1000:1064], ids[1000:1008]
        with postgresql_database.transaction() as session:
            for work, changed in (
                (lambda: claim(session, few, "one", NOON, A_MINUTE), few),
                (lambda: renew(session, few, "one", NOON, A_MINUTE), set(few)),
                (lambda: finish_sent(session, eight, NOON).ids, set(eight)),
                (lambda: schedule_retry(session, few[10], "one", "busy", NOON), True),
            ):
                before = rows_read(session)
                assert work() == changed
                assert rows_read(session) - before < 300


class TestRenew:
    def test_keeps_a_claim_that_still_stands(self, database: Database) -> None:
        first, second = waiting(database, 2)
        claimed(database, [first, second], "one")
        assert renewed(database, [first, second], "one", NOON + 59 * A_SECOND) == {first, second}
        assert claimed(database, [first], "two", NOON + 61 * A_SECOND) == []
        assert claimed(database, [first], "two", NOON + 119 * A_SECOND) == [first]

    def test_cannot_bring_back_a_claim_that_ran_out(self, database: Database) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        assert renewed(database, [delivery], "one", NOON + A_MINUTE) == frozenset()

    def test_cannot_take_what_somebody_else_has(self, database: Database) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        assert renewed(database, [delivery], "two", NOON + A_SECOND) == frozenset()


class TestFinish:
    def test_records_that_it_was_sent(self, database: Database) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        assert finished(database, delivery, "one", DeliveryState.SENT)
        found = row(database, delivery)
        assert (found.state, found.reason, found.attempts) == (DeliveryState.SENT, "", 1)
        assert found.finished_at == NOON + A_SECOND
        assert (found.claimed_by, found.claimed_until) == (None, None)

    def test_records_what_was_sent_whoever_has_the_claim_by_now(self, database: Database) -> None:
        # Given a backend that hung with a delivery, and another one that took it over
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        claimed(database, [delivery], "two", NOON + A_MINUTE)
        # When the first one wakes and says that it did send it, then that counts
        assert finished(database, delivery, "one", DeliveryState.SENT)
        assert row(database, delivery).state == DeliveryState.SENT
        # and the second can't say otherwise
        assert not finished(database, delivery, "two", DeliveryState.FAILED, "busy")
        assert not postponed(database, delivery, "two", NOON)
        assert row(database, delivery).reason == ""

    @pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.DROPPED])
    def test_needs_the_claim_for_anything_else(self, database: Database, state: DeliveryState) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        assert not finished(database, delivery, "two", state, "no such mailbox")
        assert row(database, delivery).state == DeliveryState.WAITING
        assert finished(database, delivery, "one", state, "no such mailbox")
        assert row(database, delivery).reason == "no such mailbox"

    def test_counts_attempts_and_what_was_dropped_was_none(self, database: Database) -> None:
        failed, dropped = waiting(database, 2)
        claimed(database, [failed, dropped], "one")
        finished(database, failed, "one", DeliveryState.FAILED, "no such mailbox")
        finished(database, dropped, "one", DeliveryState.DROPPED, "switched off")
        assert row(database, failed).attempts == 1
        assert row(database, dropped).attempts == 0

    def test_keeps_whatever_a_server_gave_as_its_reason(self, database: Database) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        assert finished(database, delivery, "one", DeliveryState.FAILED, "550 \0 \ud800 " + "é" * 10_000)
        assert row(database, delivery).reason == "550 \ufffd \ufffd " + "é" * 10_000


class TestScheduleRetry:
    def test_frees_it_for_another_attempt_later(self, database: Database) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        assert postponed(database, delivery, "one", NOON + A_MINUTE)
        found = row(database, delivery)
        assert (found.state, found.reason, found.attempts) == (DeliveryState.WAITING, "busy", 1)
        assert claimed(database, [delivery], "two", NOON + A_MINUTE - A_SECOND) == []
        assert claimed(database, [delivery], "two", NOON + A_MINUTE) == [delivery]

    def test_needs_the_claim(self, database: Database) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        assert not postponed(database, delivery, "two", NOON)

    def test_counts_each_attempt(self, database: Database) -> None:
        (delivery,) = waiting(database)
        for minute in range(3):
            now = NOON + minute * A_MINUTE
            claimed(database, [delivery], "one", now)
            postponed(database, delivery, "one", now + A_MINUTE)
        claimed(database, [delivery], "one", NOON + 3 * A_MINUTE)
        finished(database, delivery, "one", DeliveryState.SENT)
        assert row(database, delivery).attempts == 4


class TestEnqueueDue:
    def test_leaves_a_new_delivery_to_the_task_that_was_sent_for_it(self, database: Database) -> None:
        ids = waiting(database, 2)
        assert enqueued(database, NOON + 29 * A_SECOND) == []
        assert enqueued(database, NOON + 30 * A_SECOND) == ids

    def test_does_not_enqueue_twice_within_the_grace_period(self, database: Database) -> None:
        ids = waiting(database)
        assert enqueued(database, NOON + A_MINUTE) == ids
        assert enqueued(database, NOON + A_MINUTE + 29 * A_SECOND) == []
        assert enqueued(database, NOON + A_MINUTE + 30 * A_SECOND) == ids

    def test_brings_a_postponed_delivery_back_as_soon_as_it_is_due(self, database: Database) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        postponed(database, delivery, "one", NOON + 5 * A_SECOND)
        assert enqueued(database, NOON + 4 * A_SECOND) == []
        assert enqueued(database, NOON + 5 * A_SECOND) == [delivery]

    def test_leaves_claimed_deliveries_alone_until_the_claim_runs_out(self, database: Database) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        assert enqueued(database, NOON + 59 * A_SECOND) == []
        assert enqueued(database, NOON + A_MINUTE) == [delivery]

    def test_leaves_alone_what_has_ended(self, database: Database) -> None:
        (delivery,) = waiting(database)
        claimed(database, [delivery], "one")
        finished(database, delivery, "one", DeliveryState.SENT)
        assert enqueued(database, NOON + 10 * A_MINUTE) == []

    def test_takes_those_first_that_wait_longest(self, database: Database) -> None:
        first, second, third = waiting(database, 3)
        for delivery, minutes in ((first, 3), (second, 1), (third, 2)):
            claimed(database, [delivery], "one")
            postponed(database, delivery, "one", NOON + minutes * A_MINUTE)
        assert enqueued(database, NOON + 9 * A_MINUTE, limit=2) == [second, third]
        assert enqueued(database, NOON + 9 * A_MINUTE, limit=2) == [first]

    def test_gives_each_context_a_limit_of_its_own(self, database: Database) -> None:
        # Given an IRC backend that is down, and what waits for it
        waiting(database, 3, context="irc")
        mails = waiting(database, 2)
        # Then mails get their turn nevertheless
        assert enqueued(database, NOON + A_MINUTE, limit=2) == mails

    def test_does_not_wait_for_who_is_claiming(self, postgresql_database: Database) -> None:
        ids = waiting(postgresql_database, 2)
        with postgresql_database.transaction() as backend:
            claim(backend, ids[:1], "one", NOON, A_SECOND)
            assert enqueued(postgresql_database, NOON + A_MINUTE) == ids[1:]
