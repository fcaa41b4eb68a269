"""Several things at once: what is in doubt, and what is done while the other side or the database is busy."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.delivery.backend import Backend
from fmn.delivery.retry import RetryPolicy
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryState
from tests.factories.deliveries import make_pending_deliveries, states
from tests.factories.fake_channels import PipelinedFakeChannel
from tests.servers.waiting import wait_until

#: Seconds within which a thread gets on if nothing holds it.
SOON = 10


@pytest.fixture
def channel() -> Iterator[PipelinedFakeChannel]:
    with closing(PipelinedFakeChannel()) as channel:
        yield channel


def make_backend(database: Database, channel: PipelinedFakeChannel) -> Backend:
    return Backend(
        database, {"email": channel}, catalog().describe, retry=RetryPolicy(), claim_for=timedelta(minutes=5))


def test_what_comes_next_is_agreed_on_while_what_was_before_is_recorded(
    postgresql_database: Database, channel: PipelinedFakeChannel,
) -> None:
    ids = make_pending_deliveries(postgresql_database, 6)
    backend = make_backend(postgresql_database, channel)
    when_handed_over: dict[str, list[str]] = {}
    with closing(backend), postgresql_database.transaction() as hung, ThreadPoolExecutor(2) as pool:
        # Given three that were handed over, and a database that takes its time to record them
        def before(step: str) -> None:
            if step == "transmit user0":
                hung.scalars(select(Delivery).where(Delivery.id.in_(ids[:3])).with_for_update()).all()
            if step.startswith("transmit"):
                when_handed_over[step] = states(postgresql_database)

        channel.before = before
        first = pool.submit(backend.deliver, "email", ids[:3])
        wait_until(lambda: len(when_handed_over) == 3, SOON, "they aren't handed over")
        # When there's more to deliver, then it's agreed on meanwhile
        second = pool.submit(backend.deliver, "email", ids[3:])
        wait_until(lambda: "negotiate user5" in channel.done, SOON, "they aren't agreed on")
        hung.rollback()
        for each in (first, second):
            each.result(SOON)
    # And nothing of it is handed over before what was in doubt is recorded
    assert {step: seen[:3] for step, seen in when_handed_over.items()} == {
        **{f"transmit user{number}": [DeliveryState.WAITING] * 3 for number in (0, 1, 2)},
        **{f"transmit user{number}": [DeliveryState.SENT] * 3 for number in (3, 4, 5)}}
    assert states(postgresql_database) == [DeliveryState.SENT] * 6


def test_what_comes_next_is_made_ready_while_the_other_side_thinks(
    database: Database, channel: PipelinedFakeChannel,
) -> None:
    ids = make_pending_deliveries(database, 5)
    # Given that it takes until the next are ready to answer
    channel.unanswered = {"transmit user2"}

    def before(step: str) -> None:
        if step == "ready user4":
            channel.answer("transmit user2")

    channel.before = before
    with closing(make_backend(database, channel)) as backend:
        backend.deliver("email", ids)
    assert states(database) == [DeliveryState.SENT] * 5
    assert channel.done.index("ready user4") < channel.done.index("negotiate user3")
