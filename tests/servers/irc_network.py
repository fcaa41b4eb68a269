"""A network of IRC servers and services for one test, on which the usual people have registered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fmn.delivery.irc.settings import IrcSettings
from tests.servers.irc import IrcServer, Limits, Services
from tests.servers.irc_people import PASSWORD, Person

#: Who has registered: FMN, and two people.
REGISTERED = ("fmn", "alice", "bob")


@dataclass
class Network:
    """Servers, of which the first is ours, and services. People who come here leave at the end."""

    servers: Sequence[IrcServer]
    services: Services
    people: list[Person] = field(default_factory=list)
    leaving: ExitStack = field(default_factory=ExitStack)

    @property
    def server(self) -> IrcServer:
        """Our server."""
        return self.servers[0]

    def settings(self, **changes: Any) -> IrcSettings:
        """How FMN gets there: over TLS, with SASL, and as fast as the server bears."""
        usual = {
            "host": "localhost", "port": self.server.tls_port, "ca_file": self.server.certificate,
            "ownership": self.services.ownership, "timeout_seconds": 5, "lines_per_second": 100, "burst": 20,
            "sasl_username": "fmn", "sasl_password": PASSWORD,
        }
        return IrcSettings.model_validate(usual | changes)

    def stranger(self, nick: str, server: IrcServer | None = None) -> Person:
        """Somebody who comes and uses a nick."""
        return self._welcome(Person(server or self.server, nick))

    def owner(self, nick: str, server: IrcServer | None = None) -> Person:
        """The owner of a registered nick, who comes and identifies."""
        return self._welcome(Person(server or self.server, nick, identifies=True))

    def _welcome(self, person: Person) -> Person:
        self.people.append(self.leaving.enter_context(person))
        return person

    def ready(self) -> None:
        """Return when everybody who is coming is in."""
        for person in self.people:
            person.ready()

    def operator(self) -> Person:
        """An operator who sees who connects to the network, and who leaves it."""
        root = self.stranger("root").become_operator()
        root.do("MODE root +s +cCqQl", r"MODE root \+s")
        return root

    @contextmanager
    def running(self) -> Iterator[Network]:
        """All of it is up, until the end of the block."""
        with ExitStack() as running:
            for server in self.servers:
                running.enter_context(server)
            running.enter_context(self.services)
            with self.leaving:
                yield self


def new_network(
    directory: Path, kind: type[Services], registered: Path | None, limits: Limits | None = None,
) -> Network:
    """A network of one server."""
    server = IrcServer(directory / "server", limits=limits)
    return Network([server], kind(directory / "services", server, registered))


def split_network(directory: Path, kind: type[Services], registered: Path) -> Network:
    """A network of two servers: ours, and one that the services are at."""
    hub = IrcServer(directory / "hub", "hub.test", 2)
    server = IrcServer(directory / "server", neighbours=[hub])
    return Network([server, hub], kind(directory / "services", hub, registered))
