"""Of several backends one is on IRC; when it dies or hangs another one is, and never under a second nick."""

from __future__ import annotations

import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from fmn.filters.default_filters import default_filters
from fmn.filters.rule_types import rule_types
from tests.servers.irc import Anope, Limits, Services
from tests.servers.irc_network import Network, new_network
from tests.servers.irc_people import Person as Chatter
from tests.servers.waiting import wait_until
from tests.system.bus import Bus
from tests.system.events import TOKEN, Event, make_events
from tests.system.expectation import expect
from tests.system.installation import BACKEND_THREADS, Installation, SharedServers
from tests.system.ledger import wait_until_done
from tests.system.population import Crowd, Person
from tests.system.queues import wait_for_consumers
from tests.system.test_one_consumer import coming

QUEUE = "backend.irc"
#: FMN's nicks on two partitions.
NICKS = ("fmn", "fmn-2")
BACKENDS = ("backend-1", "backend-2")
#: What happens to the backend that is on IRC: it dies, and then the other one hangs.
FAULTS = (signal.SIGKILL, signal.SIGSTOP)
#: Messages for each, and how many come a second.
MESSAGES, PACE = 90, 15.0
#: Seconds between two signs of life for RabbitMQ, which gives up on who leaves out two.
HEARTBEAT = 6
#: Seconds until somebody is on IRC who has to be: a task says so every thirty.
PRESENT = 60.0
#: Seconds until a backend has found out that it has more than its share.
SHARED = 90.0
#: Seconds after which the server asks who is silent whether they're there; after as many it throws them out.
PINGS = 3
#: The page that says why: each notification has one of its own.
WHY = re.compile(r"/why/\S+")
#: When somebody comes and leaves, as an operator is told.
COMES = re.compile(r"CONNECT: Client connecting .*?: (\S+?)!")
LEAVES = re.compile(r"QUIT: Client exiting: (\S+?)!")


@pytest.fixture
def network(
    irc_directory: Path, irc_registered: Callable[[type[Services]], Path],
) -> Iterator[Network]:
    """A network that soon finds out when somebody hangs."""
    limits = Limits(threshold=1_000, ping_seconds=PINGS)
    with new_network(irc_directory, Anope, irc_registered(Anope), limits).running() as network:
        yield network


@pytest.fixture
def crowd() -> Crowd:
    """Alice and Bob, who hear of their packages on IRC, each message at once."""
    people = [
        Person(nick, [nick], [], True, None, None, default_filters(rule_types()), context="irc")
        for nick in ("alice", "bob")]
    owners: Sequence[Sequence[str]] = (["alice"], ["bob"], ["alice", "bob"])
    committers = {f"package{number:03}": owners[number % 3] for number in range(12)}
    return Crowd(people, committers, {}, {})


@pytest.fixture
def installation(
    tmp_path: Path, shared_servers: SharedServers, bus: Bus, crowd: Crowd, network: Network,
) -> Installation:
    irc = network.settings(lines_per_second=500, burst=100, timeout_seconds=1)
    prepared = Installation(tmp_path, shared_servers, bus, crowd, {
        "fmn.broker.url": f"{shared_servers.rabbitmq.url}?heartbeat={HEARTBEAT}",
        "fmn.delivery.channels": "email irc",
        "fmn.flood.per_event": 100_000, "fmn.flood.per_preference": 100_000,
        **{f"fmn.irc.{name}": value for name, value in irc.model_dump(exclude_unset=True).items()}})
    prepared.prepare()
    return prepared


def heard_by(person: Chatter, pattern: re.Pattern[str]) -> Sequence[str]:
    """What somebody has been told that fits a pattern."""
    return [found for line in person.said_by("fmn") for found in pattern.findall(line)]


def tokens_for(nick: str, crowd: Crowd, events: Sequence[Event]) -> set[str]:
    """The words of the events that somebody has to hear of: what concerns them, or a package of theirs."""
    told = expect(crowd, events, datetime.now(UTC)).told
    return {one.token for one in told if one.address == nick}


def nicks_that(pattern: re.Pattern[str], root: Chatter) -> Counter[str]:
    """Who has come, or left, and how often."""
    return Counter(found[1] for line in list(root.heard) if (found := pattern.search(line)))


def wait_for_lines(person: Chatter, number: int) -> None:
    """Wait until somebody has been told so many lines, and more."""
    wait_until(lambda: len(person.said_by("fmn")) > number, PRESENT, "it says nothing")


def wait_for_fmn(pattern: re.Pattern[str], root: Chatter, times: int) -> None:
    """Wait until FMN has come, or left, so many times."""
    wait_until(lambda: nicks_that(pattern, root)["fmn"] == times, PRESENT, f"it isn't {times} times")


@pytest.mark.timeout(900)
def test_another_takes_over_under_the_same_nick(
    installation: Installation, network: Network, crowd: Crowd, chance: random.Random,
    tell: Callable[[str], None],
) -> None:
    rabbitmq, database = installation.shared_servers.rabbitmq, installation.database
    events = make_events(crowd, len(FAULTS) * MESSAGES, chance)
    parts = [events[begin:begin + MESSAGES // 2] for begin in range(0, len(events), MESSAGES // 2)]
    root = network.operator()
    alice, bob = network.owner("alice"), network.owner("bob")
    network.ready()
    with installation.running("consumer", "worker", "scheduler"):
        # Given two backends: the first that came is on IRC though there's nothing to say yet
        installation.bus.wait_for_listeners(1)
        installation.start(BACKENDS[0], "irc")
        wait_until(lambda: root.sees("fmn"), PRESENT, "nobody is on IRC")
        installation.start(BACKENDS[1], "irc")
        for number, fault in enumerate(FAULTS):
            before = wait_for_consumers(rabbitmq, QUEUE, 2)
            active = installation.program(BACKENDS[number])
            first, rest = parts[2 * number:2 * number + 2]
            heard = len(alice.said_by("fmn"))
            with coming(installation.bus, first, PACE):
                # When the active one is killed while it delivers, or hangs
                wait_for_lines(alice, heard + 5)
                active.signal_all(fault)
                failed_at = time.monotonic()
                wait_for_fmn(LEAVES, root, number + 1)
                # Then the other one is there
                wait_for_fmn(COMES, root, number + 2)
                tell(f"the standby was on IRC {time.monotonic() - failed_at:.1f} s after {fault.name}")
            # And says what there is to say
            said = len(alice.said_by("fmn"))
            with coming(installation.bus, rest, PACE):
                wait_for_lines(alice, said + 5)
            if fault is signal.SIGSTOP:
                active.signal_all(signal.SIGCONT)
            assert wait_for_consumers(rabbitmq, QUEUE, 2).active == before.waiting
            wait_until_done(database, (number + 1) * MESSAGES, timeout=90)

        # And everybody heard of everything, of hardly anything twice
        for person in (alice, bob):
            person.catch_up()
            assert set(heard_by(person, TOKEN)) == tokens_for(person.nick, crowd, events)
            notifications = heard_by(person, WHY)
            assert len(notifications) - len(set(notifications)) <= len(FAULTS) * BACKEND_THREADS
        # And whoever asks is answered
        alice.say("fmn", "help")
        wait_until(lambda: any("list filters" in line for line in alice.said_by("fmn")), PRESENT, "no answer")
        # And nobody came but the two, one after the other, under one nick
        assert nicks_that(COMES, root) == {"fmn": len(FAULTS) + 1, "alice": 1, "bob": 1}
        assert nicks_that(LEAVES, root) == {"fmn": len(FAULTS)}


@pytest.mark.timeout(900)
def test_backends_share_the_nicks_of_partitions(
    installation: Installation, network: Network, tell: Callable[[str], None],
) -> None:
    # Given two partitions, and a backend that is on IRC for both
    installation.change({"fmn.delivery.partitions": "irc=2"})
    root = network.operator()
    network.ready()
    with installation.running("scheduler"):
        installation.start(BACKENDS[0], "irc")
        for nick in NICKS:
            wait_until(partial(root.sees, nick), PRESENT, f"{nick} isn't on IRC")

        # When another one comes, then it's there with one of the nicks instead
        installation.start(BACKENDS[1], "irc")
        began = time.monotonic()
        wait_until(lambda: nicks_that(LEAVES, root).total() == 1, SHARED, "no nick is handed over")
        wait_until(lambda: nicks_that(COMES, root).total() == 3, PRESENT, "nobody takes the nick")
        tell(f"a nick changed hands {time.monotonic() - began:.1f} s after another backend started")
        [handed_over] = nicks_that(LEAVES, root)

        # When that one is killed, then the first one is there with both again
        installation.program(BACKENDS[1]).signal_all(signal.SIGKILL)
        wait_until(lambda: nicks_that(COMES, root)[handed_over] == 3, PRESENT, "nobody takes the nick back")
        assert nicks_that(COMES, root) == {handed_over: 3, **dict.fromkeys({*NICKS} - {handed_over}, 1)}
