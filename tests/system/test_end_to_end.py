"""The main job, end to end: 500 messages for 250 people, and exactly the mails that have to come."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fmn.ledger.reasons import Reason
from tests.servers.smtp import SmtpServer
from tests.system.bus import Bus
from tests.system.events import make_events
from tests.system.expectation import duplicates, expect, judge, letter
from tests.system.installation import Installation, SharedServers
from tests.system.ledger import (
    deliveries_by_state,
    notifications_by_nick,
    stop_waiting_for_numbers,
    wait_until_done,
)
from tests.system.population import make_crowd

PEOPLE, MESSAGES = 250, 500


@pytest.mark.timeout(900)
def test_exactly_the_expected_mails_come(
    tmp_path: Path, shared_servers: SharedServers, bus: Bus, chance: random.Random,
    smtp_server: SmtpServer, tell: Callable[[str], None],
) -> None:
    # Given people who want to hear of different things, here or there, at once or in digests
    crowd = make_crowd(PEOPLE, chance)
    events = make_events(crowd, MESSAGES, chance)
    expected = expect(crowd, events, datetime.now(UTC))
    installation = Installation(tmp_path, shared_servers, bus, crowd)
    installation.prepare()
    database = installation.database
    signed = [bus.sign(event.topic, event.msg) for event in events]

    with installation.running("consumer", "worker-1", "worker-2", "backend-1", "backend-2", "scheduler"):
        # When signed messages come as fast as the bus carries them
        bus.wait_for_listeners(1)
        began = time.monotonic()
        for msg_id, frames in signed:
            bus.send(msg_id, frames)
        wait_until_done(database, MESSAGES, timeout=150)
        took = time.monotonic() - began

        # Then nothing is missing but what waits for more to come, which doesn't if its owner says so
        letters = [letter(mail) for mail in smtp_server.mails]
        early = judge(expected, letters)
        patient = {
            address for person in crowd.people if person.waits_for_a_number for address in person.confirmed}
        assert {told.address for told in early.missing} <= patient
        stop_waiting_for_numbers(database)
        wait_until_done(database, MESSAGES, timeout=30)

    # And exactly the expected mails have come, each once, saying why
    letters += [letter(mail) for mail in smtp_server.mails[len(letters):]]
    verdict = judge(expected, letters)
    assert verdict.right, verdict
    assert not duplicates(letters)

    # And the database says the same
    assert notifications_by_nick(database) == expected.notifications
    states = deliveries_by_state(database)
    digests = [mail for mail in letters if mail.is_digest]
    tell(f"{MESSAGES} messages, {expected.notifications.total()} notifications, {len(letters)} mails, "
         f"{len(digests)} of them digests with {sum(mail.reasons for mail in digests)} notifications; "
         f"{took:.1f} s from the first message to the last mail that didn't wait")
    assert sum(n for (_, state, _), n in states.items() if state == "sent") == len(letters)
    assert {key[1:] for key in states} == {("sent", ""), ("dropped", Reason.NO_ADDRESS.sentence)}
    database.close()
