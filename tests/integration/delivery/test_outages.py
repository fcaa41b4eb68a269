"""A database that goes away while mails are being sent: a real PostgreSQL, stopped and killed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.delivery.backend import Backend
from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.retry import RetryPolicy
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryState
from tests.factories.clocks import Clock
from tests.factories.deliveries import make_pending_deliveries, states
from tests.factories.fake_channels import PipelinedFakeChannel, RecordingChannel
from tests.factories.messages import recorded, stored
from tests.factories.people import make_person
from tests.servers.postgresql import PostgreSQL
from tests.servers.waiting import wait_until


@pytest.mark.parametrize("end", [PostgreSQL.stop, PostgreSQL.kill], ids=["stopped", "killed"])
def test_a_mail_that_went_out_while_the_database_was_away_is_recorded_and_not_sent_again(
    postgresql: PostgreSQL, postgresql_database: Database, end: Callable[[PostgreSQL], None],
) -> None:
    # Given three mails, and a database that goes away when the second one is being sent
    database = postgresql_database
    people = [make_person(database, f"user{n}") for n in range(3)]
    found = recorded(database, stored(database, 1), *(person.recipient for person in people))
    channel = RecordingChannel()

    def before(_delivery: RenderedDelivery) -> None:
        if len(channel.delivered) == 1:
            end(postgresql)

    channel.before = before
    backend = Backend(database, {"email": channel}, catalog().describe,
                      retry=RetryPolicy(), claim_for=timedelta(seconds=90), now=Clock())
    with ThreadPoolExecutor(1) as pool:
        try:
            # When the chunk is delivered, then the backend stops after that mail and waits
            delivery = pool.submit(backend.deliver, "email", found.deliveries["email"])
            wait_until(lambda: len(channel.delivered) > 1 or delivery.done(), 30, "nothing is delivered")
            assert len(channel.delivered) == 2
        finally:
            postgresql.start()
        # When the database is back, then it goes on
        delivery.result()
    assert sorted(channel.destinations) == [f"user{n}@example.org" for n in range(3)]
    with database.transaction() as session:
        assert {d.state for d in session.scalars(select(Delivery))} == {DeliveryState.SENT}


def test_what_can_not_be_rechecked_waits_for_the_database(
    postgresql: PostgreSQL, postgresql_database: Database,
) -> None:
    # Given mails on which we agree with the mail server when the database goes away
    ids, clock = make_pending_deliveries(postgresql_database, 6), Clock()

    def before(step: str) -> None:
        if step == "negotiate user3":
            clock.turn(seconds=1)
            postgresql.kill()

    with closing(PipelinedFakeChannel(before)) as channel, ThreadPoolExecutor(1) as pool:
        backend = Backend(postgresql_database, {"email": channel}, catalog().describe,
                          retry=RetryPolicy(), claim_for=timedelta(seconds=90), now=clock)
        try:
            delivering = pool.submit(backend.deliver, "email", ids)
            wait_until(
                lambda: "negotiate user5" in channel.done or delivering.done(), 30, "nothing is agreed on")
            assert "transmit user3" not in channel.done
        finally:
            postgresql.start()
        # When it's back, then they're handed over
        delivering.result(30)
        backend.close()
    assert states(postgresql_database) == [DeliveryState.SENT] * 6
