"""Hosts of their own for processes, and cuts between them and the servers: packets vanish, nobody is told.

Each host is a network namespace. All of them are on one wire, a bridge, with this machine, on which the
servers are. What is cut is dropped by a filter in the host's own namespace, in both directions.

This machine gets no address, but a route to itself. Chromium, with which other tests work meanwhile, breaks
off connections whenever an address comes or goes (``ERR_NETWORK_CHANGED``).
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.processes import ServerMissingError

#: Addresses for tests of networks (RFC 2544): nobody else has them.
NETWORK = "198.18"
#: A filter that drops what goes to a port of the servers, and what comes from there.
CUT = """
add table inet {table}
add chain inet {table} out {{ type filter hook output priority 0; }}
add chain inet {table} in {{ type filter hook input priority 0; }}
add rule inet {table} out ip daddr {address} tcp dport {port} drop
add rule inet {table} in ip saddr {address} tcp sport {port} drop
"""
#: The names of our devices and hosts begin with the process that made them.
LEFT_BEHIND = re.compile(r"fmn(\d+)(v\d+|-\d+)?$")


class NoNetworkError(Exception):
    """There can't be hosts here; says why."""


class Network:
    """Hosts for processes, and :attr:`address`, by which they reach this machine."""

    def __init__(self) -> None:
        # Another run beside us has another one.
        number = os.getpid() % 250
        self.address = f"{NETWORK}.{number}.1"
        self._prefix = f"fmn{os.getpid()}"
        self._numbers = itertools.count(2)
        self._addresses = f"{NETWORK}.{number}"
        self._closing = ExitStack()

    def open(self) -> None:
        """Lay the wire. Raises :class:`NoNetworkError`."""
        if os.geteuid() != 0:
            raise NoNetworkError("only root may make network namespaces")
        for program, package in (("ip", "iproute2"), ("nft", "nftables"), ("nsenter", "util-linux")):
            if shutil.which(program) is None:
                raise NoNetworkError(str(ServerMissingError(package)))
        _tidy_up()
        try:
            _run("ip", "link", "add", self._prefix, "type", "bridge")
            self._closing.callback(_run, "ip", "link", "delete", self._prefix)
            _up(self._prefix)
            _run("ip", "route", "add", "local", self.address, "dev", self._prefix, "table", "local")
            _run("ip", "route", "add", f"{self._addresses}.0/24", "dev", self._prefix)
            self._cuttable()
        except subprocess.CalledProcessError as error:
            self.close()
            raise NoNetworkError(f"network namespaces don't work here: {error.stderr.strip()}") from error

    def _cuttable(self) -> None:
        with self.cut([self.add_host()], 9):
            pass

    def add_host(self) -> str:
        """A new host; returns its name."""
        number = next(self._numbers)
        name, cable = f"{self._prefix}-{number}", f"{self._prefix}v{number}"
        _run("ip", "netns", "add", name)
        self._closing.callback(_run, "ip", "netns", "delete", name)
        _run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        self._closing.callback(_run, "ip", "link", "delete", cable)
        _run("ip", "link", "set", cable, "master", self._prefix)
        _up(cable)
        _run("ip", "-n", name, "address", "add", f"{self._addresses}.{number}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _run("ip", "-n", name, "link", "set", device, "up")
        return name

    @contextmanager
    def cut(self, hosts: Iterable[str], *ports: int) -> Iterator[None]:
        """Nothing passes between these hosts and these ports of the servers until the end of the block."""
        tables = [(host, f"cut{port}", port) for host in hosts for port in ports]
        for host, table, port in tables:
            rules = CUT.format(table=table, address=self.address, port=port)
            _run(*within(host), "nft", "-f", "-", said=rules)
        try:
            yield
        finally:
            for host, table, _ in tables:
                _run(*within(host), "nft", "delete", "table", "inet", table)

    def close(self) -> None:
        """Take everything down; processes that still run there are cut off for good."""
        self._closing.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()


def within(host: str) -> Sequence[str]:
    """What a command has to begin with in order to run on a host."""
    return ["nsenter", f"--net=/run/netns/{host}", "--"]


def _up(device: str) -> None:
    """Take a device of this machine into service without the address that IPv6 gives each."""
    _run("ip", "link", "set", device, "addrgenmode", "none")
    _run("ip", "link", "set", device, "up")


def _tidy_up() -> None:
    """Take down what a run that was killed left behind."""
    for folder, kind in (("/sys/class/net", "link"), ("/run/netns", "netns")):
        for path in Path(folder).glob("fmn*"):
            process = LEFT_BEHIND.match(path.name)
            if process and not Path("/proc", process[1]).exists():
                with suppress(subprocess.CalledProcessError):
                    _run("ip", kind, "delete", path.name)


def _run(*command: str, said: str | None = None) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, input=said)
