"""Nothing is lost and nothing doubled, whatever process is killed and whatever server goes away."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fmn.infra.db import Database
from fmn.ledger.reasons import Reason
from tests.faults.process_roles import CONSUMERS
from tests.faults.random_faults import ALL, Chaos
from tests.faults.results_table import Row, Table
from tests.servers.irc import Atheme, Services
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpServer
from tests.system.bus import Bus
from tests.system.destinations import Destinations, open_destinations
from tests.system.events import make_events
from tests.system.expectation import (
    ACCEPTED_WITHIN,
    ExpectedNotification,
    ReceivedSummary,
    duplicates,
    expect,
    judge,
    letter,
)
from tests.system.installation import IN_HAND, Installation, SharedServers
from tests.system.ledger import (
    deliveries_by_state,
    messages_in,
    notifications_by_nick,
    sent_at,
    stop_waiting_for_numbers,
    wait_until_done,
)
from tests.system.population import make_crowd

PEOPLE, MESSAGES = 150, 2_400
#: How often each fault happens at least.
ROUNDS = 3
#: Messages a second: all the time that things go wrong there's something to lose.
PACE = 12.0
#: Seconds that the mail server takes for a mail, so that a backend always has some in hand.
THINKS = 0.05
#: Seconds until all is made up for: claims run out, retries come due, a backlog is worked off.
SETTLED = 300


@pytest.fixture
def places(
    irc_directory: Path, irc_registered: Callable[[type[Services]], Path],
) -> Iterator[Destinations]:
    with open_destinations(irc_directory, irc_registered(Atheme)) as there:
        yield there


@pytest.mark.usefixtures("alone")
@pytest.mark.timeout(1800)
def test_nothing_is_lost_or_doubled_whatever_dies(
    tmp_path: Path, shared_servers: SharedServers, postgresql: PostgreSQL, smtp_server: SmtpServer, bus: Bus,
    places: Destinations, tell: Callable[[str], None], table: Table,
) -> None:
    seed = int(os.environ.get("FAULTS_SEED", time.time()))
    tell(f"FAULTS_SEED={seed} repeats these faults, in this order and after these pauses")
    chance = random.Random(seed)
    crowd = make_crowd(PEOPLE, chance, places.addresses)
    events = make_events(crowd, MESSAGES, chance)
    installation = Installation(tmp_path, shared_servers, bus, crowd, places.settings)
    installation.prepare()
    database = installation.database
    places.come(crowd, database)
    chaos = Chaos(installation, postgresql, smtp_server, seed)
    smtp_server.delay = THINKS

    with installation.running(*ALL):
        # When messages come while everything is killed, stopped, restarted and wiped
        bus.wait_for_listeners(len(CONSUMERS))
        chaos.start(ROUNDS)
        for event in events:
            bus.send(*bus.sign(event.topic, event.msg))
            time.sleep(chance.expovariate(PACE))
        chaos.wait()

        # And what no consumer took, because it died holding it, comes again as history
        began = time.monotonic()
        unheard = publish_again(bus, database)
        wait_until_done(database, MESSAGES, SETTLED)
        stop_waiting_for_numbers(database)
        wait_until_done(database, MESSAGES, SETTLED)
        took = time.monotonic() - began
        places.wait_until_heard(database)

    # Then exactly what was expected has come, by mail and everywhere else
    expected = expect(crowd, events, datetime.now(UTC))
    mails = [letter(mail) for mail in smtp_server.mails]
    letters = [*mails, *places.letters()]
    verdict, again = judge(expected, letters), duplicates(letters)
    may = len(chaos.backend_kills) * IN_HAND
    tell(f"{MESSAGES} messages, {len(mails)} mails, {len(letters) - len(mails)} more by "
         f"{', '.join(places.addresses)}; {len(again)} came twice, {may} may; "
         f"{unheard} messages published again; settled in {took:.1f} s after "
         + ", ".join(f"{times} × {name}" for name, times in sorted(chaos.happened.items())))
    odd = unexplained(again, sent_at(database), chaos.backend_kills)
    table.rows.append(Row(
        "everything at random, two things at a time, all channels", chaos.happened.total(), MESSAGES,
        len(expected.told), len(verdict.missing), len(again) - len(odd), len(odd), took))
    assert not verdict.missing
    assert not verdict.unexpected
    assert not verdict.wrong_filter
    assert notifications_by_nick(database) == expected.notifications
    assert {key[1:] for key in deliveries_by_state(database)} == {
        ("sent", ""), ("dropped", Reason.NO_ADDRESS.sentence)}

    # But for a few that a backend had in hand when it was killed, which came again as the same
    assert set(verdict.repeated) == set(told_again(again))
    assert len(again) <= may
    assert not odd, "\n".join([*chaos.diary, *map(str, odd)])
    database.close()


def publish_again(bus: Bus, database: Database) -> int:
    """Publish messages that aren't in the ledger until they are; returns how many there were."""
    missing = bus.published.keys() - messages_in(database)
    unheard = len(missing)
    while missing:
        bus.wait_for_listeners(1)
        for msg_id in missing:
            bus.send(msg_id, bus.published[msg_id])
        time.sleep(1)
        missing = bus.published.keys() - messages_in(database)
    return unheard


def told_again(again: Mapping[str, Sequence[ReceivedSummary]]) -> Iterator[ExpectedNotification]:
    for mails in again.values():
        yield from (ExpectedNotification(mails[0].address, token) for token in mails[0].tokens)


def unexplained(
    again: Mapping[str, Sequence[ReceivedSummary]], recorded: Mapping[str, float], kills: Sequence[float],
) -> list[Sequence[ReceivedSummary]]:
    """The mails that came more than once though no backend was killed between sending and recording them."""
    return [
        mails for message_id, mails in again.items()
        # On IRC and by ntfy nothing is said that one could tell deliveries by.
        if message_id in recorded and not any(
            mails[0].accepted_at - ACCEPTED_WITHIN <= kill <= recorded[message_id] for kill in kills)
    ]
