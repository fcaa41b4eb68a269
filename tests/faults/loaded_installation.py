"""Two of everything under load, to which faults happen; what came of each is a row in the table."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pika
import pika.exceptions

from fmn.infra.backend_queues import backend_queues
from tests.faults.crashing_application import installed
from tests.faults.network import Network, within
from tests.faults.process_roles import BACKENDS, CONSUMERS, READY, TWO_OF_EVERYTHING
from tests.faults.results_table import Row
from tests.servers.clock import let_sleep
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import wait_until
from tests.system.bus import Bus
from tests.system.events import Event, make_events
from tests.system.expectation import (
    ACCEPTED_WITHIN,
    ExpectedNotification,
    ReceivedSummary,
    duplicates,
    expect,
    judge,
    letter,
)
from tests.system.installation import BACKEND_THREADS, CLAIM_SECONDS, Installation, SharedServers
from tests.system.ledger import sent_at, wait_until_done
from tests.system.population import Crowd, make_crowd

PEOPLE = 60
#: The most messages that all faults of a run take.
MESSAGES = 20_000
PARTITIONS = 2
#: Messages a second: all the time that something is wrong there's something to lose.
PACE = 8.0
#: Seconds that the mail server takes for a mail, so that a backend always has some in hand.
THINKS = 0.02
#: Messages before something goes wrong.
BEFORE = 5
#: Seconds until all is made up for: connections are given up, claims run out, retries come due.
SETTLED = 120.0
#: Addresses of the bus.
PUBLISHERS = 3
#: Seconds between heartbeats of RabbitMQ, and what libpq does to keep connections alive: a fifth to a third
#: of what installations have, so that a run takes no hour.
HEARTBEAT = 4
KEEPALIVES = {"keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3, "tcp_user_timeout": 5000}
#: Seconds after which all of them have given up.
GIVEN_UP = 3 * HEARTBEAT + 1


@dataclass(frozen=True)
class Doubt:
    """Within this time (seconds since 1970) so many mails mayn't be known to be sent, and come again."""

    began: float
    ended: float
    mails: int

    def explains(self, first: float, recorded: float) -> bool:
        """Whether a mail that was sent at one time and recorded at another one may come again."""
        return first - ACCEPTED_WITHIN <= self.ended and self.began <= recorded


@dataclass
class Case:
    """A fault while it's looked at. ``spared`` tells who need not be told, and by what."""

    fault: str
    first: int
    times: int = 0
    began: float = field(default_factory=time.time)
    doubts: list[Doubt] = field(default_factory=list)
    spared: Callable[[ExpectedNotification], bool] = lambda _told: False
    expected: Mapping[ExpectedNotification, str] = field(default_factory=dict)

    @contextmanager
    def happening(self, *, in_doubt: int = 0) -> Iterator[None]:
        """The fault lasts until the end of the block, and leaves so many mails in doubt at most."""
        began = time.time()
        try:
            yield
        finally:
            self.times += 1
            if in_doubt:
                self.doubts.append(Doubt(began, time.time(), in_doubt))


    def in_doubt_since_it_began(self, mails: int) -> None:
        """So many mails are in doubt, all of which were sent during the fault."""
        self.doubts.append(Doubt(self.began, time.time(), mails))


class Load(threading.Thread):
    """Publishes events one after the other until it's stopped."""

    def __init__(self, bus: Bus, events: Iterator[Event], chance: random.Random) -> None:
        super().__init__(name="load", daemon=True)
        self.published: list[Event] = []
        self._bus, self._events, self._chance = bus, events, chance
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(self._chance.expovariate(PACE)):
            event = next(self._events)
            self._bus.send(*self._bus.sign(event.topic, event.msg))
            self.published.append(event)

    def stop(self) -> None:
        """Publish no more."""
        self._over.set()
        self.join()


@dataclass(frozen=True)
class Machinery:
    """The servers of a site, and how its processes connect to PostgreSQL if it isn't one alone."""

    postgresql: PostgreSQL
    rabbitmq: RabbitMQ
    redis: RedisServer
    network: Network | None
    database_url: str


class Site:
    """An installation of two of everything; each process is on a host of its own if there's a ``network``."""

    def __init__(
        self, directory: Path, machinery: Machinery, add: Callable[[Row], None], spool: Path | None = None,
    ) -> None:
        self.directory, self.machinery = directory, machinery
        self.hosts: dict[str, str] = {}
        self.broken = False
        self._add = add
        self._chance = random.Random(directory.name)
        network = machinery.network
        host = network.address if network else "127.0.0.1"
        self.smtp = SmtpServer(directory, host=host)
        self.bus = Bus(directory, PUBLISHERS, host)
        self.crowd = at_once(make_crowd(PEOPLE, self._chance))
        self._events = iter(make_events(self.crowd, MESSAGES, self._chance))
        self._published = 0
        around = SharedServers(machinery.database_url, machinery.rabbitmq, machinery.redis, self.smtp, host)
        self.installation = Installation(directory, around, self.bus, self.crowd, {
            "fmn.broker.url": f"{around.from_there(machinery.rabbitmq.url)}?heartbeat={HEARTBEAT}",
            "fmn.database.url": around.from_there(patient(machinery.database_url)),
            # Both backends deliver, and take each other's share over. What only one does is for other tests.
            "fmn.delivery.partitions": PARTITIONS,
        })
        if network:
            self.hosts = {name: network.add_host() for name in TWO_OF_EVERYTHING}
        packages = installed(directory / "packages")
        let_sleep(packages)
        path = os.pathsep.join([str(packages), os.environ.get("PYTHONPATH", "")])
        self._environment = {"PYTHONPATH": path.rstrip(os.pathsep)}
        self._spool = spool or directory / "spool"
        for name in TWO_OF_EVERYTHING:
            self._set_up(name, {})

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have everything running until the end of the block."""
        self.smtp.delay = THINKS
        with ExitStack() as stack:
            stack.enter_context(self.bus)
            stack.enter_context(self.smtp)
            self.installation.prepare()
            stack.enter_context(self.installation.running(*TWO_OF_EVERYTHING))
            self.wait_until_ready()
            yield

    def wait_until_ready(self) -> None:
        """Wait until both consumers listen, and a backend and a worker are at work."""
        # The bus may not have noticed yet that somebody left.
        wait_until(lambda: all(map(self._consumes, CONSUMERS)), READY, "a consumer doesn't run")
        self.bus.wait_for_listeners(len(CONSUMERS), READY)
        for queue in ("match", *backend_queues({"email": PARTITIONS})):
            wait_until(partial(self._is_consumed, queue), READY, f"no consumer{queue}")

    def _consumes(self, name: str) -> bool:
        program = self.installation.program(name)
        return program.running and program.last_said("consumer started") >= program.started_at

    def _is_consumed(self, queue: str) -> bool:
        # rabbitmqctl knows of standbys, too, but starts an Erlang each time.
        try:
            parameters = pika.URLParameters(self.machinery.rabbitmq.url)
            with closing(pika.BlockingConnection(parameters)) as connection:
                found = connection.channel().queue_declare(queue, passive=True)
                return bool(found.method.consumer_count)
        except pika.exceptions.AMQPError:
            return False

    @contextmanager
    def suffering(self, fault: str) -> Iterator[Case]:
        """Look at a fault that happens within the block, while messages come; nothing may be lost."""
        mails = len(self.smtp.mails)
        case = Case(fault, mails)
        load = Load(self.bus, self._events, self._chance)
        self.broken = True
        load.start()
        try:
            wait_until(lambda: len(load.published) >= BEFORE, READY, "no load")
            yield case
        finally:
            load.stop()
            self._published += len(load.published)
        self._judge(case, load.published)
        self.broken = False

    def _judge(self, case: Case, events: Sequence[Event]) -> None:
        began, stuck = time.monotonic(), None
        try:
            wait_until_done(self.installation.database, self._published, SETTLED)
        except TimeoutError as error:
            stuck = error
        took = time.monotonic() - began
        letters = [letter(mail) for mail in self.smtp.mails[case.first:]]
        expected = expect(self.crowd, events, datetime.now(UTC))
        verdict = judge(expected, letters)
        lost = [told for told in verdict.missing if not case.spared(told)]
        explained, odd = self._doubled(case, letters)
        self._add(Row(
            case.fault, case.times, len(events), len(expected.told), len(lost), explained, len(odd), took))
        assert not stuck, f"{stuck}\n{self.installation.ends_of_logs()}"
        assert not lost
        assert not verdict.unexpected
        assert not verdict.wrong_filter
        assert not odd, f"{odd}, though in doubt was {case.doubts}"
        assert explained <= sum(doubt.mails for doubt in case.doubts)

    def _doubled(
        self, case: Case, letters: Sequence[ReceivedSummary],
    ) -> tuple[int, Sequence[ReceivedSummary]]:
        recorded = sent_at(self.installation.database)
        explained = 0
        odd: list[ReceivedSummary] = []
        for message_id, copies in duplicates(letters).items():
            in_doubt = any(
                doubt.explains(copies[0].accepted_at, recorded.get(message_id, time.time()))
                for doubt in case.doubts)
            if in_doubt:
                explained += len(copies) - 1
            else:
                odd += copies[1:]
        return explained, odd

    def _set_up(self, name: str, environment: Mapping[str, str]) -> None:
        here = within(self.hosts[name]) if name in self.hosts else ()
        variables = {
            **self._environment, "FMN_SPOOL_DIRECTORY": str(self._spool / name), **environment}
        self.installation.run_with[name] = [
            *here, "env", *(f"{variable}={value}" for variable, value in variables.items())]

    def run_anew(self, name: str, environment: Mapping[str, str]) -> None:
        """Stop a process, and start it with these variables in its environment."""
        self.installation.supervisor.stop(self.installation.program(name))
        self._set_up(name, environment)
        self.installation.start(name)

    def hosts_of(self, *names: str) -> Sequence[str]:
        """The hosts that these processes are on."""
        return [self.hosts[name] for name in names]


def at_once(crowd: Crowd) -> Crowd:
    """The crowd, of which nobody waits for a digest longer than a second."""
    return replace(crowd, people=[
        person if person.at_once else replace(person, digest_count=None, digest_seconds=1)
        for person in crowd.people])


def patient(database_url: str) -> str:
    """The URL with keepalives that are as short as the faults."""
    ours = "&".join(f"{name}={value}" for name, value in {"connect_timeout": 3, **KEEPALIVES}.items())
    theirs = {
        "idle_in_transaction_session_timeout": 5000,
        **{name if name.startswith("tcp_") else f"tcp_{name}": value for name, value in KEEPALIVES.items()}}
    options = "%20".join(f"-c%20{name}%3D{value}" for name, value in theirs.items())
    return f"{database_url}{'&' if '?' in database_url else '?'}{ours}&options={options}"


#: Mails that a backend which dies leaves in doubt at most, and both of them.
IN_HAND = BACKEND_THREADS
BOTH_IN_HAND = len(BACKENDS) * IN_HAND
#: Seconds after which a claim of whoever died is anybody's.
CLAIMS_RUN_OUT = CLAIM_SECONDS + 1
