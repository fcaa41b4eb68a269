"""PostgreSQL is away for a while under load: everything waits in the spool, and nothing is lost."""

from __future__ import annotations

import itertools
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from fmn.sources.spool.backlog import SPOOL_FILE
from fmn.sources.spool.sqlite_spool import Spool, SpoolError
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until
from tests.system.bus import Bus
from tests.system.events import Event, make_events
from tests.system.expectation import expect, judge, letter
from tests.system.installation import Installation, SharedServers
from tests.system.ledger import messages_in, wait_until_done
from tests.system.population import make_crowd

#: Seconds that PostgreSQL is away: ``OUTAGE_SECONDS=60`` for a minute.
OUTAGE = float(os.environ.get("OUTAGE_SECONDS", "10"))
#: Messages a second, and seconds of it before and after.
PACE, AROUND = 40.0, 1.0
#: How many of the messages that concern somebody are published.
QUIET = 0.02
PEOPLE = 12
#: Seconds until all is made up for.
SETTLED = 90.0 + 3 * OUTAGE


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    """One publisher, so that there's one order."""
    with Bus(tmp_path, publishers=1) as running:
        yield running


@pytest.mark.timeout(int(900 + 8 * OUTAGE))
def test_nothing_is_lost_while_postgresql_is_away(
    tmp_path: Path, shared_servers: SharedServers, postgresql: PostgreSQL, smtp_server: SmtpServer, bus: Bus,
    chance: random.Random, tell: Callable[[str], None],
) -> None:
    crowd = make_crowd(PEOPLE, chance)
    crowd = replace(crowd, people=[
        replace(person, digest_count=None, digest_seconds=None) for person in crowd.people])
    directory = tmp_path / "spool"
    installation = Installation(tmp_path, shared_servers, bus, crowd, {"fmn.spool.directory": directory})
    installation.prepare()
    database = installation.database
    # More than there'll be time for. The bus has to be busy, not who sends mails, so most concern nobody.
    coming = (event for event in make_events(crowd, int((OUTAGE + 20) * PACE / QUIET), chance)
              if not event.people or chance.random() < QUIET)
    events: list[Event] = []

    def publish(seconds: float) -> None:
        begin = time.monotonic()
        for number in itertools.count():
            if (pause := begin + number / PACE - time.monotonic()) > 0:
                time.sleep(pause)
            if time.monotonic() - begin >= seconds:
                return
            events.append(event := next(coming))
            bus.send(*bus.sign(event.topic, event.msg))

    with installation.running("consumer", "worker", "backend", "scheduler"):
        # Given an installation at work
        bus.wait_for_listeners(1)
        publish(AROUND)
        wait_until(lambda: len(messages_in(database)) == len(events), SETTLED, "it isn't at work")
        try:
            # When PostgreSQL goes, messages keep coming
            postgresql.stop()
            gone = time.monotonic()
            before = len(events)
            publish(OUTAGE)
            wait_until(lambda: waiting_in(directory) == len(events) - before, SETTLED, "messages don't wait")
            waiting, away = len(events) - before, time.monotonic() - gone
        finally:
            # And it comes back
            starts = datetime.now(UTC)
            postgresql.start()
        back = datetime.now(UTC)
        publish(AROUND)
        consumer = installation.program("consumer")
        wait_until(
            lambda: consumer.last_said("what waited is stored") > starts, SETTLED, "messages still wait")
        drained = max(consumer.last_said("what waited is stored") - back, timedelta())
        assert waiting_in(directory) == 0
        wait_until_done(database, len(events), SETTLED)

    # Then everything is in the ledger, in the order in which it was published
    assert ledger_of(database) == list(bus.published)
    # And exactly the expected mails have come
    verdict = judge(expect(crowd, events, datetime.now(UTC)), map(letter, smtp_server.mails))
    tell(f"PostgreSQL away for {away:.1f} s: {waiting} messages waited, and were stored "
         f"{drained.total_seconds():.1f} s after it was back; {len(events)} messages in order, "
         f"{len(smtp_server.mails)} mails, none missing")
    assert verdict.right, verdict
    database.close()


def waiting_in(directory: Path) -> int:
    with closing(Spool(directory / SPOOL_FILE, 1)) as spool:
        try:
            return spool.messages
        except SpoolError:  # it's being made just now
            return -1


def ledger_of(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(StoredMessage.msg_id).order_by(StoredMessage.id)))
