"""What the bus said while nobody listened comes all the same: 1,000 messages, each once."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fmn.infra.db import Database
from fmn.sources.backfill.gaps import received_until
from tests.servers.datagrepper import Datagrepper, is_busy, is_truncated
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until
from tests.system.bus import Bus
from tests.system.events import make_events
from tests.system.expectation import duplicates, expect, judge, letter
from tests.system.installation import Installation, SharedServers
from tests.system.ledger import messages_in, stop_waiting_for_numbers, wait_until_done
from tests.system.population import make_crowd

#: People whom messages are about, and those of them who have an account: what is tried here isn't mail.
PEOPLE, ACCOUNTS = 100, 12
HEARD, MISSED = 20, 1000


@pytest.mark.timeout(900)
def test_all_that_was_published_while_the_consumer_was_dead_comes_once(
    tmp_path: Path, shared_servers: SharedServers, bus: Bus, chance: random.Random,
    smtp_server: SmtpServer, tell: Callable[[str], None],
) -> None:
    # Given an installation that hears messages, beside an archive that hears them, too
    everybody = make_crowd(PEOPLE, chance)
    events = make_events(everybody, HEARD + MISSED, chance)
    crowd = replace(everybody, people=everybody.people[:ACCOUNTS])
    expected = expect(crowd, events, datetime.now(UTC))
    with Datagrepper() as archive:
        installation = Installation(
            tmp_path, shared_servers, bus, crowd, {"fmn.catchup.url": archive.address})
        installation.prepare()
        database = installation.database

        def publish(some: slice) -> None:
            for event in events[some]:
                msg_id, frames = bus.sign(event.topic, event.msg)
                bus.send(msg_id, frames)
                archive.archived(frames)

        with installation.running("consumer", "worker", "backend", "scheduler"):
            bus.wait_for_listeners(1)
            publish(slice(HEARD))
            wait_until(lambda: len(messages_in(database)) == HEARD and has_heard(database), 60,
                       "the consumer hears nothing")

            # When the consumer is killed, and 1,000 messages are published
            consumer = installation.program("consumer")
            consumer.wanted = False
            consumer.signal_all(signal.SIGKILL)
            consumer.tidy_up()
            wait_until(lambda: bus.listeners == 0, 10, "somebody still listens")
            publish(slice(HEARD, None))
            assert len(messages_in(database)) == HEARD

            # And it's started again, while the archive has troubles of its own
            archive.planned += [is_busy, is_truncated]
            began = time.monotonic()
            consumer.wanted = True
            wait_until(lambda: len(messages_in(database)) == HEARD + MISSED, 90, "messages are missing")
            took = time.monotonic() - began
            wait_until_done(database, HEARD + MISSED, timeout=150)
            stop_waiting_for_numbers(database)
            wait_until_done(database, HEARD + MISSED, timeout=30)

    # Then all of them are there, and everybody is told of each of them once
    assert messages_in(database) == bus.published.keys()
    letters = [letter(mail) for mail in smtp_server.mails]
    verdict = judge(expected, letters)
    assert verdict.right, verdict
    assert not duplicates(letters)
    tell(f"{MISSED} missed messages were in the ledger {took:.1f} s after the consumer was started again, "
         f"by {len(archive.queries)} requests")


def has_heard(database: Database) -> bool:
    """Whether a consumer noted that it heard something."""
    with database.reading() as session:
        return received_until(session) is not None
