"""Libraries that connect by themselves, within a guard; here requests, as Apprise uses it."""

from __future__ import annotations

import math
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path
from types import ModuleType

import pytest
import requests

from fmn.delivery.egress import library_guard
from fmn.delivery.egress.library_guard import ConnectionGuard, guarded, is_guarded, require_guard
from fmn.delivery.egress.network_policy import EgressError, NetworkPolicy
from tests.servers.receiver import Answer, Receiver
from tests.servers.waiting import wait_until

LOOPBACK = NetworkPolicy([ip_network("127.0.0.0/8")])
#: Seconds: more than anything takes here, and what a library might wait for if it were asked.
A_WHILE = 10.0
LONG = 100.0


@pytest.fixture(autouse=True)
def no_library_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a channel said before, in this process: here requests is used outside of guards as well."""
    monkeypatch.setattr(library_guard, "_guarded_packages", set())


def soon(seconds: float = A_WHILE) -> float:
    return time.monotonic() + seconds


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"])
def test_loopback_is_refused_however_it_is_spelled(host: str) -> None:
    with Receiver() as server:
        with guarded(NetworkPolicy().check, soon()) as guard, pytest.raises(requests.ConnectionError):
            requests.get(f"http://{host}:{server.port}/", timeout=A_WHILE)
        assert isinstance(guard.refusal, EgressError)
        assert server.connections == 0


def test_loopback_is_reached_where_it_is_allowed_and_outside_of_a_guard() -> None:
    with Receiver() as server:
        with guarded(LOOPBACK.check, soon()) as guard:
            assert requests.get(server.url, timeout=A_WHILE).status_code == 200
        assert guard.refusal is None
        assert requests.get(server.url, timeout=A_WHILE).status_code == 200


def test_a_thread_that_was_there_before_is_not_guarded() -> None:
    go, found = threading.Event(), list[int]()

    def ask() -> None:
        go.wait(A_WHILE)
        found.append(requests.get(server.url, timeout=A_WHILE).status_code)

    with Receiver() as server:
        other = threading.Thread(target=ask)
        other.start()
        with guarded(NetworkPolicy().check, soon()):
            go.set()
            other.join()
    assert found == [200]


class TestThreadsOfALibrary:
    """A library that sends from threads of its own: a pool, and the one that each of these may start."""

    def test_are_guarded(self) -> None:
        with Receiver() as server, ThreadPoolExecutor(1) as pool:
            with guarded(NetworkPolicy().check, soon()) as guard:
                answer = pool.submit(requests.get, server.url, timeout=A_WHILE)
                with pytest.raises(requests.ConnectionError):
                    answer.result()
            assert isinstance(guard.refusal, EgressError)
            assert server.connections == 0

    def test_reach_what_is_allowed(self) -> None:
        with Receiver() as server, ThreadPoolExecutor(1) as pool, guarded(LOOPBACK.check, soon()):
            assert pool.submit(requests.get, server.url, timeout=A_WHILE).result().status_code == 200

    def test_are_guarded_when_they_outlive_it_and_so_are_those_that_they_start(self) -> None:
        with Receiver() as server, ThreadPoolExecutor(1) as pool:
            with guarded(LOOPBACK.check, soon()):
                pool.submit(is_guarded).result()

            def ask_by_another() -> object:
                with ThreadPoolExecutor(1) as another:
                    return another.submit(requests.get, server.url, timeout=A_WHILE).result()

            with pytest.raises(requests.ConnectionError):
                pool.submit(ask_by_another).result()
            assert server.connections == 0
            # And nobody else is
            assert requests.get(server.url, timeout=A_WHILE).status_code == 200

    def test_that_nobody_could_know_again_are_not_started(self) -> None:
        guard = ConnectionGuard(LOOPBACK.check, math.inf)
        with pytest.raises(EgressError, match="tried to start a thread without a name"):
            guard.enforce("_thread.start_new_thread", (lambda: None, ()))


def test_a_library_that_is_never_to_be_unguarded_reaches_nothing_elsewhere() -> None:
    # Given a library whose objects say good-bye to their servers when they're deleted
    require_guard("a_library")
    library = ModuleType("a_library.client")
    exec("import requests\ndef bye(url):\n    return requests.get(url, timeout=10)", vars(library))  # noqa: S102
    with Receiver() as server:
        # When one is, outside of any delivery, then it doesn't reach them
        with pytest.raises(requests.ConnectionError, match="a_library tried to connect outside of a"):
            library.bye(server.url)
        assert server.connections == 0
        with guarded(LOOPBACK.check, soon()):
            assert library.bye(server.url).status_code == 200
        # Others do
        assert requests.get(server.url, timeout=A_WHILE).status_code == 200


def test_a_port_that_is_not_allowed_is_refused_wherever_a_redirect_comes_from() -> None:
    with Receiver() as first, Receiver() as server:
        networks = NetworkPolicy([ip_network("127.0.0.0/8")], [range(first.port, first.port + 1)])
        first.answers.append(Answer(302, headers={"Location": f"http://127.0.0.1:{server.port}/secrets"}))
        with guarded(networks.check, soon()) as guard, pytest.raises(requests.ConnectionError):
            requests.get(first.url, timeout=A_WHILE)
        assert f"port {server.port} isn't one of those that are allowed here" in str(guard.refusal)
        assert (first.connections, server.connections) == (1, 0)


def test_a_redirect_is_checked_as_the_first_address_was() -> None:
    with Receiver() as server, guarded(NetworkPolicy([ip_network("127.0.0.1")]).check, soon()) as guard:
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
    guard = ConnectionGuard(LOOPBACK.check, math.inf)
    with Receiver() as server, socket.socket() as connection:
        guard.close_all()
        with pytest.raises(TimeoutError):
            guard.enforce("socket.connect", (connection, ("127.0.0.1", server.port)))


def test_pauses_fit_into_the_time_there_is() -> None:
    guard = ConnectionGuard(LOOPBACK.check, soon(60))
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
