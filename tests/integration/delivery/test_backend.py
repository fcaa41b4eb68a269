"""Delivering chunks, on SQLite and PostgreSQL, through a channel that remembers what it delivered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import delete

from fmn.catalog import Description, Message, Severity
from fmn.delivery.backend import Backend
from fmn.delivery.contract import ChannelDownError, RecipientOfflineError, RenderedDelivery
from fmn.infra.db import Database
from fmn.ledger.models import DeliveryState, Notification
from fmn.ledger.reasons import Reason
from tests.factories.clocks import Clock
from tests.factories.counters import counted
from tests.factories.fake_channels import BUSY, REFUSED, RecordingChannel, failing_for
from tests.factories.messages import NOON, recorded, stored
from tests.factories.people import change_preference, make_person, remove_address
from tests.integration.delivery.recording_backend import (
    DESCRIBE,
    deliveries,
    due,
    make_backend,
    outcomes,
    people,
    waiting,
)


def severe_is(cake: int) -> Callable[[Message], Description]:
    """Describe messages, that about this cake as an error."""
    def describe(message: Message) -> Description:
        severity = Severity.ERROR if message.body["cake"] == cake else Severity.INFO
        return replace(DESCRIBE(message), severity=severity)

    return describe


def test_delivers_in_order_and_records_each(
    database: Database, backend: Backend, channel: RecordingChannel,
) -> None:
    # Given three people to be told of a message
    ids = waiting(database, *people(database, 3))
    # When their deliveries are handed over in some order
    backend.deliver("email", ids[::-1])
    # Then they go out in this order, and each is recorded
    assert channel.destinations == ["user2@example.org", "user1@example.org", "user0@example.org"]
    assert outcomes(database) == [(DeliveryState.SENT, "")] * 3
    assert [d.attempts for d in deliveries(database)] == [1, 1, 1]


@pytest.mark.parametrize("lets_severe", [True, False])
def test_holds_what_comes_too_late_until_quiet_hours_end(
    database: Database, channel: RecordingChannel, clock: Clock, lets_severe: bool,
) -> None:
    # Given two mails to Alice that weren't sent when her quiet hours began, one of them severe
    alice = make_person(database)
    ids = recorded(database, stored(database, 1, 2), alice.recipient).deliveries["email"]
    backend = make_backend(database, channel, clock, severe_is(2))
    change_preference(
        database, alice, quiet_from=time(12), quiet_until=time(13), quiet_lets_severe=lets_severe)
    # When they're tried in these, then what isn't severe waits, and that's no attempt
    backend.deliver("email", ids)
    assert [one.items[0].message.body["cake"] for one in channel.delivered] == ([2] if lets_severe else [])
    held = deliveries(database)[0]
    assert (held.state, held.reason_code, held.attempts) == (DeliveryState.WAITING, Reason.QUIET_HOURS, 0)
    clock.turn(minutes=59)
    assert due(database, clock) == []
    # When they end, then it goes out
    clock.turn(minutes=1)
    backend.deliver("email", due(database, clock))
    assert outcomes(database) == [(DeliveryState.SENT, "")] * 2


def test_says_what_happened_and_why_it_is_sent(
    database: Database, backend: Backend, channel: RecordingChannel,
) -> None:
    alice = make_person(database, packages=["kernel"])
    (delivery_id,) = waiting(database, alice)
    backend.deliver("email", [delivery_id])
    (delivery,) = channel.delivered
    (item,) = delivery.items
    assert (delivery.nick, delivery.destination, delivery.preference_id) == (
        "alice", "alice@example.org", alice.preference_id)
    assert (item.agent, item.filter_name, item.filter_id) == ("bob", "kernel", alice.filter_ids[0])
    assert item.message.body == {"cake": 1}
    assert item.description.title


def test_sends_nothing_twice_however_often_it_is_asked(
    database: Database, backend: Backend, channel: RecordingChannel,
) -> None:
    ids = waiting(database, *people(database, 2))
    for _ in range(3):
        backend.deliver("email", [*ids, *ids, 999])
    assert len(channel.delivered) == 2


def test_a_permanent_failure_ends_it_with_the_reason(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given a mailbox that doesn't exist among others
    ids = waiting(database, *people(database, 3))
    channel.before = failing_for("user1@example.org", error=REFUSED)
    before = counted("fmn_attempts_failed", context="email", reason="refused")
    # When all are delivered
    backend.deliver("email", ids)
    # Then that one failed, once and for all, and nobody else noticed
    assert outcomes(database) == [
        (DeliveryState.SENT, ""), (DeliveryState.FAILED, "no such mailbox"), (DeliveryState.SENT, "")]
    assert counted("fmn_attempts_failed", context="email", reason="refused") == before + 1
    clock.turn(days=1)
    assert due(database, clock) == []


def test_who_is_not_there_misses_it_and_that_says_nothing_of_their_address(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given somebody who isn't on IRC for a week, where nothing is kept
    person = make_person(database)
    channel.before = failing_for("alice@example.org", error=RecipientOfflineError("alice isn't on IRC"))
    for number in range(1, 30):
        missed = recorded(database, stored(database, number), person.recipient)
        backend.deliver("email", missed.deliveries["email"])
        clock.turn(days=0.25)
    # Then they missed all of it, as it says
    assert {(d.state, d.reason_code or d.reason) for d in deliveries(database)} == {
        (DeliveryState.DROPPED, "alice isn't on IRC")}
    # And are told when they're back
    channel.before = lambda _delivery: None
    backend.deliver("email", recorded(database, stored(database, 30), person.recipient).deliveries["email"])
    assert channel.destinations == ["alice@example.org"]


def test_a_temporary_failure_is_tried_again_later(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given a mailbox that is full
    ids = waiting(database, *people(database, 2))
    channel.before = failing_for("user0@example.org", error=BUSY)
    backend.deliver("email", ids)
    assert outcomes(database) == [(DeliveryState.WAITING, "try again later"), (DeliveryState.SENT, "")]
    # When it isn't due yet, then nothing happens
    clock.turn(seconds=23)
    backend.deliver("email", ids)
    assert len(channel.delivered) == 1
    # When it's due and works, then it's sent
    clock.turn(seconds=14)
    channel.before = failing_for(error=BUSY)
    assert due(database, clock) == ids[:1]
    backend.deliver("email", ids)
    assert channel.destinations == ["user1@example.org", "user0@example.org"]
    assert [(d.state, d.attempts) for d in deliveries(database)] == [
        (DeliveryState.SENT, 2), (DeliveryState.SENT, 1)]


def test_gives_up_after_five_days_with_the_last_reason(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    ids = waiting(database, *people(database, 1))
    channel.before = failing_for("user0@example.org", error=BUSY)
    while (delivery := deliveries(database)[0]).state == DeliveryState.WAITING:
        clock.time = delivery.next_attempt_at
        backend.deliver("email", ids)
    assert outcomes(database) == [(DeliveryState.FAILED, "try again later")]
    assert timedelta(days=5) <= clock() - NOON <= timedelta(days=5, hours=8)
    assert deliveries(database)[0].attempts > 20


def test_a_channel_that_is_down_is_asked_once_a_chunk_and_loses_nobody(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given a mail server that goes away amid a chunk
    ids = waiting(database, *people(database, 4))
    asked: list[str] = []

    def before(delivery: RenderedDelivery) -> None:
        asked.append(delivery.destination)
        if len(asked) > 1:
            raise ChannelDownError("connection refused")

    channel.before = before
    # When the chunk is delivered
    backend.deliver("email", ids)
    # Then the server is tried once more and not for everyone, and all who wait are tried later
    assert asked == ["user0@example.org", "user1@example.org"]
    assert outcomes(database) == [
        (DeliveryState.SENT, ""), *[(DeliveryState.WAITING, "connection refused")] * 3]
    # When it's back, then everyone gets theirs
    clock.turn(seconds=40)
    channel.before = failing_for(error=BUSY)
    backend.deliver("email", due(database, clock))
    assert sorted(channel.destinations) == [f"user{n}@example.org" for n in range(4)]


def test_an_unexpected_error_harms_nobody_else(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    ids = waiting(database, *people(database, 3))
    channel.before = failing_for("user0@example.org", error=ZeroDivisionError("a secret"))
    backend.deliver("email", ids)
    assert outcomes(database) == [
        (DeliveryState.WAITING, Reason.INTERNAL_ERROR), (DeliveryState.SENT, ""),
        (DeliveryState.SENT, "")]
    clock.turn(seconds=40)
    assert due(database, clock) == ids[:1]
    assert deliveries(database)[0].reason == "internal error: ZeroDivisionError"


def test_a_message_that_cannot_be_described_harms_nobody_else(
    database: Database, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given two messages, one of which our catalogue trips over
    alice = make_person(database)
    found = recorded(database, stored(database, 1, 2), alice.recipient)

    def describe(message: Message) -> Description:
        if message.body == {"cake": 1}:
            raise LookupError(message.msg_id)
        return DESCRIBE(message)

    # When both are delivered
    make_backend(database, channel, clock, describe).deliver("email", found.deliveries["email"])
    # Then the other one arrives, and that one waits for us to mend it
    assert [delivery.items[0].message.body for delivery in channel.delivered] == [{"cake": 2}]
    assert outcomes(database) == [
        (DeliveryState.WAITING, Reason.INTERNAL_ERROR), (DeliveryState.SENT, "")]
    assert deliveries(database)[0].reason == "internal error: LookupError"


def test_what_was_switched_off_meanwhile_is_dropped_and_says_so(
    database: Database, backend: Backend, channel: RecordingChannel,
) -> None:
    alice, bob, carol = people(database, 3)
    ids = waiting(database, alice, bob, carol)
    change_preference(database, alice, enabled=False)
    remove_address(database, bob)
    backend.deliver("email", ids)
    assert channel.destinations == ["user2@example.org"]
    assert outcomes(database) == [
        (DeliveryState.DROPPED, Reason.SWITCHED_OFF), (DeliveryState.DROPPED, Reason.ADDRESS_REMOVED),
        (DeliveryState.SENT, "")]
    assert [d.attempts for d in deliveries(database)] == [0, 0, 1]


def test_what_lost_its_message_is_dropped_and_says_so(
    database: Database, backend: Backend, channel: RecordingChannel,
) -> None:
    ids = waiting(database, *people(database, 1))
    with database.transaction() as session:
        session.execute(delete(Notification))
    backend.deliver("email", ids)
    assert channel.delivered == []
    assert outcomes(database) == [(DeliveryState.DROPPED, Reason.MESSAGE_DELETED)]


def test_each_address_of_a_person_gets_the_message(
    database: Database, backend: Backend, channel: RecordingChannel,
) -> None:
    alice = make_person(database, addresses=["a@example.org", "b@example.org"])
    found = recorded(database, stored(database, 1), alice.recipient)
    backend.deliver("email", found.deliveries["email"])
    assert [(o.destination, len(o.items)) for o in channel.delivered] == [
        ("a@example.org", 1), ("b@example.org", 1)]
    assert len({delivery.key for delivery in channel.delivered}) == 2


def test_outcomes_are_counted(database: Database, backend: Backend, channel: RecordingChannel) -> None:
    ids = waiting(database, *people(database, 3))
    channel.before = failing_for("user0@example.org", error=BUSY)
    kinds = ("sent", "postponed")
    before = [counted("fmn_deliveries", context="email", outcome=kind) for kind in kinds]
    backend.deliver("email", ids)
    after = [counted("fmn_deliveries", context="email", outcome=kind) for kind in kinds]
    assert [b - a for a, b in zip(before, after, strict=True)] == [2, 1]


def test_closing_closes_the_channels(backend: Backend, channel: RecordingChannel) -> None:
    backend.close()
    assert channel.closed
