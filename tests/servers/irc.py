"""A private IRC network: InspIRCd, with Anope or Atheme as its services.

InspIRCd because it links with both services, has what real networks have in the way of bots (flood
limits, held nicks, ``KILL``, caller-id), links with others of its kind, and is up in a tenth of a second.
All of them are in Debian. They refuse to run as root, or would rather not, so root runs them as the user
``irc`` that every Debian has.
"""

from __future__ import annotations

import os
import shutil
import socket
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.servers.certificates import make_certificate
from tests.servers.ports import free_port
from tests.servers.processes import Process, ServerMissingError
from tests.servers.server import Server

#: Who may run as somebody else, does as this user.
USER = "irc" if os.geteuid() == 0 else None
#: The name of the services as a server, and the password of every link.
SERVICES = "services.test"
LINK_PASSWORD = "linked"
#: The operator's name and password.
OPERATOR = "operator"

CONFIGURATION = """\
<server name="{name}" id="{id}" description="Test" network="Test">
<admin name="Root" nick="root" email="root@localhost">
<path configdir="{here}" datadir="{here}" logdir="{here}" runtimedir="{here}">
<files motd="{here}/motd">
<bind address="127.0.0.1" port="{port}" type="clients">
<bind address="127.0.0.1" port="{tls_port}" type="clients" sslprofile="here">
<bind address="127.0.0.1" port="{link_port}" type="servers">
<sslprofile name="here" provider="gnutls" certfile="{certificate}" keyfile="{certificate}">
<connect allow="*" timeout="8" pingfreq="{ping_seconds}" threshold="{threshold}" commandrate="{commandrate}"
    fakelag="{fakelag}" recvq="{recvq}" hardsendq="1M" softsendq="8192" localmax="1000" globalmax="1000"
    resolvehostnames="no" useident="no" limit="1000">
<options casemapping="ascii" nosnoticestack="yes">
<dns server="127.0.0.1" timeout="1">
<performance clonesonconnect="no">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{here}/irc.log" flush="1">
{modules}
<class name="all" commands="*" privs="*" usermodes="*" chanmodes="*" snomasks="*">
<type name="everything" classes="all">
<oper name="{operator}" password="{operator}" host="*@*" type="everything">
<sasl target="{services}">
<uline server="{services}" silent="yes">
{links}
"""
MODULES = ("ssl_gnutls", "spanningtree", "cap", "sasl", "services_account", "monitor", "callerid", "svshold",
           "hidechans", "globops", "chghost", "chgident", "sanick")
LINK = """\
<link name="{name}" ipaddr="127.0.0.1" port="{port}" allowmask="127.0.0.0/8" timeout="5"
    sendpass="{password}" recvpass="{password}">
"""


@dataclass(frozen=True)
class Limits:
    """What the server bears: ``threshold`` commands at once, then ``commandrate`` / 1000 a second.

    Who exceeds that is thrown out or, with ``fakelag``, heard later, until ``recvq`` bytes are waiting. Who
    is silent for ``ping_seconds`` is asked, and thrown out when as much time again has passed.
    """

    threshold: int = 100
    commandrate: int = 100_000
    fakelag: bool = False
    recvq: int = 8192
    ping_seconds: int = 120


class IrcServer(Server):
    """One server of a network, with plain and TLS ports, both trusting the same names."""

    def __init__(
        self, directory: Path, name: str = "irc.test", number: int = 1, limits: Limits | None = None,
        neighbours: Sequence[IrcServer] = (),
    ) -> None:
        super().__init__(directory, free_port())
        self.name, self.number = name, number
        self.limits = limits or Limits()
        self.tls_port, self.link_port = free_port(), free_port()
        self._neighbours = list(neighbours)
        for neighbour in neighbours:
            neighbour.befriend(self)

    def befriend(self, other: IrcServer) -> None:
        """Take links from another server, from the next start on."""
        self._neighbours.append(other)

    @cached_property
    def certificate(self) -> Path:
        """A PEM file with the server's key and its self-signed certificate."""
        return make_certificate(self.directory)

    def configure(self) -> None:
        """Write the configuration; a running server reads it when it starts the next time."""
        limits = self.limits
        links = [LINK.format(name=SERVICES, port=1, password=LINK_PASSWORD)] + [
            LINK.format(name=other.name, port=other.link_port, password=LINK_PASSWORD)
            for other in self._neighbours]
        (self.directory / "motd").touch()  # else it's looked for where only its package's own user may look
        (self.directory / "inspircd.conf").write_text(CONFIGURATION.format(
            name=self.name, id=f"{self.number}AA", here=self.directory, port=self.port,
            tls_port=self.tls_port, link_port=self.link_port, certificate=self.certificate,
            ping_seconds=limits.ping_seconds, threshold=limits.threshold, commandrate=limits.commandrate,
            fakelag="yes" if limits.fakelag else "no", recvq=limits.recvq,
            modules="\n".join(f'<module name="{module}">' for module in MODULES),
            operator=OPERATOR, services=SERVICES, links="".join(links)))

    def _launch(self) -> Process:
        program = _program("inspircd")
        self.configure()
        _give_away(self.directory)
        return Process(
            [program, "--config", self.directory / "inspircd.conf", "--nofork", "--nopid"],
            log=self.directory / "output", user=USER)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"CAP LS\r\nQUIT\r\n")
                return b"CAP" in connection.recv(1000)
        except OSError:
            return False


class Services(Server):
    """Services of a network. What people registered is there again after a restart.

    ``registered`` is the database of others of their kind, whose people they know from the beginning.
    """

    #: How services say who a nick's identified owner is: our setting ``fmn.irc.ownership``.
    ownership: str
    #: What stands in the log when it's one with the network.
    linked: str
    #: The file in which they keep who has registered.
    database: str

    def __init__(self, directory: Path, server: IrcServer, registered: Path | None = None) -> None:
        super().__init__(directory, server.link_port)
        self._uplink = server.name
        self._output = self.directory / "output"
        self._said_before = 0
        if registered is not None:
            shutil.copy(registered, self.directory / self.database)

    @abstractmethod
    def _command(self) -> Sequence[str | Path]:
        """Write the configuration and say how to start."""

    def _launch(self) -> Process:
        self._said_before = self._output.stat().st_size if self._output.exists() else 0
        command = self._command()
        _give_away(self.directory)
        return Process(command, log=self._output, user=USER)

    def _answers(self) -> bool:
        with self._output.open("rb") as output:
            output.seek(self._said_before)
            return self.linked.encode() in output.read()


ANOPE = """\
uplink {{ host = "127.0.0.1"; port = {port}; password = "{password}"; }}
serverinfo {{ name = "{services}"; description = "Services"; pid = "{here}/pid"; motd = "{here}/motd"; }}
module {{ name = "inspircd3"; }}
networkinfo {{ networkname = "Test"; nicklen = 30; userlen = 10; hostlen = 64; chanlen = 64;
    vhost_chars = "abcdefghijklmnopqrstuvwxyz0123456789.-"; }}
options {{ casemap = "ascii"; seed = 1; readtimeout = 1s; warningtimeout = 4h; timeoutcheck = 1s;
    retrywait = 1s; updatetimeout = 1s; }}
mail {{ usemail = no; }}
service {{ nick = "NickServ"; user = "services"; host = "{services}"; gecos = "Nickname Services"; }}
module {{ name = "nickserv"; client = "NickServ"; forceemail = no; defaults = "ns_secure killprotect";
    regdelay = 0s; modeonid = yes; killquick = 20s; kill = 60s; enforceruser = "enforcer";
    enforcerhost = "{services}"; releasetimeout = 1m; guestnickprefix = "Guest"; passlen = 32; }}
module {{ name = "enc_sha256"; }}
module {{ name = "m_sasl"; }}
module {{ name = "db_flatfile"; database = "anope.db"; keepbackups = 0; fork = no; }}
log {{ target = "services.log"; servers = "*"; other = "*"; }}
"""
ANOPE_COMMAND = """\
module {{ name = "ns_{module}"; registration = "none"; maxlogins = 0; }}
command {{ service = "NickServ"; name = "{name}"; command = "nickserv/{module}"; }}
"""
ANOPE_COMMANDS = ("register", "identify", "status", "logout", "recover")


class Anope(Services):
    """Anope, whose NickServ knows ``STATUS``."""

    ownership = "status"
    database = "anope.db"
    linked = f"{SERVICES} (Services) is done syncing"

    def _command(self) -> Sequence[str | Path]:
        here = self.directory
        commands = [ANOPE_COMMAND.format(name=module.upper(), module=module) for module in ANOPE_COMMANDS]
        (here / "motd").touch()
        (here / "backups").mkdir(exist_ok=True)
        (here / "services.conf").write_text(ANOPE.format(
            here=here, port=self.port, password=LINK_PASSWORD, services=SERVICES) + "".join(commands))
        return [_program("anope"), "--nofork", f"--confdir={here}", f"--dbdir={here}", f"--logdir={here}",
                "--modulesdir=/usr/lib/anope", "--localedir=/usr/share/anope/locale"]


ATHEME = """\
{modules}
pbkdf2v2 {{ rounds = 10000; }};
serverinfo {{ name = "{services}"; desc = "Services"; numeric = "00A"; recontime = 1; netname = "Test";
    hidehostsuffix = "users.test"; adminname = "Root"; adminemail = "root@example.org";
    registeremail = "root@example.org"; mta = "/bin/true"; loglevel = {{ error; info; admin; network; }};
    maxlogins = 100; maxusers = 0; mdlimit = 30; auth = none; casemapping = ascii; }};
uplink "{uplink}" {{ host = "127.0.0.1"; port = {port};
    send_password = "{password}"; receive_password = "{password}"; }};
general {{ permissive_mode; uflags = {{ hidemail; }}; flood_msgs = 0; commit_interval = 1; operstring = "o";
    servicestring = "s"; default_clone_allowed = 1000; default_clone_warn = 1000; }};
nickserv {{ nick = "NickServ"; user = "NickServ"; host = "{services}"; real = "Nickname Services"; }};
saslserv {{ nick = "SaslServ"; user = "SaslServ"; host = "{services}"; real = "SASL Agent"; }};
"""
ATHEME_MODULES = (
    "protocol/inspircd", "backend/opensex", "crypto/pbkdf2v2", "nickserv/main", "nickserv/register",
    "nickserv/identify", "nickserv/logout", "nickserv/status", "saslserv/main", "saslserv/plain")


class Atheme(Services):
    """Atheme, whose NickServ knows ``ACC``."""

    ownership = "acc"
    database = "services.db"
    linked = "finished synching with uplink"

    def _command(self) -> Sequence[str | Path]:
        here = self.directory
        (here / "atheme.conf").write_text(ATHEME.format(
            port=self.port, password=LINK_PASSWORD, services=SERVICES, uplink=self._uplink,
            modules="\n".join(f'loadmodule "modules/{module}";' for module in ATHEME_MODULES)))
        return [_program("atheme-services"), "-n", "-c", here / "atheme.conf", "-D", here,
                "-l", here / "log", "-p", here / "pid"]


def _program(name: str) -> str:
    # Debian keeps daemons in /usr/sbin, which isn't on everybody's PATH.
    program = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise ServerMissingError(name)
    return program


def _give_away(directory: Path) -> None:
    if USER is not None:
        for path in (directory, *directory.iterdir()):
            shutil.chown(path, USER)
