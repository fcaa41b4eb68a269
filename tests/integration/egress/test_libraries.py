"""Libraries that connect by themselves, within a guard; here requests, as Apprise uses it."""

from __future__ import annotations

import math
import socket
import subprocess
import sys
import threading
import time
from ipaddress import ip_network
from pathlib import Path

import pytest
import requests

from fmn.egress.libraries import Guard, guarded
from fmn.egress.networks import EgressError, Networks
from tests.servers.receiver import Answer, Receiver
from tests.servers.waiting import wait_until

LOOPBACK = Networks([ip_network("127.0.0.0/8")])
#: Seconds: more than anything takes here, and what a library might wait for if it were asked.
A_WHILE = 10.0
LONG = 100.0


def soon(seconds: float = A_WHILE) -> float:
    return time.monotonic() + seconds


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"])
def test_loopback_is_refused_however_it_is_spelled(host: str) -> None:
    with Receiver() as server:
        with guarded(Networks().check, soon()) as guard, pytest.raises(requests.ConnectionError):
            requests.get(f"http://{host}:{server.port}/", timeout=A_WHILE)
        assert isinstance(guard.refusal, EgressError)
        assert server.connections == 0


def test_loopback_is_reached_where_it_is_allowed_and_outside_of_a_guard() -> None:
    with Receiver() as server:
        with guarded(LOOPBACK.check, soon()) as guard:
            assert requests.get(server.url, timeout=A_WHILE).status_code == 200
        assert guard.refusal is None
        assert requests.get(server.url, timeout=A_WHILE).status_code == 200


def test_a_guard_is_one_threads_own() -> None:
    with Receiver() as server, guarded(Networks().check, soon()):
        found: list[int] = []
        other = threading.Thread(
            target=lambda: found.append(requests.get(server.url, timeout=A_WHILE).status_code))
        other.start()
        other.join()
        assert found == [200]


def test_a_redirect_is_checked_as_the_first_address_was() -> None:
    with Receiver() as server, guarded(Networks([ip_network("127.0.0.1")]).check, soon()) as guard:
        server.answers.append(Answer(302, headers={"Location": f"http://127.0.0.2:{server.port}/secrets"}))
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url, timeout=A_WHILE)
        assert isinstance(guard.refusal, EgressError)
        assert [each.path for each in server.received] == ["/"]


def test_a_name_that_is_resolved_on_connecting_is_refused() -> None:
    with Receiver() as server, guarded(LOOPBACK.check, soon()), socket.socket() as plain:
        with pytest.raises(EgressError, match="'localhost' isn't a numeric address"):
            plain.connect(("localhost", server.port))
        assert server.connections == 0


def test_sockets_of_this_machine_are_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        with guarded(LOOPBACK.check, soon()), pytest.raises(EgressError, match="isn't an Internet address"):
            client.connect(str(tmp_path / "socket"))


def test_datagrams_are_refused() -> None:
    with guarded(LOOPBACK.check, soon()), socket.socket(type=socket.SOCK_DGRAM) as plain, pytest.raises(
            EgressError, match=r"socket\.sendto"):
        plain.sendto(b"hello", ("127.0.0.1", 9))


def test_programs_are_refused() -> None:
    with guarded(LOOPBACK.check, soon()), pytest.raises(EgressError, match=r"subprocess\.Popen"):
        subprocess.run([sys.executable, "--version"], check=True)


@pytest.mark.parametrize("answer", [Answer(hangs=True), Answer(trickles=True)])
def test_a_server_that_takes_its_time_does_not_get_ours(answer: Answer) -> None:
    with Receiver() as server, guarded(LOOPBACK.check, soon(0.3)) as guard:
        server.answers.append(answer)
        # Whatever the library itself is patient with
        with pytest.raises(requests.RequestException):
            requests.get(server.url, timeout=LONG)
        assert guard.is_late


def test_nothing_is_connected_to_or_sent_when_the_time_is_up() -> None:
    with Receiver() as server, requests.Session() as session:
        assert session.get(server.url, timeout=A_WHILE).status_code == 200
        with guarded(LOOPBACK.check, soon(-1)) as guard:
            # Given a connection that is open already, and none
            for get in (session.get, requests.get):
                with pytest.raises(requests.RequestException):
                    get(server.url, timeout=A_WHILE)
            assert isinstance(guard.refusal, TimeoutError)
        assert len(server.received) == 1


def test_a_connection_that_is_made_just_when_the_time_is_up_is_refused() -> None:
    guard = Guard(LOOPBACK.check, math.inf)
    with Receiver() as server, socket.socket() as connection:
        guard.cut()
        with pytest.raises(TimeoutError):
            guard.judge("socket.connect", (connection, ("127.0.0.1", server.port)))


def test_pauses_fit_into_the_time_there_is() -> None:
    guard = Guard(LOOPBACK.check, soon(60))
    guard.pause(0)
    with pytest.raises(TimeoutError, match="there's no time to wait 3600 seconds"):
        guard.pause(3600)
    guard.release()
    with pytest.raises(TimeoutError):
        guard.pause(0)


def test_no_watch_is_left_behind() -> None:
    with guarded(LOOPBACK.check, soon(60)):
        pass
    wait_until(lambda: not any(isinstance(each, threading.Timer) for each in threading.enumerate()), 5.0,
               "a watch goes on")
