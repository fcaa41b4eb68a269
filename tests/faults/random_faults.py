"""What goes wrong in years, in a minute: processes are killed, servers go away, come back, forget all."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from tests.faults.process_roles import (
    BACKENDS,
    CONSUMERS,
    SCHEDULERS,
    TWO_OF_EVERYTHING,
    WORKERS,
    active_backend,
    kill,
    leader,
    standby,
)
from tests.servers.postgresql import PostgreSQL
from tests.servers.server import Server
from tests.servers.smtp import SmtpServer
from tests.system.installation import CLAIM_SECONDS, Installation

#: Seconds between one thing that goes wrong and the next, at random.
PAUSE = 0.5, 3.0
#: Seconds that the mail server is away, or refuses everybody, at random.
OUTAGE = 1.0, 3.0
FEEDS = ("sse-1",)
ALL = (*TWO_OF_EVERYTHING, *FEEDS)

Fault = tuple[str, Callable[[], object]]


class Chaos:
    """Two threads of trouble, one for processes and one for servers, each in an order of its own."""

    def __init__(
        self, installation: Installation, postgresql: PostgreSQL, smtp: SmtpServer, seed: int,
    ) -> None:
        self._installation, self._around = installation, installation.shared_servers
        self._postgresql, self._smtp = postgresql, smtp
        # One for each thread, so that the order of their questions doesn't count.
        self._for_processes, self._for_servers = random.Random(seed), random.Random(seed + 1)
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        #: How often what went wrong.
        self.happened: Counter[str] = Counter()
        #: When backends were killed: seconds since 1970.
        self.backend_kills: list[float] = []
        #: What happened when, to be shown when something went wrong that shouldn't have.
        self.diary: list[str] = []

    def start(self, rounds: int) -> None:
        """Let everything go wrong that can, so many times."""
        for faults, chance in (
            (self._process_faults(), self._for_processes), (self._server_faults(), self._for_servers),
        ):
            shuffled = [fault for _ in range(rounds) for fault in chance.sample(faults, len(faults))]
            thread = threading.Thread(target=self._run, args=[shuffled, chance], daemon=True)
            thread.start()
            self._threads.append(thread)

    def wait(self) -> None:
        """Wait until all has gone wrong, and everything runs again."""
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _run(self, faults: Iterable[Fault], chance: random.Random) -> None:
        try:
            for name, fault in faults:
                time.sleep(chance.uniform(*PAUSE))
                self._note(name)
                fault()
                self._note(f"{name}: done")
                self.happened[name] += 1
        except BaseException as error:  # noqa: BLE001 - the test's own thread raises it
            self._errors.append(error)

    def _note(self, text: str) -> None:
        self.diary.append(f"{datetime.now(UTC):%H:%M:%S.%f} {text}")

    def _process_faults(self) -> Sequence[Fault]:
        consumers, workers = itertools.cycle(CONSUMERS), itertools.cycle(WORKERS)
        return 2 * [
            ("consumer", lambda: self._kill_consumer(next(consumers))),
            ("worker", lambda: self._kill(next(workers), child=False)),
            ("worker's child", lambda: self._kill(next(workers), child=True)),
            ("active backend", lambda: self._kill_backend(active_backend(self._installation))),
            ("standby backend", lambda: self._kill_backend(
                standby(BACKENDS, active_backend(self._installation)))),
            ("leading scheduler", lambda: self._kill(leader(self._installation), child=False)),
            ("live feed", lambda: self._kill(FEEDS[0], child=False)),
            ("standby scheduler", lambda: self._kill(
                standby(SCHEDULERS, leader(self._installation)), child=False)),
        ]

    def _server_faults(self) -> Sequence[Fault]:
        around = self._around
        return [
            ("mail server away", self._mail_server_away),
            ("mail server refuses", self._mail_server_refuses),
            ("PostgreSQL restarted", self._postgresql.restart),
            ("PostgreSQL crashed", lambda: _crash(self._postgresql)),
            ("PostgreSQL away until claims ran out", self._postgresql_away),
            ("Redis restarted empty", around.redis.restart),
            ("RabbitMQ restarted", around.rabbitmq.restart),
            ("RabbitMQ crashed", lambda: _crash(around.rabbitmq)),
            ("RabbitMQ wiped", around.rabbitmq.wipe),
        ]

    def _kill_consumer(self, name: str) -> None:
        # Whoever listens must be there all the time, and has to be told what came meanwhile.
        self._installation.bus.wait_for_listeners(len(CONSUMERS))
        self._kill(name, child=False)

    def _kill_backend(self, name: str) -> None:
        self._kill(name, child=self._for_processes.random() < 1 / 2)
        self.backend_kills.append(time.time())

    def _kill(self, name: str, *, child: bool) -> None:
        kill(self._installation, name, child=child)
        self._note(f"killed {name}{' (child)' if child else ''}")

    def _postgresql_away(self) -> None:
        self._postgresql.stop()
        time.sleep(CLAIM_SECONDS + 1)
        self._postgresql.start()

    def _mail_server_away(self) -> None:
        self._smtp.stop()
        time.sleep(self._for_servers.uniform(*OUTAGE))
        self._smtp.start()

    def _mail_server_refuses(self) -> None:
        everybody = (address for person in self._installation.crowd.people for address in person.confirmed)
        self._smtp.refuse = dict.fromkeys(everybody, (451, "4.3.0 Come back later"))
        time.sleep(self._for_servers.uniform(*OUTAGE))
        self._smtp.refuse = {}


def _crash(server: Server) -> None:
    server.kill()
    server.start()
