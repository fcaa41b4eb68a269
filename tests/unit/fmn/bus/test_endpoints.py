from __future__ import annotations

import threading

import pytest
from structlog.testing import capture_logs

from fmn.bus.endpoints import Resolver, host_of, resolves
from fmn.bus.errors import BusError
from tests.servers.waiting import wait_until


class Hosts:
    """A name service whose hosts a test adds."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)
        self.asked: list[str] = []

    def __call__(self, host: str) -> bool:
        self.asked.append(host)
        return host in self.known


def ready(resolver: Resolver, number: int) -> list[str]:
    found: list[str] = []

    def look() -> bool:
        found.extend(resolver.ready())
        return len(found) >= number

    wait_until(look, 10, f"{number} endpoints ready")
    return found


@pytest.mark.parametrize(("endpoint", "host"), [
    ("tcp://hub.example.org:9940", "hub.example.org"),
    ("tcp://hub:1", "hub"),
    ("tcp://127.0.0.1:9940", None),
    ("tcp://[::1]:9940", None),
    ("ipc:///run/bus", None),
    ("inproc://bus", None),
])
def test_only_names_are_looked_up(endpoint: str, host: str | None) -> None:
    assert host_of(endpoint) == host


@pytest.mark.parametrize("endpoint", [
    "", "hub.example.org:9940", "tcp://hub.example.org", "tcp://hub.example.org:", "tcp://:9940", "tcp:hub:1",
    "tcp://hub:port", "tcp://a b:1", "http://hub.example.org:80", "tcp://hub:65536", "tcp://127.0.0.1:99999"])
def test_what_is_no_address_is_refused(endpoint: str) -> None:
    with pytest.raises(BusError, match="isn't an address such as tcp://hub"):
        host_of(endpoint)


def test_this_machine_resolves_and_nonsense_does_not() -> None:
    assert resolves("localhost")
    assert not resolves("a..b")
    assert not resolves("x" * 300)


def test_addresses_are_ready_at_once_and_each_only_once() -> None:
    resolver = Resolver(["tcp://127.0.0.1:1", "ipc:///a", "tcp://127.0.0.1:1"], lookup=Hosts())

    assert resolver.ready() == ["tcp://127.0.0.1:1", "ipc:///a"]
    assert resolver.ready() == []


def test_a_host_is_looked_up_once_for_all_its_endpoints() -> None:
    hosts = Hosts("hub")
    resolver = Resolver(["tcp://hub:1", "tcp://hub:2"], lookup=hosts)

    assert ready(resolver, 2) == ["tcp://hub:1", "tcp://hub:2"]
    assert hosts.asked == ["hub"]


def test_a_host_that_nobody_knows_is_warned_of_once_and_found_later() -> None:
    # Given a host that isn't known yet, and one that is
    hosts = Hosts("hub")
    with capture_logs() as logs:
        resolver = Resolver(["tcp://new:1", "tcp://hub:1"], lookup=hosts, retry_seconds=0.01)

        # Then the other one is ready anyway
        assert ready(resolver, 1) == ["tcp://hub:1"]
        wait_until(lambda: hosts.asked.count("new") > 3, 10, "several look-ups")

        # When it becomes known, then so is this
        hosts.known.add("new")
        assert ready(resolver, 1) == ["tcp://new:1"]

    assert [(entry["event"], entry["host"]) for entry in logs] == [("bus host not found", "new")]


def test_closing_stops_looking_up() -> None:
    hosts = Hosts()
    resolver = Resolver(["tcp://new:1"], lookup=hosts, retry_seconds=3600)
    wait_until(lambda: hosts.asked, 10, "a look-up")

    resolver.close()

    wait_until(
        lambda: not any(thread.name == "fmn-bus-resolver" for thread in threading.enumerate()), 10, "the end")
