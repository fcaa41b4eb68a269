from __future__ import annotations

import threading
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from fmn.sources.errors import BusError
from fmn.sources.fedmsg.resolver import Resolver, host_of, resolve_ipv4
from tests.servers.waiting import wait_until

ADDRESS = "192.0.2.7"


class Hosts:
    """A name service whose hosts a test adds."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)
        self.asked: list[str] = []

    def __call__(self, host: str) -> str | None:
        self.asked.append(host)
        return ADDRESS if host in self.known else None


def ready(resolver: Resolver, number: int) -> list[str]:
    found: list[str] = []

    def look() -> bool:
        found.extend(address for _, address in resolver.ready())
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
    assert resolve_ipv4("localhost") == "127.0.0.1"
    assert resolve_ipv4("a..b") is None
    assert resolve_ipv4("x" * 300) is None


def test_addresses_are_ready_at_once_and_each_only_once() -> None:
    resolver = Resolver(["tcp://127.0.0.1:1", "ipc:///a", "tcp://127.0.0.1:1"], lookup=Hosts())

    assert resolver.ready() == [(each, each) for each in ("tcp://127.0.0.1:1", "ipc:///a")]
    assert resolver.ready() == []


def test_an_endpoint_is_ready_once_more_when_it_is_to_be_looked_up_again() -> None:
    # Given endpoints that were found
    hosts = Hosts("hub")
    resolver = Resolver(["tcp://hub:1", "tcp://127.0.0.1:1"], lookup=hosts)
    ready(resolver, 2)

    # When they're looked up again, then they're ready again
    resolver.look_up("tcp://hub:1")
    resolver.look_up("tcp://127.0.0.1:1")
    assert sorted(ready(resolver, 2)) == ["tcp://127.0.0.1:1", f"tcp://{ADDRESS}:1"]
    assert hosts.asked == ["hub", "hub"]
    resolver.close()


def test_a_host_is_looked_up_once_for_all_its_endpoints() -> None:
    hosts = Hosts("hub")
    with closing(Resolver(["tcp://hub:1", "tcp://hub:2"], lookup=hosts)) as resolver:
        assert ready(resolver, 2) == [f"tcp://{ADDRESS}:1", f"tcp://{ADDRESS}:2"]
    assert hosts.asked == ["hub"]


def test_a_host_that_nobody_knows_is_warned_of_once_and_found_later() -> None:
    # Given a host that isn't known yet, and one that is
    hosts = Hosts("hub")
    endpoints = ["tcp://new:1", "tcp://hub:2"]
    with capture_logs() as logs, closing(Resolver(endpoints, lookup=hosts, retry_seconds=0.01)) as resolver:
        # Then the other one is ready anyway
        assert ready(resolver, 1) == [f"tcp://{ADDRESS}:2"]
        wait_until(lambda: hosts.asked.count("new") > 3, 10, "several look-ups")

        # When it becomes known, then so is this
        hosts.known.add("new")
        assert ready(resolver, 1) == [f"tcp://{ADDRESS}:1"]

    assert [(entry["event"], entry["host"]) for entry in logs] == [("bus host not found", "new")]


def test_closing_stops_looking_up() -> None:
    before = _threads()
    hosts = Hosts()
    resolver = Resolver(["tcp://new:1"], lookup=hosts, retry_seconds=3600)
    wait_until(lambda: hosts.asked, 10, "a look-up")

    resolver.close()

    wait_until(lambda: _threads() <= before, 10, "the end")


def _threads() -> set[int | None]:
    return {thread.ident for thread in threading.enumerate() if thread.name == "fmn-bus-resolver"}
