"""A private Postfix: takes mails for everybody, hands them to a next server, and bounces to us.

Postfix is many processes, each with the rights it needs, so it has to be started by root.
"""

from __future__ import annotations

import os
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from smtplib import SMTP

from tests.servers.ports import free_port
from tests.servers.processes import LOG_SHOWN, Process, ServerError, ServerMissingError
from tests.servers.server import Server
from tests.servers.waiting import wait_until

#: Where what came back is sent, with a delimiter and whatever behind it.
BOUNCE_ADDRESS = "bounces@fmn.example.org"
#: Seconds within which a mail has gone through Postfix, and what came back was handled.
SOON = 60.0

COMMANDS = Path("/usr/sbin")
DAEMONS = Path("/usr/lib/postfix/sbin")

#: The lines that docs/how-to/bounces gives are marked.
MAIN = """\
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {directory}/maillog
maillog_file_prefixes = {directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
alias_database =
smtp_dns_support_level = disabled
smtp_host_lookup = native
default_transport = smtp:[127.0.0.1]:{next_port}
# No service for it here; and a mail that comes up again while its last attempt ends waits for five minutes.
fast_flush_domains =
queue_run_delay = 1s
minimal_backoff_time = 2s
maximal_backoff_time = 2s
delay_warning_time = 1s
# docs/how-to/bounces
recipient_delimiter = +
relay_domains = fmn.example.org
transport_maps = inline:{{ {{ bounces@fmn.example.org = fmn-bounce: }} }}
fmn-bounce_destination_recipient_limit = 1
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
# docs/how-to/bounces, but for what is run
fmn-bounce unix - n n - 1 pipe
  flags=Rq user=nobody argv={directory}/hand-over --recipient=${{recipient}}
"""
#: Postfix runs nothing as root, and whom else it runs it as may not reach the Python that the tests run with:
#: so what it runs gives everything to us, and ends as what we run for it does.
HAND_OVER = """\
#!/bin/bash
set -eu
content=$(mktemp)
trap 'rm "$content"' EXIT
cat >"$content"
exec 3<>/dev/tcp/127.0.0.1/{port}
printf '%s %s\\n' "${{1#--recipient=}}" "$(stat --format %s "$content")" >&3
cat "$content" >&3
read -r code <&3
exit "$code"
"""

#: Takes a recipient and a mail, and returns a code of sysexits.h.
Take = Callable[[str, bytes], int]


@dataclass(frozen=True)
class Handed:
    """What Postfix had for us, and what we ended with."""

    recipient: str
    content: bytes
    code: int


class Bounces(socketserver.ThreadingTCPServer):
    """Gets what Postfix hands over. ``take`` says what's done with it; ``handed`` is what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _HandingOver)
        self.port: int = self.server_address[1]
        self.take: Take = lambda _recipient, _content: os.EX_TEMPFAIL
        self.handed: list[Handed] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class _HandingOver(socketserver.StreamRequestHandler):
    server: Bounces

    def handle(self) -> None:
        recipient, size = self.rfile.readline().decode().split()
        content = self.rfile.read(int(size))
        code = self.server.take(recipient, content)
        self.server.handed.append(Handed(recipient, content, code))
        self.wfile.write(f"{code}\n".encode())


class Postfix(Server):
    """A Postfix on loopback that hands every mail to the server on ``next_port``, without asking the DNS.

    The directory has to be open to the users that its processes run as. Only root can start it.
    """

    def __init__(self, directory: Path, next_port: int) -> None:
        super().__init__(directory, free_port())
        self.bounces = Bounces()
        self._next_port = next_port

    def stop(self) -> None:
        super().stop()
        self.bounces.shutdown()
        self.bounces.server_close()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until what depends on a mail's way through Postfix is so."""
        try:
            wait_until(condition, SOON, "")
        except TimeoutError as error:
            log = (self.directory / "maillog").read_text(errors="replace")
            raise TimeoutError(f"waited {SOON:g} s in vain for Postfix: {log[-LOG_SHOWN:]}") from error

    def give_up_after(self, seconds: int) -> None:
        """From now on give up mails that aren't taken for so long; a warning goes first."""
        self._run("postconf", "-e", f"maximal_queue_lifetime = {seconds}s")
        self._run("postfix", "reload")

    def _launch(self) -> Process:
        if not (COMMANDS / "postfix").exists():
            raise ServerMissingError("postfix")
        self._write()
        self._run("postfix", "check")
        return Process(
            [DAEMONS / "master", "-c", self.directory, "-s"], log=self.directory / "log",
            environment={"MAIL_CONFIG": str(self.directory), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})

    def _run(self, program: str, *arguments: str) -> None:
        ended = subprocess.run(
            [COMMANDS / program, "-c", self.directory, *arguments], capture_output=True, text=True,
            check=False)
        if ended.returncode:
            raise ServerError(f"{program} {' '.join(arguments)} failed: {ended.stderr.strip()}")

    def _write(self) -> None:
        data = self.directory / "data"
        data.mkdir(exist_ok=True)
        shutil.chown(data, "postfix")
        (self.directory / "queue").mkdir(exist_ok=True)
        (self.directory / "main.cf").write_text(MAIN.format(
            directory=self.directory, commands=COMMANDS, daemons=DAEMONS, next_port=self._next_port))
        (self.directory / "master.cf").write_text(MASTER.format(directory=self.directory, port=self.port))
        script = self.directory / "hand-over"
        script.write_text(HAND_OVER.format(port=self.bounces.port))
        script.chmod(0o755)

    def _answers(self) -> bool:
        try:
            with SMTP("127.0.0.1", self.port, timeout=5) as client:
                return client.noop()[0] == 250
        except OSError:
            return False
