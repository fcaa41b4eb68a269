"""Claims of a backend that is slow, hangs or dies."""

from __future__ import annotations

import pytest

from fmn.delivery.backend import Backend
from fmn.delivery.contract import RenderedDelivery
from fmn.infra.db import Database
from fmn.ledger.deliveries import claim
from fmn.ledger.models import DeliveryState
from tests.factories.clocks import Clock
from tests.factories.fake_channels import BUSY, RecordingChannel, failing_for
from tests.integration.delivery.recording_backend import (
    CLAIM,
    deliveries,
    due,
    make_backend,
    people,
    waiting,
)


def test_a_slow_channel_keeps_its_claims(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given a mail server that takes half a minute for each mail, so that a chunk takes far longer than a
    # claim lasts
    ids = waiting(database, *people(database, 8))
    stolen: list[int] = []

    def before(_delivery: RenderedDelivery) -> None:
        clock.turn(seconds=29)
        # and somebody who reaches for the deliveries all the time
        with database.transaction() as session:
            stolen.extend(claim(session, ids, "somebody else", clock(), CLAIM))

    channel.before = before
    # When the chunk is delivered, then nobody else gets hold of any of it
    backend.deliver("email", ids)
    assert stolen == []
    assert len(channel.delivered) == 8


def test_a_task_that_takes_too_long_gives_the_rest_back(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given a channel so slow that RabbitMQ would lose patience before a chunk is done
    ids = waiting(database, *people(database, 25))
    channel.before = lambda _delivery: clock.turn(seconds=29)
    # When the chunk is delivered, then it's left off after ten minutes
    backend.deliver("email", ids)
    assert len(channel.delivered) == 21
    # And the next task may go on at once
    backend.deliver("email", ids)
    assert len(channel.delivered) == 25
    assert len({delivery.key for delivery in channel.delivered}) == 25


def test_a_backend_that_hung_leaves_the_rest_to_whoever_took_over(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given a backend that hangs after its first mail for longer than its claims last
    ids = waiting(database, *people(database, 3))
    other = RecordingChannel()

    def hang(_delivery: RenderedDelivery) -> None:
        if channel.delivered:
            return
        channel.delivered.append(_delivery)
        clock.turn(seconds=91)
        # while another one takes over
        make_backend(database, other, clock).deliver("email", ids[1:])
        raise BUSY

    channel.before = hang
    # When it wakes
    backend.deliver("email", ids)
    # Then it leaves alone what isn't its own any more
    assert channel.destinations == ["user0@example.org"]
    assert other.destinations == ["user1@example.org", "user2@example.org"]
    assert [d.state for d in deliveries(database)] == [
        DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.SENT]


def test_what_one_thread_has_in_hand_no_other_takes_though_its_claim_ran_out(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given a mail that was sent just before the database went away for longer than a claim lasts
    ids = waiting(database, *people(database, 2))

    def before(_delivery: RenderedDelivery) -> None:
        channel.before = failing_for(error=BUSY)
        clock.turn(seconds=91)
        # When the database is back, and another thread is quicker to have a task than we to record
        backend.deliver("email", ids)

    channel.before = before
    backend.deliver("email", ids)
    # Then it comes once
    assert sorted(channel.destinations) == ["user0@example.org", "user1@example.org"]
    assert [d.state for d in deliveries(database)] == [DeliveryState.SENT, DeliveryState.SENT]


def test_a_backend_that_dies_leaves_one_delivery_in_doubt(
    database: Database, backend: Backend, channel: RecordingChannel, clock: Clock,
) -> None:
    # Given a backend that is killed between sending its second mail and recording that
    ids = waiting(database, *people(database, 3))

    class KilledError(BaseException):
        pass

    def die(delivery: RenderedDelivery) -> None:
        if delivery.destination == "user1@example.org":
            channel.delivered.append(delivery)
            raise KilledError

    channel.before = die
    with pytest.raises(KilledError):
        backend.deliver("email", ids)
    # When its claims have run out, and another one takes over
    assert due(database, clock) == []
    clock.turn(seconds=90)
    channel.before = failing_for(error=BUSY)
    backend.deliver("email", due(database, clock))
    # Then that mail comes twice, with the same key, and every other one once
    assert channel.destinations == [
        "user0@example.org", "user1@example.org", "user1@example.org", "user2@example.org"]
    assert channel.delivered[1].key == channel.delivered[2].key
