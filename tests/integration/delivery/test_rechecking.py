"""What changes while a chunk is being sent: a batch is looked at again right before it's handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import time, timedelta

import pytest
from sqlalchemy import delete, select, update

from fmn.catalog import catalog
from fmn.delivery.backend import RECHECK_AFTER, Backend
from fmn.delivery.retry import RetryPolicy
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryState, Notification
from fmn.ledger.pauses import pause
from fmn.ledger.reasons import Reason
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people.models import Confirmation, DetailValue, User
from fmn.settings import ConfirmationSettings
from tests.factories.clocks import Clock
from tests.factories.deliveries import make_pending_deliveries, states
from tests.factories.fake_channels import PipelinedFakeChannel
from tests.factories.messages import NOON, recorded, stored
from tests.factories.people import Person, change_preference, make_person, remove_address
from tests.integration.delivery.backend_process import a_backend
from tests.integration.delivery.recording_backend import CLAIM, outcomes
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until

SOON = 30.0
MESSAGES = 10


@pytest.fixture
def channel() -> Iterator[PipelinedFakeChannel]:
    with closing(PipelinedFakeChannel()) as channel:
        yield channel


def make_backend(database: Database, channel: PipelinedFakeChannel, clock: Clock) -> Backend:
    return Backend(
        database, {"email": channel}, catalog().describe, retry=RetryPolicy(), claim_for=CLAIM, now=clock)


def many_for(database: Database, person: Person, count: int) -> list[int]:
    """As many mails for one person."""
    return list(recorded(database, stored(database, *range(count)), person.recipient).deliveries["email"])


def switch_off(database: Database, alice: Person) -> None:
    change_preference(database, alice, enabled=False)


def take_confirmation_away(database: Database, _alice: Person) -> None:
    with database.transaction() as session:
        session.execute(update(DetailValue).values(confirmed_at=None))


def delete_messages(database: Database, _alice: Person) -> None:
    with database.transaction() as session:
        session.execute(delete(Notification))


def be_quiet(database: Database, alice: Person) -> None:
    change_preference(database, alice, quiet_from=time(11), quiet_until=time(13), quiet_lets_severe=False)


def take_a_break(database: Database, alice: Person) -> None:
    with database.transaction() as session:
        pause(session, session.get_one(User, alice.user_id), NOON + timedelta(days=1), NOON)


@pytest.mark.dialects
@pytest.mark.parametrize(("change", "state", "reason"), [
    (switch_off, DeliveryState.DROPPED, Reason.SWITCHED_OFF),
    (remove_address, DeliveryState.DROPPED, Reason.ADDRESS_REMOVED),
    (take_confirmation_away, DeliveryState.DROPPED, Reason.ADDRESS_REMOVED),
    (delete_messages, DeliveryState.DROPPED, Reason.MESSAGE_DELETED),
    (be_quiet, DeliveryState.WAITING, Reason.QUIET_HOURS),
    (take_a_break, DeliveryState.WAITING, Reason.PAUSED),
])
def test_what_is_not_wanted_any_more_is_not_sent_but_for_what_was_in_hand(
    database: Database, channel: PipelinedFakeChannel, clock: Clock,
    change: Callable[[Database, Person], None], state: DeliveryState, reason: str,
) -> None:
    # Given ten mails for Alice, three at a time
    alice = make_person(database)
    ids = many_for(database, alice, MESSAGES)

    # When something changes as the first ones are handed over
    def before(step: str) -> None:
        if step == "transmit alice":
            channel.before = lambda _step: None
            change(database, alice)
            clock.turn(seconds=1)

    channel.before = before
    with closing(make_backend(database, channel, clock)) as backend:
        backend.deliver("email", ids)
    # Then these are the last ones, and the others say why they weren't sent
    assert channel.done.count("transmit alice") == 3
    assert outcomes(database) == [*[(DeliveryState.SENT, "")] * 3, *[(state, reason)] * (MESSAGES - 3)]
    # And the other side isn't bothered with every single one of them
    assert channel.done.count("negotiate alice") == 6


def test_what_changes_for_one_changes_nothing_for_others(
    database: Database, channel: PipelinedFakeChannel, clock: Clock,
) -> None:
    people = [make_person(database, f"user{number}") for number in range(6)]
    found = recorded(database, stored(database, 1), *(person.recipient for person in people))

    def before(step: str) -> None:
        if step == "negotiate user4":
            switch_off(database, people[4])
            clock.turn(seconds=1)

    channel.before = before
    with closing(make_backend(database, channel, clock)) as backend:
        backend.deliver("email", found.deliveries["email"])
    assert outcomes(database) == [
        *[(DeliveryState.SENT, "")] * 4, (DeliveryState.DROPPED, Reason.SWITCHED_OFF),
        (DeliveryState.SENT, "")]


@pytest.mark.dialects
def test_a_question_that_was_answered_meanwhile_is_not_asked(
    database: Database, channel: PipelinedFakeChannel, clock: Clock,
) -> None:
    # Given a mail that asks Alice whether an address is hers, and that she withdraws before it's sent
    make_person(database, unconfirmed=["new@example.org"])
    with database.transaction() as session:
        address = session.scalars(select(DetailValue).where(DetailValue.confirmed_at.is_(None))).one()
        start_confirmation(session, address, NOON, ConfirmationSettings())
    asked = 0

    def before(step: str) -> None:
        nonlocal asked
        if step == "negotiate new":
            asked += 1
            clock.turn(seconds=1)
            with database.transaction() as session:
                session.execute(delete(Confirmation))

    channel.before = before
    with closing(make_backend(database, channel, clock)) as backend, database.reading() as session:
        ids = list(session.scalars(select(Delivery.id)))
        backend.deliver("email", ids)
    assert asked == 1
    assert outcomes(database) == [(DeliveryState.DROPPED, Reason.ADDRESS_REMOVED)]


def test_what_somebody_else_took_over_after_it_was_agreed_on_is_left_to_them(
    database: Database, channel: PipelinedFakeChannel, clock: Clock,
) -> None:
    # Given three mails on which a backend has agreed with the mail server
    ids = make_pending_deliveries(database, 3)
    with closing(PipelinedFakeChannel()) as others, closing(make_backend(database, others, clock)) as other:

        def before(step: str) -> None:
            if step == "negotiate user2":
                # when its claims run out, and another one sends them
                clock.turn(seconds=91)
                other.deliver("email", ids)

        channel.before = before
        with closing(make_backend(database, channel, clock)) as backend:
            backend.deliver("email", ids)
        # Then it doesn't hand them over
        assert [step for step in channel.done if step.startswith("transmit")] == []
        assert [step for step in others.done if step.startswith("transmit")] == [
            f"transmit user{number}" for number in range(3)]
    assert states(database) == [DeliveryState.SENT] * 3


def test_after_stop_no_more_mails_come_than_were_on_their_way(
    postgresql_database: Database, smtp_server: SmtpServer,
) -> None:
    # Given a person who gets 64 mails, by eight connections to a mail server that thinks about each
    alice = make_person(postgresql_database)
    ids = many_for(postgresql_database, alice, 64)
    smtp_server.delay = 3600.0
    with closing(a_backend(postgresql_database, smtp_server.port, CLAIM, connections=8)) as backend, \
            ThreadPoolExecutor(1) as pool:
        delivering = pool.submit(backend.deliver, "email", ids)
        wait_until(lambda: smtp_server.thinking == 8, SOON, "nothing is sent")
        # When they say that they want no more
        switch_off(postgresql_database, alice)
        looks_again = postgresql_database.now() + RECHECK_AFTER
        wait_until(lambda: postgresql_database.now() > looks_again, SOON, "time stands still")
        smtp_server.delay = 0.0
        smtp_server.decide()
        delivering.result(SOON)
        # Then what was on its way comes, and nothing else
        assert len(smtp_server.mails) == 8
        assert outcomes(postgresql_database) == [
            *[(DeliveryState.SENT, "")] * 8, *[(DeliveryState.DROPPED, Reason.SWITCHED_OFF)] * 56]
        # And the mail server takes the next ones as ever
        change_preference(postgresql_database, alice, enabled=True)
        backend.deliver("email", recorded(
            postgresql_database, stored(postgresql_database, 99), alice.recipient).deliveries["email"])
    assert len(smtp_server.mails) == 9
