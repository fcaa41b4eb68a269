"""Pauses of all of somebody's channels, on SQLite and PostgreSQL: nothing is sent, nothing is lost."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.delivery.backend import Backend
from fmn.delivery.retry import RetryPolicy
from fmn.digests.closing import AFTER_PAUSE, close_due_digests
from fmn.errors import UserError
from fmn.infra.db import Database
from fmn.ledger.deliveries import enqueue_due
from fmn.ledger.models import Delivery, DeliveryState, Digest, Notification
from fmn.ledger.pauses import MAX_PAUSE, is_paused, pause, resume
from fmn.ledger.reasons import Reason
from fmn.people.change_log import current_revision
from fmn.people.models import User
from tests.factories.clocks import Clock
from tests.factories.databases import tables_in
from tests.factories.fake_channels import RecordingChannel
from tests.factories.messages import NO_THROTTLING, NOON, recorded, stored
from tests.factories.people import Person, change_preference, make_person
from tests.hypothesis_profiles import scaled

AN_HOUR = timedelta(hours=1)
MOST = 500


def paused(database: Database, person: Person, until: datetime, now: datetime = NOON) -> None:
    with database.transaction() as session:
        pause(session, session.get_one(User, person.user_id), until, now)


def resumed(database: Database, person: Person, now: datetime) -> bool:
    with database.transaction() as session:
        return resume(session, session.get_one(User, person.user_id), now)


def digests(database: Database, now: datetime) -> list[int]:
    return list(close_due_digests(database, now, MOST, NO_THROTTLING).get("email", ()))


def due(database: Database, now: datetime) -> list[int]:
    with database.transaction() as session:
        return enqueue_due(session, "email", now, timedelta(), 1_000)


@pytest.mark.dialects
class TestAPause:
    def test_ends_with_a_digest_of_what_came(self, database: Database) -> None:
        # Given Alice, who gets everything at once, and Bob, who pauses nothing
        alice, bob = make_person(database), make_person(database, "bob")
        # When she pauses for an hour, and something comes for both
        paused(database, alice, NOON + AN_HOUR)
        ids = stored(database, 1, 2)
        sent = recorded(database, ids, alice.recipient, bob.recipient).deliveries["email"]
        # Then Bob alone gets it
        assert len(sent) == 2
        assert digests(database, NOON + AN_HOUR / 2) == []
        # When the hour is over, then she gets all in one digest, which says why
        assert len(digests(database, NOON + AN_HOUR)) == 1
        with database.reading() as session:
            digest = session.scalars(select(Digest)).one()
            assert digest.note == AFTER_PAUSE
            assert len(session.scalars(
                select(Notification).where(Notification.digest_id == digest.id)).all()) == 2
        # And what comes after comes at once again
        assert recorded(
            database, stored(database, 3), alice.recipient, now=NOON + 2 * AN_HOUR).deliveries["email"]

    def test_of_somebody_with_digests_ends_with_one(self, database: Database) -> None:
        alice = make_person(database, digest_count=10)
        paused(database, alice, NOON + AN_HOUR)
        recorded(database, stored(database, 1), alice.recipient)
        assert len(digests(database, NOON + AN_HOUR)) == 1
        # The next one is as always
        recorded(database, stored(database, 2), alice.recipient, now=NOON + 2 * AN_HOUR)
        assert digests(database, NOON + 3 * AN_HOUR) == []
        change_preference(database, alice, digest_count=None, digest_seconds=60)
        assert len(digests(database, NOON + 3 * AN_HOUR)) == 1
        with database.reading() as session:
            notes = session.scalars(select(Digest.note).order_by(Digest.id)).all()
        assert notes == [AFTER_PAUSE, None]

    def test_defers_what_waits_already_until_it_ends(self, database: Database) -> None:
        # Given a mail that is due when Alice pauses
        alice, clock = make_person(database), Clock()
        ids = recorded(database, stored(database, 1), alice.recipient).deliveries["email"]
        paused(database, alice, NOON + AN_HOUR)
        with closing(RecordingChannel()) as channel:
            backend = Backend(
                database, {"email": channel}, catalog().describe, retry=RetryPolicy(),
                claim_for=timedelta(seconds=90), now=clock)
            # When it's tried, then it isn't sent, and that's no attempt
            backend.deliver("email", ids)
            assert channel.delivered == []
            with database.reading() as session:
                [held] = session.scalars(select(Delivery)).all()
            assert (held.state, held.reason_code, held.attempts) == (DeliveryState.WAITING, Reason.PAUSED, 0)
            assert held.next_attempt_at == NOON + AN_HOUR
            # When she goes on earlier, then it's due at once
            clock.turn(minutes=10)
            assert due(database, clock()) == []
            assert resumed(database, alice, clock())
            backend.deliver("email", due(database, clock()))
            assert len(channel.delivered) == 1
            backend.close()

    def test_can_be_changed_and_ended_once(self, database: Database) -> None:
        alice = make_person(database)
        assert not resumed(database, alice, NOON)
        paused(database, alice, NOON + AN_HOUR)
        paused(database, alice, NOON + 2 * AN_HOUR)
        with database.reading() as session:
            user = session.get_one(User, alice.user_id)
            assert is_paused(user, NOON + AN_HOUR)
            assert not is_paused(user, NOON + 2 * AN_HOUR)
            before = current_revision(session)
        assert resumed(database, alice, NOON + AN_HOUR)
        assert not resumed(database, alice, NOON + AN_HOUR)
        with database.reading() as session:
            # A batch that is being matched looks at her once more
            assert current_revision(session) == before + 1

    @pytest.mark.parametrize(("until", "words"), [
        (NOON, "in the future"), (NOON + MAX_PAUSE + AN_HOUR, "lasts up to 90 days")])
    def test_has_bounds(self, database: Database, until: datetime, words: str) -> None:
        alice = make_person(database)
        with pytest.raises(UserError, match=words):
            paused(database, alice, until)


STEPS = st.lists(st.sampled_from(["come", "pause", "resume", "deliver", "wait"]), max_size=25)


@settings(max_examples=scaled(60))
@given(STEPS)
def test_everything_arrives_once_whatever_is_paused_when(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str],
) -> None:
    folder = tmp_path_factory.mktemp("pauses")
    with tables_in(f"sqlite:///{folder}/fmn.sqlite") as database, closing(RecordingChannel()) as channel:
        alice, clock = make_person(database), Clock()
        backend = Backend(
            database, {"email": channel}, catalog().describe, retry=RetryPolicy(),
            claim_for=timedelta(seconds=90), now=clock)
        number, until = 0, clock()
        for step in [*steps, "resume", "deliver"]:
            before = len(channel.delivered)
            if step == "come":
                number += 1
                recorded(database, stored(database, number), alice.recipient, now=clock())
            elif step == "pause":
                until = clock() + 3 * AN_HOUR
                paused(database, alice, until, clock())
            elif step == "resume":
                until = clock()
                resumed(database, alice, clock())
            elif step == "wait":
                clock.turn(minutes=70)
            else:
                digests(database, clock())
                backend.deliver("email", due(database, clock()))
            if clock() < until:
                assert len(channel.delivered) == before
        told = [item.message.body["cake"] for each in channel.delivered for item in each.items]
        assert sorted(told) == [*range(1, number + 1)]
        backend.close()
