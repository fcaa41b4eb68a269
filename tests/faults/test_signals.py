"""Signals to what keeps connections to people: the backend that is on IRC, and the live feed's service."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from fmn.filters.default_filters import default_filters
from fmn.filters.rule_types import rule_types
from tests.faults.loaded_installation import (
    BEFORE,
    CLAIMS_RUN_OUT,
    GIVEN_UP,
    HEARTBEAT,
    MESSAGES,
    SETTLED,
    Load,
)
from tests.faults.process_roles import READY, active_backend
from tests.faults.results_table import Row, Table
from tests.servers.irc import Atheme, Services
from tests.servers.waiting import wait_until
from tests.system.bus import Bus
from tests.system.destinations import Destinations, open_destinations
from tests.system.events import make_events
from tests.system.expectation import expect, judge
from tests.system.installation import BACKEND_THREADS, Installation, SharedServers
from tests.system.ledger import wait_until_done
from tests.system.population import Crowd, Person
from tests.system.process_supervisor import Program
from tests.system.queues import wait_for_consumers
from tests.system.test_irc import WHY, heard_by

#: How often each signal comes.
TIMES = 2
#: Who hears where.
ON_IRC, ON_THE_FEED = ("ian", "ivy"), ("sam", "sue")


@pytest.fixture
def crowd() -> Crowd:
    """People who hear of their packages, each message at once."""
    mine = default_filters(rule_types())
    people = [
        Person(nick, [nick], [], True, None, None, mine, context=context)
        for context, nicks in (("irc", ON_IRC), ("sse", ON_THE_FEED)) for nick in nicks]
    everybody = [*ON_IRC, *ON_THE_FEED]
    committers = {f"package{number:03}": [everybody[number % 4], "ian", "sue"] for number in range(12)}
    return Crowd(people, committers, {}, {})


@pytest.fixture
def places(
    irc_directory: Path, irc_registered: Callable[[type[Services]], Path],
) -> Iterator[Destinations]:
    with open_destinations(irc_directory, irc_registered(Atheme)) as there:
        yield there


@pytest.fixture
def installation(
    tmp_path: Path, shared_servers: SharedServers, bus: Bus, crowd: Crowd, places: Destinations,
) -> Installation:
    made = Installation(tmp_path, shared_servers, bus, crowd, {
        **places.settings, "fmn.broker.url": f"{shared_servers.rabbitmq.url}?heartbeat={HEARTBEAT}"})
    made.prepare()
    places.come(crowd, made.database)
    return made


def told(places: Destinations, number: int) -> bool:
    """Whether so many notifications have come."""
    return len(places.letters()) >= number


def processes(program: Program) -> Sequence[int]:
    """A program and its only child, if it has one; nothing while it doesn't run."""
    with suppress(ProcessLookupError):
        main = program.main
        with suppress(ProcessLookupError):
            return [main, program.child]
        return [main]
    return []


def send(number: signal.Signals, *programs: Program) -> None:
    """Send a signal to programs, and wait until each has ended and runs anew, or has done so within itself.

    Programs that hang do so for longer than claims and heartbeats last.
    """
    if number is signal.SIGSTOP:
        for program in programs:
            program.signal_all(signal.SIGSTOP)
        time.sleep(max(GIVEN_UP, CLAIMS_RUN_OUT))
        for program in programs:
            program.signal_all(signal.SIGCONT)
        return
    before = {program.name: processes(program) for program in programs}
    for program in programs:
        os.kill(program.main, number)

    def run_anew() -> bool:
        now = {program.name: processes(program) for program in programs}
        return all(len(now[name]) == len(was) and now[name][-1] != was[-1] for name, was in before.items())

    wait_until(run_anew, READY, f"they don't run anew after {number.name}")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("number", "in_doubt"), [
    # Whoever is told to end, or to begin anew, first finishes what it has in hand
    (signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGHUP, 0),
    (signal.SIGKILL, BACKEND_THREADS), (signal.SIGSTOP, BACKEND_THREADS),
], ids=lambda value: value.name if isinstance(value, signal.Signals) else "")
def test_nothing_is_lost_and_only_what_was_in_hand_comes_again(
    installation: Installation, places: Destinations, bus: Bus, crowd: Crowd, chance: random.Random,
    number: signal.Signals, in_doubt: int, table: Table,
) -> None:
    rabbitmq = installation.shared_servers.rabbitmq
    with installation.running("consumer", "worker", "scheduler", "sse"):
        bus.wait_for_listeners(1)
        for name, channel in (("backend-1", "irc"), ("backend-2", "irc"), ("backend-3", "sse")):
            installation.start(name, channel)
        wait_for_consumers(rabbitmq, "backend.irc", 2)
        load = Load(bus, iter(make_events(crowd, MESSAGES, chance)), chance)
        load.start()

        # When they get a signal, again and again, while they tell people of messages
        try:
            for _ in range(TIMES):
                enough = len(places.letters()) + BEFORE
                wait_until(partial(told, places, enough), READY, "nobody is told")
                wait_for_consumers(rabbitmq, "backend.irc", 2)
                send(number, installation.program(active_backend(installation)), installation.program("sse"))
        finally:
            load.stop()
        began = time.monotonic()
        wait_until_done(installation.database, len(load.published), SETTLED)
        places.wait_until_heard(installation.database)
        took = time.monotonic() - began

    # Then everybody has heard of everything, and of nothing twice but what was in hand
    expected = expect(crowd, load.published, datetime.now(UTC))
    verdict = judge(expected, places.letters())
    notifications = [heard_by(person, WHY) for person in places.chatters]
    said_again = sum(len(pages) - len(set(pages)) for pages in notifications)
    fed_again = [again for again in verdict.repeated if again.address in ON_THE_FEED]
    explained = min(said_again, TIMES * in_doubt)
    table.rows.append(Row(
        f"{number.name} to the backend on IRC and the live feed", TIMES, len(load.published),
        len(expected.told), len(verdict.missing), explained, said_again - explained + len(fed_again), took))
    assert not verdict.missing, installation.ends_of_logs()
    assert not verdict.unexpected
    assert not verdict.wrong_filter
    assert said_again <= TIMES * in_doubt, installation.ends_of_logs()
    assert not fed_again
    assert "Traceback" not in installation.ends_of_logs()
