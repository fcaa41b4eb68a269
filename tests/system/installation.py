"""One installation of FMN on servers of its own: its settings, its database, its processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fmn.infra.db import Database
from fmn.settings import CONFIG_VARIABLE, SECTION
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import RedisServer
from tests.system.bus import Bus
from tests.system.population import Crowd
from tests.system.process_supervisor import Program, Supervisor

#: The command, as installed beside the interpreter.
FMN = str(Path(sys.executable).with_name("fmn"))
#: Of the web app, from which the key of Web Push is derived, too.
SECRET = "known to tests only"
#: Chunks that a backend delivers at once, unless it's told otherwise; and mails.
BACKEND_THREADS = 4
#: Deliveries that a backend has in hand at most: mails, and by each thread one that is none.
IN_HAND = 2 * BACKEND_THREADS
#: Seconds after which what a backend had claimed when it died is anybody's.
CLAIM_SECONDS = 6
#: Seconds. An installation that tests watch does everything sooner than one that runs for years; and people
#: there are told of everything at once who want that, however much it is.
QUICK: Mapping[str, object] = {
    "fmn.flood.per_event": 1_000_000,
    "fmn.flood.per_preference": 1_000_000,
    "fmn.sweep.seconds": 1,
    "fmn.sweep.grace_seconds": 4,
    "fmn.digest.check_seconds": 1,
    "fmn.delivery.first_retry_seconds": 1,
    "fmn.delivery.longest_retry_seconds": 3,
    "fmn.delivery.claim_seconds": CLAIM_SECONDS,
    "fmn.email.timeout_seconds": 2,
    "fmn.email.connections": BACKEND_THREADS,
}


class MailServer(Protocol):
    """Where mails are handed over."""

    host: str
    port: int


@dataclass(frozen=True)
class SharedServers:
    """The servers that an installation works with, and where its processes find them."""

    database_url: str
    rabbitmq: RabbitMQ
    redis: RedisServer
    mail: MailServer
    host: str = "127.0.0.1"

    def from_there(self, url: str) -> str:
        """A server's address as it's called where the processes are."""
        return url.replace("127.0.0.1", self.host)


class Installation:
    """An installation in a folder. Its processes run within :meth:`running`, until stopped or for good."""

    def __init__(
        self, directory: Path, shared_servers: SharedServers, bus: Bus, crowd: Crowd,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self.directory, self.shared_servers, self.bus, self.crowd = directory, shared_servers, bus, crowd
        self.database = Database(shared_servers.database_url)
        #: What processes are to be run with, by their names: the beginnings of their commands.
        self.run_with: dict[str, Sequence[str]] = {}
        self.supervisor = Supervisor()
        self._config = directory / "fmn.ini"
        self._environment = {**os.environ, CONFIG_VARIABLE: str(self._config)}
        self._given = {**self._settings(), **QUICK, **(settings or {})}
        self._write(self._given)
        crowd.write_directory(directory / "directory.json")

    def _settings(self) -> Mapping[str, object]:
        around = self.shared_servers
        return {
            "fmn.database.url": around.from_there(around.database_url),
            "fmn.broker.url": around.from_there(around.rabbitmq.url),
            "fmn.cache.url": around.from_there(around.redis.url),
            "fmn.bus.endpoints": " ".join(self.bus.endpoints),
            "fmn.bus.ca_file": self.bus.authority,
            "fmn.bus.crl_file": self.bus.revocations,
            "fmn.directory.ownership": "file",
            "fmn.directory.accounts": "file",
            "fmn.directory.file": self.directory / "directory.json",
            "fmn.email.host": around.mail.host,
            "fmn.email.port": around.mail.port,
            "fmn.web.secret": SECRET,
        }

    def _write(self, settings: Mapping[str, object]) -> None:
        lines = (f"{name} = {str(value).replace('%', '%%')}" for name, value in settings.items())
        self._config.write_text("\n".join([f"[{SECTION}]", *lines, ""]))

    def change(self, settings: Mapping[str, object]) -> None:
        """Change settings, which a process has from its next start on."""
        self._given = {**self._given, **settings}
        self._write(self._given)

    def prepare(self) -> None:
        """Make the tables, with the command that operators use, and everybody's accounts."""
        self.upgrade()
        self.crowd.settle(self.database)

    def upgrade(self) -> None:
        """Bring the tables up to date, which may happen under load."""
        done = self.command("db", "upgrade")
        assert not done.returncode, done.stderr

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What an operator types; what came of it."""
        return subprocess.run(
            [FMN, *arguments], env=self._environment, check=False, capture_output=True, text=True)

    @contextmanager
    def running(self, *names: str) -> Iterator[Supervisor]:
        """Keep processes running: ``worker`` or, where there are several, ``worker-1`` and so on.

        A test that fails shows what they said last.
        """
        try:
            with self.supervisor:
                for name in names:
                    self.start(name)
                yield self.supervisor
        except BaseException as error:
            error.add_note(self.ends_of_logs())
            raise
        finally:
            self.database.close()

    def start(self, name: str, *arguments: str) -> Program:
        """Have one more process running."""
        command = [*self.run_with.get(name, ()), FMN, name.partition("-")[0], *arguments]
        log = self.directory / f"{name}.log"
        return self.supervisor.add(Program(name, command, self._environment, log))

    def program(self, name: str) -> Program:
        """A process by its name."""
        return self.supervisor.programs[name]

    def ends_of_logs(self) -> str:
        """What every process said last."""
        return "\n".join(
            f"--- {program.name}, started {program.starts} times ---\n{program.end_of_log()}"
            for program in self.supervisor.programs.values())
