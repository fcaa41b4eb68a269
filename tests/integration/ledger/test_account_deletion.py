"""Deleting an account, on SQLite and PostgreSQL, while others work with it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from fmn.digests.closing import close_due_digests
from fmn.filters.presets import PRESETS
from fmn.infra.db import Base, Database
from fmn.ledger.account_deletion import delete_account
from fmn.ledger.deliveries import claim, finish
from fmn.ledger.failing_addresses import PermanentFailure, record_permanent_failure
from fmn.ledger.models import DelayedFailure, Delivery, DeliveryState, Notification, StoredMessage
from fmn.ledger.onboarding import complete_onboarding
from fmn.matching.recovery import drop_recovered
from fmn.people.change_log import changes_since, current_revision, record_change
from fmn.people.models import Preference
from fmn.settings import BounceSettings, Settings
from tests.concurrency import wait_until_waiting
from tests.factories.accounts import EVERYBODYS, make_full_account
from tests.factories.messages import NO_THROTTLING, NOON, recorded, recorded_in, stored
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects


def counts(database: Database) -> dict[str, int]:
    """How many rows there are in each table that isn't everybody's."""
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables if table.name not in EVERYBODYS
        }


def delete(database: Database, person: Person) -> None:
    with database.transaction() as session:
        delete_account(session, person.user_id)


def test_all_that_is_somebodys_goes_and_nothing_else(database: Database) -> None:
    # Given Bob, and Alice, of whom something is everywhere
    make_full_account(database, "bob")
    bobs = counts(database)
    assert [name for name, count in bobs.items() if count == 0] == []
    with database.reading() as session:
        messages = session.scalar(select(func.count()).select_from(StoredMessage))
    alice = make_person(database, "alice")
    recorded(database, stored(database, 11, 12), alice.recipient)

    # When Alice's account is deleted
    with database.reading() as session:
        before = current_revision(session)
    delete(database, alice)

    # Then what was there before her is there still, and the messages, and a matcher hears of it
    assert counts(database) == bobs
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StoredMessage)) == (messages or 0) + 2
        assert changes_since(session, before).user_ids == {alice.user_id}


def test_nothing_is_left_of_somebody_with_everything(database: Database) -> None:
    delete(database, make_full_account(database, "alice"))
    assert set(counts(database).values()) == {0}


def test_deleting_twice_is_deleting_once(database: Database) -> None:
    alice = make_person(database)
    delete(database, alice)
    delete(database, alice)
    again = make_person(database)
    assert again.user_id != alice.user_id


def test_what_waits_is_not_sent(database: Database) -> None:
    alice = make_person(database)
    ids = recorded(database, stored(database, 1), alice.recipient).deliveries["email"]
    delete(database, alice)
    with database.transaction() as session:
        assert claim(session, ids, "backend", NOON, timedelta(minutes=3)) == []


def deleting(pool: ThreadPoolExecutor, database: Database, person: Person) -> Future[None]:
    future = pool.submit(delete, database, person)
    wait_until_waiting(database)
    return future


def test_waits_for_a_matcher_that_records_because_of_a_filter(postgresql_database: Database) -> None:
    # Given Alice with some filters, because of one of which a matcher is recording
    database = postgresql_database
    alice = make_person(database, packages=("kernel", "moss", "tmux"))
    ids = stored(database, 1)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            recorded_in(session, ids, alice.concern_of(1))
            # When she deletes her account meanwhile, and the matcher then switches a one-shot filter off
            future = deleting(pool, database, alice)
            record_change(session, [alice.user_id])
        future.result()
    # Then both get done, one after the other
    assert set(counts(database).values()) == {0}
    with database.reading() as session:
        assert session.scalars(select(StoredMessage.matched_at)).one() is not None


def test_a_matcher_that_comes_too_late_records_nothing(postgresql_database: Database) -> None:
    database = postgresql_database
    alice, bob = make_person(database), make_person(database, "bob")
    ids = stored(database, 1)
    with database.reading() as session:
        revision = current_revision(session)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            delete_account(session, alice.user_id)
            # When a matcher whose index still has her wants to record
            future = pool.submit(recorded, database, ids, alice.recipient, bob.recipient, revision=revision)
            wait_until_waiting(database)
        # Then it notices
        assert list(future.result().deliveries) == ["email"]
    with database.reading() as session:
        assert [each.preference_id for each in session.scalars(select(Delivery))] == [bob.preference_id]


def test_goes_on_beside_digests_that_are_being_closed(postgresql_database: Database) -> None:
    database = postgresql_database
    alice = make_person(database, digest_count=2)
    recorded(database, stored(database, 1, 2, 3), alice.recipient)
    with ThreadPoolExecutor(2) as pool:
        closing = pool.submit(close_due_digests, database, NOON + timedelta(days=1), 1, NO_THROTTLING)
        pool.submit(delete, database, alice).result()
        closing.result()
    assert set(counts(database).values()) == {0}


def test_waits_for_whoever_goes_through_the_first_visit(postgresql_database: Database) -> None:
    # Given Alice, who chooses her filters just now
    database = postgresql_database
    alice = make_person(database)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            preference = session.get_one(Preference, alice.preference_id)
            complete_onboarding(session, preference, [PRESETS[0].spec], "", NOON, Settings())
            # When she deletes her account in another window
            future = deleting(pool, database, alice)
        # Then both get done, one after the other
        future.result()
    assert set(counts(database).values()) == {0}


def test_waits_for_a_backend_that_records_a_refusal(postgresql_database: Database) -> None:
    # Given a backend that records that Alice's address doesn't exist
    database = postgresql_database
    alice = make_person(database)
    [delivery] = recorded(database, stored(database, 1), alice.recipient).deliveries["email"]
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            claim(session, [delivery], "backend", NOON, timedelta(minutes=3))
            finish(session, delivery, "backend", DeliveryState.FAILED, "no such mailbox", NOON)
            # When she deletes her account before it has got to the address
            future = deleting(pool, database, alice)
            failure = PermanentFailure("no such mailbox", address_gone=True)
            record_permanent_failure(session, delivery, failure, NOON, BounceSettings())
        # Then both get done
        future.result()
    assert set(counts(database).values()) == {0}


def test_waits_for_a_matcher_that_hears_that_something_recovered(postgresql_database: Database) -> None:
    # Given what failed and is held, of Alice's
    database = postgresql_database
    alice = make_person(database)
    [message] = stored(database, 1)
    recorded(database, [message], alice.recipient)
    with database.transaction() as session:
        [notification] = session.scalars(select(Notification.id)).all()
        session.add(
            DelayedFailure(notification_id=notification, key="build", until=NOON + timedelta(hours=1)))
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            # When a matcher of other people's messages hears that it's well again, she deletes her account
            session.execute(select(DelayedFailure).with_for_update())
            future = deleting(pool, database, alice)
            drop_recovered(session, {message + 1: "build"}, NOON)
        # Then both get done
        future.result()
    assert set(counts(database).values()) == {0}
