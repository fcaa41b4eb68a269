"""Connections on users' behalf, to real servers: on loopback, which is refused unless it's allowed."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpcore
import pytest

from fmn.delivery.egress.http_backend import GuardedNetworkBackend, deadline_at
from fmn.delivery.egress.network_policy import EgressError, NetworkPolicy
from tests.servers.receiver import Answer, Receiver

LOOPBACK = NetworkPolicy([ip_network("127.0.0.0/8")])


@contextmanager
def pool_for(networks: NetworkPolicy, trusted: Path | None = None) -> Iterator[httpcore.ConnectionPool]:
    context = ssl.create_default_context(cafile=trusted)
    with httpcore.ConnectionPool(
            ssl_context=context, network_backend=GuardedNetworkBackend(networks.check)) as pool:
        yield pool


def status_of(pool: httpcore.ConnectionPool, url: str, seconds: float = 10.0) -> int:
    with deadline_at(time.monotonic() + seconds):
        return pool.request("GET", url).status


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Answer look-ups of names so, one after the other; returns the names that were looked up."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if not str(host).endswith(".example.org"):
            return real(host, port, *arguments, **named)
        asked.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in answers[min(len(asked), len(answers)) - 1]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_a_port_that_is_not_allowed_is_refused() -> None:
    with Receiver() as server, pool_for(NetworkPolicy([ip_network("127.0.0.0/8")], [range(80, 81)])) as pool:
        with pytest.raises(EgressError, match=rf"port {server.port} isn't one of those"):
            status_of(pool, server.url)
        assert server.connections == 0


@pytest.mark.parametrize("host", [
    "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0", "2130706433",
])
def test_loopback_is_refused_however_it_is_spelled(host: str) -> None:
    with Receiver() as server, pool_for(NetworkPolicy()) as pool:
        with pytest.raises(EgressError, match="its address isn't public"):
            status_of(pool, f"http://{host}:{server.port}/")
        assert server.connections == 0


def test_loopback_is_reached_where_it_is_allowed() -> None:
    with Receiver() as server, pool_for(LOOPBACK) as pool:
        assert status_of(pool, f"{server.url}/here") == 200
        assert status_of(pool, f"{server.url}/again") == 200
        assert [(each.path, each.connection) for each in server.received] == [("/here", 1), ("/again", 1)]


def test_a_name_is_refused_if_any_of_its_addresses_is(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a name with one harmless address, and ours
    resolving(monkeypatch, ["9.9.9.9", "127.0.0.1"])
    with Receiver() as server, pool_for(NetworkPolicy()) as pool:
        with pytest.raises(EgressError):
            status_of(pool, f"http://rebinding.example.org:{server.port}/")
        assert server.connections == 0


@pytest.mark.parametrize("host", ["nowhere.invalid", f"{'a' * 64}.example.com", "a..example.com"])
def test_what_is_no_name_has_no_address(host: str) -> None:
    with pool_for(LOOPBACK) as pool, pytest.raises(socket.gaierror):
        status_of(pool, f"http://{host}/")


def test_what_was_checked_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a name that has an allowed address when it's looked up first, and another one from then on
    asked = resolving(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
    with Receiver() as server, pool_for(NetworkPolicy([ip_network("127.0.0.1")])) as pool:
        assert status_of(pool, f"http://rebinding.example.org:{server.port}/") == 200
        # Then it was looked up once
        assert asked == ["rebinding.example.org"]
        assert server.received[0].headers["host"] == f"rebinding.example.org:{server.port}"


def test_another_address_is_tried_where_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["127.0.0.9", "127.0.0.1"])
    with Receiver() as server, pool_for(LOOPBACK) as pool:
        assert status_of(pool, f"http://two.example.org:{server.port}/") == 200


def test_the_certificate_has_to_be_the_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Given a server whose certificate is for localhost
    resolving(monkeypatch, ["127.0.0.1"])
    with Receiver(tmp_path) as server, pool_for(LOOPBACK, server.certificate) as pool:
        assert status_of(pool, f"https://localhost:{server.port}/") == 200
        # When it's called by another name that leads to the same address
        with pytest.raises(httpcore.ConnectError, match="certificate verify failed: Hostname mismatch"):
            status_of(pool, f"https://other.example.org:{server.port}/")


@pytest.mark.parametrize("answer", [Answer(hangs=True), Answer(trickles=True)])
def test_a_server_that_takes_its_time_does_not_get_ours(answer: Answer) -> None:
    with Receiver() as server, pool_for(LOOPBACK) as pool:
        server.answers.append(answer)
        with pytest.raises(httpcore.ReadTimeout):
            status_of(pool, server.url, seconds=0.3)
        assert status_of(pool, server.url) == 200


def test_nothing_is_sent_when_the_time_is_up() -> None:
    with Receiver() as server, pool_for(LOOPBACK) as pool:
        assert status_of(pool, server.url) == 200
        # Given a connection that is open already
        with pytest.raises(httpcore.WriteTimeout):
            status_of(pool, server.url, seconds=0)
        assert len(server.received) == 1


def test_redirects_lead_nowhere() -> None:
    with Receiver() as server, Receiver() as inner, pool_for(LOOPBACK) as pool:
        server.answers.append(Answer(302, headers={"Location": f"{inner.url}/secrets"}))
        assert status_of(pool, server.url) == 302
        assert inner.connections == 0
