"""A private RabbitMQ, with an Erlang port mapper (epmd) of its own."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.certificates import TestAuthority
from tests.servers.ports import free_port
from tests.servers.processes import Process, ServerError, ServerMissingError
from tests.servers.server import START_TIMEOUT, Server
from tests.servers.waiting import wait_until

#: Distribution on loopback only, and schedulers that sleep instead of spinning while idle: tests
#: share the cores.
ERLANG_OPTIONS = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"

#: What a node may use.
MEMORY = "1GB"

#: Erlang's terms, since RabbitMQ works for half a second to read a ``rabbitmq.conf``.
CONFIGURATION = """\
{{vm_memory_high_watermark, {{absolute, "{memory}"}}}},
{{disk_free_limit, "200MB"}},
{{log, [{{console, [{{enabled, false}}]}}]}},
{{tcp_listeners, [{listeners}]}}"""

#: Where it's reached by others than this machine, who sign in as everybody does.
ELSEWHERE = """,
{loopback_users, []}"""

#: TLS with client certificates, whose common name is the user.
TLS = """,
{{ssl_listeners, [{{"127.0.0.1", {port}}}]}},
{{ssl_options, [
  {{cacertfile, "{files}/ca.pem"}}, {{certfile, "{files}/server.pem"}}, {{keyfile, "{files}/server.key"}},
  {{verify, verify_peer}}, {{fail_if_no_peer_cert, false}}]}},
{{ssl_cert_login_from, common_name}},
{{auth_mechanisms, ['EXTERNAL', 'PLAIN']}}"""

#: The virtual host of whoever names none.
DEFAULT_VHOST = "/"
#: Makes the node say what an expression comes to, and how ``erl_call`` ends when it did.
SAY = 'io:format("~ts", [rabbit_json:encode({})]).\n'
SAID = "{ok, ok}"
#: Whom the node's own log names.
ACTING = '<<"test">>'

#: The header that an AMQP 0-9-1 client begins with, and the type of the frame that answers it.
PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME = b"\x01"


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as the server knows it; ``messages`` counts ready and unacknowledged ones."""

    name: str
    messages: int
    consumers: int
    arguments: dict[str, Any]


class RabbitMQ(Server):
    """A RabbitMQ node. Durable queues and persistent messages survive all but :meth:`wipe`.

    A crash may also lose queues that were declared in the moment before.

    It's on loopback, and on the address ``also_on`` if there's one. With an ``authority`` it also speaks TLS,
    on :attr:`tls_port`, and logs in whom a certificate of that authority names.
    """

    def __init__(
        self, directory: Path, *, also_on: str | None = None, authority: TestAuthority | None = None,
    ) -> None:
        super().__init__(directory, free_port())
        self.authority = authority
        self.tls_port = free_port()
        self._also_on = also_on
        self._epmd_port = free_port()
        self._distribution_port = free_port()
        self._epmd: Process | None = None
        self._numbers = itertools.count(1)
        self._node = f"test-{self.port}@localhost"
        self._cookie = self.directory / ".erlang.cookie"

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def stop(self) -> None:
        """Stop in order; connected clients are told."""
        super().stop()
        self._end_epmd()

    def kill(self) -> None:
        """End as a crash would."""
        super().kill()
        self._end_epmd()

    def write_down(self) -> None:
        """Write down who and what was made a moment ago, which RabbitMQ 3.10 loses in a crash otherwise."""
        self.evaluate("mnesia:dump_log()")

    def wipe(self) -> None:
        """Lose everything, queues, messages and settings, and come up empty on the same port."""
        self.kill()
        shutil.rmtree(self.directory / "mnesia")
        self.start()

    def ctl(self, *arguments: str) -> str:
        """The output of ``rabbitmqctl``; it works for half a second, :meth:`evaluate` for 1 ms."""
        done = subprocess.run(
            [_programs() / "rabbitmqctl", "-q", *arguments],
            env=self._environment(), cwd=self.directory, capture_output=True, text=True, check=False,
        )
        if done.returncode:
            raise ServerError(f"rabbitmqctl {' '.join(arguments)}: {done.stderr}{done.stdout}")
        return done.stdout

    def evaluate(self, expression: str) -> Any:
        """What the node makes of an Erlang expression, as far as JSON can say it."""
        cookie = self._cookie.read_text()
        # By default all have the same name, and the node refuses one while it has another's connection.
        own_name = f"asks-{os.getpid()}-{next(self._numbers)}"
        done = subprocess.run(
            [_erlang("erl_call"), "-h", own_name, "-sname", self._node, "-c", cookie, "-fetch_stdout", "-e"],
            input=SAY.format(expression), env=self._environment(), capture_output=True, encoding="utf-8",
            check=False)
        if done.returncode or not done.stdout.endswith(SAID):
            raise ServerError(f"RabbitMQ doesn't evaluate {expression}: {done.stderr}{done.stdout}")
        return json.loads(done.stdout.removesuffix(SAID))

    def list_queues(self, vhost: str = DEFAULT_VHOST) -> dict[str, Queue]:
        """All queues by name."""
        columns = ("name", "messages", "consumers", "arguments")
        rows = self.evaluate(f"""[
            [Name, Messages, Consumers, [[Argument, Value] || {{Argument, _, Value}} <- Arguments]]
            || [{{name, {{resource, _, _, Name}}}}, {{messages, Messages}}, {{consumers, Consumers}},
                {{arguments, Arguments}}]
            <- rabbit_amqqueue:info_all({_binary(vhost)}, [{', '.join(columns)}])]""")
        return {
            name: Queue(name, messages, consumers, dict(arguments))
            for name, messages, consumers, arguments in rows}

    def list_bindings(self) -> list[list[str]]:
        """All pairs of an exchange and a queue that gets some of its messages."""
        found: list[list[str]] = self.evaluate(f"""[
            [Exchange, Queue] || {{binding, {{resource, _, _, Exchange}}, _, {{resource, _, _, Queue}}, _}}
            <- rabbit_binding:list({_binary(DEFAULT_VHOST)})]""")
        return found

    def add_vhost(self, vhost: str) -> None:
        """Make a virtual host, in which nobody may do anything."""
        self.evaluate(f"rabbit_vhost:add({_binary(vhost)}, {ACTING})")

    def delete_vhost(self, vhost: str) -> None:
        """Delete a virtual host and what's in it."""
        self.evaluate(f"rabbit_vhost:delete({_binary(vhost)}, {ACTING})")

    def add_user(self, user: str, password: str) -> None:
        """Make a user, who may do nothing."""
        self.evaluate(
            f"rabbit_auth_backend_internal:add_user({_binary(user)}, {_binary(password)}, {ACTING})")

    def delete_user(self, user: str) -> None:
        """Delete a user."""
        self.evaluate(f"rabbit_auth_backend_internal:delete_user({_binary(user)}, {ACTING})")

    def set_permissions(self, user: str, *, configure: str = ".*", vhost: str = DEFAULT_VHOST) -> None:
        """Let a user publish and consume, and declare what matches a regular expression."""
        given = ", ".join(map(_binary, (user, vhost, configure, ".*", ".*")))
        self.evaluate(f"rabbit_auth_backend_internal:set_permissions({given}, {ACTING})")

    def set_policy(self, name: str, pattern: str, definition: Mapping[str, object]) -> None:
        """Apply arguments to queues whose name matches a regular expression."""
        given = ", ".join(map(_binary, (DEFAULT_VHOST, name, pattern, json.dumps(definition), "0", "queues")))
        self.evaluate(f"rabbit_policy:parse_set({given}, {ACTING})")

    def clear_policy(self, name: str) -> None:
        """Apply a policy no longer."""
        self.evaluate(f"rabbit_policy:delete({_binary(DEFAULT_VHOST)}, {_binary(name)}, {ACTING})")

    @contextmanager
    def memory_alarm(self) -> Iterator[None]:
        """Take no messages until the end of the block, for want of memory."""
        self._limit_memory("1MB")
        try:
            yield
        finally:
            self._limit_memory(MEMORY)

    def _limit_memory(self, limit: str) -> None:
        self.evaluate(f'vm_memory_monitor:set_vm_memory_high_watermark({{absolute, "{limit}"}})')

    def _launch(self) -> Process:
        server = _programs() / "rabbitmq-server"
        self._write_files()
        self._start_epmd()
        # Makes the start script become the Erlang machine, where it would stay beside it as a second
        # process; it changes nothing else.
        environment = {**self._environment(), "RUNNING_UNDER_SYSTEMD": "true"}
        return Process([server], log=self.directory / "output", environment=environment)

    def _write_files(self) -> None:
        (self.directory / "mnesia").mkdir(exist_ok=True)
        (self.directory / "rabbitmq.config").write_text(f"[{{rabbit, [\n{self._configuration()}]}}].\n")
        plugins = "[rabbitmq_auth_mechanism_ssl]." if self.authority else "[]."
        (self.directory / "enabled_plugins").write_text(plugins)
        if not self._cookie.exists():
            self._cookie.touch(0o600)
            self._cookie.write_text(secrets.token_hex(20))
            self._cookie.chmod(0o400)

    def _configuration(self) -> str:
        addresses = ["127.0.0.1", *([self._also_on] if self._also_on else [])]
        listeners = ", ".join(f'{{"{address}", {self.port}}}' for address in addresses)
        said = CONFIGURATION.format(memory=MEMORY, listeners=listeners)
        if self._also_on is not None:
            said += ELSEWHERE
        if self.authority is not None:
            said += TLS.format(port=self.tls_port, files=self.authority.directory)
        return said

    def _start_epmd(self) -> None:
        # Without one the node would start it, as a daemon that lives on after us.
        command = [_erlang("epmd"), "-port", str(self._epmd_port), "-address", "127.0.0.1"]
        self._epmd = Process(command, log=self.directory / "epmd.log")
        wait_until(lambda: _greeting(self._epmd_port) is not None, START_TIMEOUT, "epmd doesn't answer")

    def _end_epmd(self) -> None:
        if self._epmd is not None and self._epmd.running:
            self._epmd.kill()

    def _environment(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")}
        home = self.directory
        return {
            **outside,
            "HOME": str(home),  # Erlang looks for its cookie there
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.config",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{home}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{home}/mnesia",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_PLUGINS_EXPAND_DIR": f"{home}/plugins",
            "RABBITMQ_PID_FILE": f"{home}/pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_OPTIONS,
        }

    def _answers(self) -> bool:
        # The port is open before the node is ready, but then nobody answers. It does before all of it runs.
        if _greeting(self.port, PROTOCOL_HEADER, expect=1) != METHOD_FRAME:
            return False
        with suppress(ServerError):
            return bool(self.evaluate("rabbit:is_running()"))
        return False


def _binary(text: str) -> str:
    """A string as Erlang writes it; what has to be escaped is what JSON escapes."""
    return f"<<{json.dumps(text)}>>"


def _greeting(port: int, said: bytes = b"", expect: int = 0) -> bytes | None:
    """The first bytes that a server answers, ``None`` if nobody does."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(said)
            return connection.recv(expect) if expect else b""
    except OSError:
        return None


def _erlang(name: str) -> str:
    """A program of Erlang's."""
    program = shutil.which(name)
    if program is None:
        raise ServerMissingError("rabbitmq-server (erlang-base)")
    return program


def _programs() -> Path:
    """The folder of the scripts that run as any user.

    Debian's own ones on the PATH change to the user ``rabbitmq`` and its settings.
    """
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
    on_path = shutil.which("rabbitmq-server")
    if not found and on_path is not None:
        found = [folder for folder in [Path(on_path).resolve().parent] if (folder / "rabbitmq-env").exists()]
    if not found:
        raise ServerMissingError("rabbitmq-server")
    return found[-1]
